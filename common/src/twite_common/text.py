"""The text of posts, names and bios: validating and parsing it, and the one place that makes HTML of it.

What counts as a link, a mention and a hashtag follows Mastodon, so that its clients and this site agree.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from html import escape
from itertools import islice
from typing import NamedTuple

import regex

from twite_common.errors import Invalid
from twite_common.formats import number
from twite_common.translations import gettext as _
from twite_common.translations import ngettext

URL_COUNTS = 23
MAX_SHORTENED_LENGTH = 2048
"""Characters of an address up to which its true length doesn't count."""
MAX_HOST_LENGTH = 253
"""Characters of a host (RFC 1035); what names a longer one mentions nobody, and all of it counts."""
MAX_HASHTAG_LENGTH = 200
BYTES_A_CHARACTER = 8
"""Bytes that a text may have for each character of its limit: those of writing systems that combine many marks fit."""
FEW_BYTES = 4 * 1024
"""Bytes up to which a text may have as many for each character; beyond, it has the four that each may need."""
SHORT_BYTES = 1024
MAX_LINKS = 50
MAX_LINKS_IN_LINE = 10
"""Addresses, mentions and hashtags of a text, and of a line of a profile, that become links: each is many bytes."""
CODE_POINTS = 16
"""Code points of a character, as users see them, that count as one; no real one has more."""
SHOWN_OF_URL = 30

_ADDRESS_CHARACTER = r"(?:[!#-;=?-~]|[^\x00-\x7f\s\p{C}\p{Terminal_Punctuation}\p{Ps}\p{Pe}\p{Pi}\p{Pf}])"
_QUOTED = "|".join(
    rf"{opening}{_ADDRESS_CHARACTER}*+{closing}"
    for opening, closing in ((r"[^\P{Ps}\x00-\x7f]", r"[^\P{Pe}\x00-\x7f]"), *("“”", "„“", "‘’", "‚‘", "«»", "‹›"))
)
# Beyond ASCII, punctuation ends an address, but for an apostrophe within a word, and brackets and quotes in pairs.
_ENTITY = regex.compile(
    r"(?P<url>(?:https?://(?=[\w\[])|(?<!\w)(?:(?:gemini|gopher|ipfs)://|matrix:(?:u|r|roomid)/|magnet:\?|xmpp:)(?=\w))"
    rf"(?:{_ADDRESS_CHARACTER}|(?<=\w)’(?=\w)|{_QUOTED})++)"
    # A name goes on after a hyphen or a dot: @ann-b doesn't name ann.
    r"|(?<![\w/=])@(?P<name>[A-Za-z0-9_]++)(?:(?P<host>@[A-Za-z0-9][A-Za-z0-9.:-]*[A-Za-z0-9])|(?![.-]\w))"
    r"|(?<![\w)&])[#＃](?P<tag>[\w·・\u200c]++)",
    regex.IGNORECASE,
)
_MARKS = ("@", "#", "＃", ":")
_HASHTAG = regex.compile(r"[\w·・\u200c]++")
LANGUAGE = regex.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")
"""The code of a language (BCP 47)."""
_EMOJI = regex.compile(
    r"(?=.*(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}|\u20e3|\p{Regional_Indicator}))"
    r"(?=\X$)[\p{Emoji}\p{Emoji_Component}]+",
    regex.DOTALL,
)
_SHORTCODE = regex.compile(r"(?<![\w:]):([A-Za-z0-9_]{2,64}):(?![\w:])", regex.ASCII)
SHORTCODE = regex.compile(r"[A-Za-z0-9_]{2,64}", regex.ASCII)
"""What one of the site's own emojis may be called."""
_OUTSIDE_TAGS = regex.compile(r"(<[^>]*+>)|(?<![\w:]):([A-Za-z0-9_]{2,64}):(?![\w:])", regex.ASCII)
_CHARACTER = regex.compile(r"\X")
_REFUSED = regex.compile(r"[\p{Cs}\p{Noncharacter_Code_Point}\x00-\x08\x0b-\x1f\x7f-\x9f]")
_UNSTORABLE = regex.compile(r"[\x00\p{Cs}]")
_REORDERING = regex.compile(r"[\u202a-\u202e\u2066-\u2069]")
_SHOWN = regex.compile(r"[^\s\p{Z}\p{Default_Ignorable_Code_Point}]")
# As in the Stream-Safe Text Format (UAX #15, section 13). Composing sorts such marks, in a time that grows with the
# square of their number. Those that are named become such marks only then.
_MARK = r"[\P{ccc=0}\u0f73\u0f75\u0f81\uff9e\uff9f]"
_TOO_MANY_MARKS = regex.compile(rf"({_MARK}{{30}}){_MARK}++")
_BLANK_LINES = regex.compile(r"\n{4,}")
_SPACE = regex.compile(r"\s+")
_PARAGRAPHS = regex.compile(r"\n{2,}")
_ACCENTS = regex.compile(r"([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+")
_BEFORE_NAME = regex.compile(r"https?://(?:www\.)?", regex.IGNORECASE)
_PAGE = regex.compile(r"https?:", regex.IGNORECASE)
_ENDING = frozenset(".,:;!?\"'…")
_CLOSING = {")": "(", "]": "[", "}": "{"}


