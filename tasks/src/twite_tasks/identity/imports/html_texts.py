"""The text of what Mastodon has as HTML. Nothing of it is ever shown as HTML again.

It is read by rules of which each looks at a character once. Python's own parser takes a time that grows with the square
of what isn't closed, and a browser's (`remote_pages`) needs a process of its own for what may be made to do harm.
"""

from html import unescape
from urllib.parse import urlsplit

import regex

MAX_CHARACTERS = 200_000
"""Of HTML that is looked at; posts have a few thousand."""
_PARAGRAPHS = frozenset({"p", "div", "ul", "ol", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"})
_HIDDEN = frozenset({"script", "style", "template", "head"})
_LINES = regex.compile(r"\n{3,}")
_SPACE = regex.compile(r"[ \t\n\f\r]++")
_TOKEN = regex.compile(
    r"<(?P<end>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9]*+)(?P<attributes>(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>"
    r"|(?P<other><[!?][^<>]*+>)"
    r"|(?P<words>[^<]++|<)"
)
_ATTRIBUTE = regex.compile(r"(?P<name>[a-zA-Z-]++)\s*+=\s*+(?:\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)')")


def text_of(html: str, *, domain: str) -> str:
    """Return what people read of a post, with links and people as they are written on `domain`, where it will be."""
    reader = _Reader(domain)
    for token in _TOKEN.finditer(html[:MAX_CHARACTERS]):
        tag = (token["tag"] or "").lower()
        if token["words"]:
            reader.take_words(token["words"])
        elif token["end"]:
            reader.end(tag)
        elif tag:
            reader.begin(tag, token["attributes"])
    lines = "\n".join(line.strip() for line in reader.text().split("\n"))
    return _LINES.sub("\n\n", lines).strip()


class _Reader:
    def __init__(self, domain: str) -> None:
        self._domain = domain.lower()
        self._parts: list[str] = []
        self._link: dict[str, str] | None = None
        self._label: list[str] = []
        self._hidden = 0

    def text(self) -> str:
        """Return what was read so far."""
        return "".join(self._parts)

    def begin(self, tag: str, attributes: str) -> None:
        """Take what begins."""
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "br":
            self._add("\n")
        elif tag in _PARAGRAPHS:
            self._add("\n\n" if self._parts else "")
        elif tag == "li":
            self._add("\n• ")
        elif tag == "a" and self._link is None:
            found = _ATTRIBUTE.finditer(attributes)
            self._link = {one["name"].lower(): unescape(one["double"] or one["single"] or "") for one in found}
            self._label = []

    def end(self, tag: str) -> None:
        """Take what ends."""
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _PARAGRAPHS:
            self._add("\n\n")
        elif tag == "a" and self._link is not None:
            link, self._link = self._link, None
            self._add(self._linked(link, "".join(self._label)))

    def take_words(self, words: str) -> None:
        """Take words, in which lines end nowhere."""
        if not self._hidden:
            self._add(unescape(_SPACE.sub(" ", words)))

    def _add(self, words: str) -> None:
        (self._parts if self._link is None else self._label).append(words)

    def _linked(self, link: dict[str, str], label: str) -> str:
        """Return a link: its address, a hashtag, or somebody with their server, so that nobody here is meant."""
        classes, address = link.get("class", "").split(), link.get("href", "")
        if "hashtag" in classes or label.startswith("#"):
            return label
        if "mention" in classes or label.startswith("@"):
            host = _host(address)
            return label if not host or label.count("@") > 1 or host == self._domain else f"{label}@{host}"
        if not address.startswith(("http://", "https://")):
            return label
        return address if _bare(label) == _bare(address) or not label.strip() else f"{label} ({address})"


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""


def _bare(address: str) -> str:
    return address.strip().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