def clean(text: str) -> str:
    """Return text from outside as it is stored: composed, with plain line ends and no more than two blank lines.

    Marks that would turn the order of what follows around are taken out, and a text in which nothing can be seen is
    empty. Raises Invalid for NUL and other control characters, lone surrogates and code points that aren't characters.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _REFUSED.search(text):
        raise Invalid(_("The text contains invalid characters, such as control characters. Please remove them."))
    composed = unicodedata.normalize("NFC", _bearable(_REORDERING.sub("", text)))
    return _BLANK_LINES.sub("\n\n\n", composed).strip() if _SHOWN.search(composed) else ""


def mended(text: str) -> str:
    """Return text that was written elsewhere without the characters that `clean` refuses."""
    return _REFUSED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean_line(text: str) -> str:
    """Return one line of text from outside as it is stored: like `clean`, with a space for every line end.

    Raises Invalid like `clean`.
    """
    return _SPACE.sub(" ", clean(text))


def count(text: str) -> int:
    """Return the length of a text as its limit counts it.

    Characters are those that users see (grapheme clusters); a URL counts 23, and a host in a mention nothing, unless
    they are longer than any in use. What a text takes in bytes is another question: `excess`.
    """
    total = _length(text)
    for entity in _entities(text):
        if entity.url:
            length = _length(entity.url)
            total += URL_COUNTS - length if length <= MAX_SHORTENED_LENGTH else 0
        elif len(entity.host) <= MAX_HOST_LENGTH + 1:
            total -= len(entity.host)
    return total


def excess(text: str, characters: int) -> str | None:
    """Return in words the limit that a text is beyond, "500 characters" or "4,000 bytes"; None when it keeps both.

    Few characters can be many bytes: long addresses count 23, and a character may be made of several.
    """
    limit = max_bytes(characters)
    if size(text) > limit:
        return ngettext("%(size)s byte", "%(size)s bytes", limit, size=number(limit))
    if count(text) <= characters:
        return None
    return ngettext("%(count)s character", "%(count)s characters", characters)


def max_bytes(characters: int) -> int:
    """Return how many bytes a text of so many characters may have."""
    return max(min(BYTES_A_CHARACTER * characters, FEW_BYTES), 4 * characters)


def size(text: str) -> int:
    """Return how many bytes a text has when it is sent: in UTF-8, with what HTML has escaped."""
    return len(escape(text).encode("utf-8", "surrogatepass"))


def mentioned_names(text: str, domain: str) -> tuple[str, ...]:
    """Return the lower-case names of this site's accounts that a text names, in order, each once."""
    names = (entity.name.lower() for entity in _entities(text) if entity.name and _is_local(entity, domain))
    return tuple(dict.fromkeys(names))


def hashtags(text: str) -> tuple[str, ...]:
    """Return the hashtags in a text as they are first written there, each once."""
    spellings: dict[str, str] = {}
    for entity in _entities(text):
        if entity.tag and is_hashtag(entity.tag):
            spellings.setdefault(hashtag_key(entity.tag), entity.tag)
    return tuple(spellings.values())


def is_hashtag(name: str) -> bool:
    """Say whether a name can be a hashtag: letters, digits and underscores, not digits alone, and not too many."""
    return (
        len(name) <= MAX_HASHTAG_LENGTH
        and bool(_HASHTAG.fullmatch(name))
        and any(not character.isdigit() for character in name)
    )


def is_emoji(name: str) -> bool:
    """Say whether a piece of text is one emoji of Unicode (UTS #51)."""
    return _EMOJI.fullmatch(name) is not None


def shortcodes(*texts: str) -> frozenset[str]:
    """Return the names between colons in texts, which may stand for the site's own emojis."""
    return frozenset(name for text in texts if ":" in text for name in _SHORTCODE.findall(text))


def with_emojis(html: str, addresses: Mapping[str, str]) -> str:
    """Return HTML in which the site's own emojis are pictures. `addresses` of the pictures are by shortcode."""
    if not addresses:
        return html
    return _OUTSIDE_TAGS.sub(lambda match: _emoji(match, addresses), html)


def _emoji(match: regex.Match[str], addresses: Mapping[str, str]) -> str:
    address = addresses.get(match[2] or "")
    if address is None:
        return str(match[0])
    name = f":{match[2]}:"
    return f'<img class="emoji" src="{escape(address)}" alt="{name}" title="{name}" width="20" height="20">'


def storable(text: str) -> str:
    """Return text to look something up by: characters that no database takes become one that nothing stored has."""
    return _UNSTORABLE.sub("\ufffd", text)


def hashtag_key(name: str) -> str:
    """Return the form in which hashtags are compared: without case, accents and compatibility variants.

    Accents are those of Latin, Greek and Cyrillic letters; in other scripts a mark makes another letter.
    """
    decomposed = unicodedata.normalize("NFKD", _bearable(storable(name))).casefold()
    return unicodedata.normalize("NFC", _ACCENTS.sub(r"\1", decomposed))


def urls(text: str) -> tuple[str, ...]:
    """Return the addresses of pages (http and https) in a text, in order, each once."""
    return tuple(dict.fromkeys(entity.url for entity in _entities(text) if _PAGE.match(entity.url)))


def visible(text: str) -> str:
    """Return what people see of a text: of each link only the part of its address that is shown."""
    parts: list[str] = []
    end = 0
    for entity in _entities(text):
        if entity.url:
            _, middle, _ = _parts(entity.url)
            parts += (text[end : entity.start], middle)
            end = entity.end
    return "".join((*parts, text[end:]))


def plain_excerpt(text: str, limit: int) -> str:
    """Return a text on one line, cut to `limit` characters as users see them, with an ellipsis where it was cut.

    It is cut as well where it has more bytes than so many characters may have, and more than 1,024.
    """
    line = _SPACE.sub(" ", text).strip()
    within = line.encode("utf-8", "replace")[: max(max_bytes(limit), SHORT_BYTES)].decode("utf-8", "ignore")
    characters = _CHARACTER.findall(within)
    if len(characters) <= limit and len(within) == len(line):
        return line
    return "".join(characters[: limit - 1]).rstrip() + "…"


def to_html(
    text: str, *, mentions: Mapping[str, str], tag_url: Callable[[str], str], domain: str, me: bool = False
) -> str:
    """Return a text as HTML: paragraphs, links, mentions and hashtags; everything else is escaped.

    `mentions` maps lower-case names to the addresses of their pages; a name that isn't in it stays plain text.
    `tag_url` returns the address of a hashtag's page, given its key. With `me` the text is a line of a profile: it
    makes no paragraph, and its links say that they are the same person's. What would be a link too many stays plain.
    """
    if not text:
        return ""
    parts: list[str] = []
    end = 0
    for entity in islice(_entities(text), MAX_LINKS_IN_LINE if me else MAX_LINKS):
        parts += (escape(text[end : entity.start]), _entity_html(text, entity, mentions, tag_url, domain, me))
        end = entity.end
    parts.append(escape(text[end:]))
    if me:
        return "".join(parts)
    paragraphs = _PARAGRAPHS.split("".join(parts))
    return "".join(f"<p>{paragraph.replace(chr(10), '<br />')}</p>" for paragraph in paragraphs)


def quote_html(url: str) -> str:
    """Return the paragraph that leads to a quoted post, for those who don't show it; the others hide its class."""
    return f'<p class="quote-inline">RE: {_link(url, me=False)}</p>'


class _Entity(NamedTuple):
    """A link, a mention or a hashtag, and where it stands in its text. What it isn't is empty."""

    start: int
    end: int
    url: str
    name: str
    host: str
    tag: str


def _entities(text: str) -> Iterator[_Entity]:
    """Return the links, mentions and hashtags in a text; most texts have none, which is seen at once."""
    if not any(mark in text for mark in _MARKS):
        return
    position = after_tag = 0
    while match := _ENTITY.search(text, position):
        start, position = match.span()
        url, name, host, tag = (part or "" for part in match.group("url", "name", "host", "tag"))
        if url:
            url = _without_punctuation(url)
            position = start + len(url)
        elif tag:
            # What follows a slash is part of an address, unless it parts two hashtags.
            if text[start - 1 : start] == "/" and start - 1 != after_tag:
                continue
            after_tag = position
        yield _Entity(start, position, url, name, host, tag)


def _bearable(text: str) -> str:
    """Return a text without the marks on one character that are too many to be composed."""
    return _TOO_MANY_MARKS.sub(r"\1", text)


def _length(text: str) -> int:
    return max(len(_CHARACTER.findall(text)), len(text) // CODE_POINTS)


def _is_local(entity: _Entity, domain: str) -> bool:
    return not entity.host or entity.host[1:].lower() == domain.lower()


def _without_punctuation(url: str) -> str:
    """Return an address without the punctuation that ends the sentence around it."""
    unclosed = {closing: url.count(opening) - url.count(closing) for closing, opening in _CLOSING.items()}
    end = len(url)
    while (last := url[end - 1]) in _ENDING or unclosed.get(last, 0) < 0:
        if last in unclosed:
            unclosed[last] += 1
        end -= 1
    return url[:end]


def _entity_html(
    text: str, entity: _Entity, mentions: Mapping[str, str], tag_url: Callable[[str], str], domain: str, me: bool
) -> str:
    source = text[entity.start : entity.end]
    if entity.url:
        return _link(entity.url, me)
    if entity.tag:
        return _tag(source, entity.tag, tag_url)
    address = mentions.get(entity.name.lower()) if _is_local(entity, domain) else None
    if address is None:
        return escape(source)
    return (
        f'<span class="h-card" translate="no"><a href="{escape(address)}" class="u-url mention">'
        f"@<span>{entity.name}</span></a></span>"
    )


def _tag(source: str, name: str, tag_url: Callable[[str], str]) -> str:
    if not is_hashtag(name):
        return escape(source)
    address = escape(tag_url(hashtag_key(name)))
    return f'<a href="{address}" class="mention hashtag" rel="tag">#<span>{escape(name)}</span></a>'


def _link(url: str, me: bool) -> str:
    """Return a link that shows the beginning of its address; the rest is there for those who copy it."""
    before, middle, after = _parts(url)
    cut = "ellipsis" if after else ""
    rel = "nofollow noopener me" if me else "nofollow noopener"
    return (
        f'<a href="{escape(url)}" target="_blank" rel="{rel}" translate="no">'
        f'<span class="invisible">{escape(before)}</span><span class="{cut}">{escape(middle)}</span>'
        f'<span class="invisible">{escape(after)}</span></a>'
    )


def _parts(url: str) -> tuple[str, str, str]:
    """Return of an address what is hidden before the part that is shown, that part, and what is hidden behind it."""
    before = _BEFORE_NAME.match(url)
    start = before.end() if before else 0
    return url[:start], url[start : start + SHOWN_OF_URL], url[start + SHOWN_OF_URL :]
