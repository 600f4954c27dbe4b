"""Parsing other servers' pages, which may be anything, as browsers do.

Only `page_worker` runs this on what was sent.
"""

import re
from collections.abc import Mapping
from email.message import Message

import msgspec
from turbohtml import Document, Element, parse

from twite_tasks.remote_pages.urls import joined

MEDIA_TYPES = frozenset({"text/html", "application/xhtml+xml"})
ACCEPT = "text/html, application/xhtml+xml;q=0.9"
SNIFFED_BYTES = 1024
"""How far the standard has a page's own words about its encoding looked for (HTML, section 13.2.3.2)."""

MAX_TEXT_LENGTH = 5000
"""Characters of each thing that a page says of itself; what is shown of them is less."""

_XML_DECLARATION = re.compile(rb"<\?xml[^>]*\sencoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']", re.IGNORECASE)


class Page(msgspec.Struct, frozen=True):
    """A page as it came, and the address of a profile that it may link to, or ""."""

    body: bytes
    content_type: str
    url: str
    profile: str = ""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says of itself, in its own words; `picture` is an address, `links_back` about the profile.

    What isn't HTML says nothing.
    """

    title: str = ""
    description: str = ""
    author_name: str = ""
    creator: str = ""
    provider_name: str = ""
    language: str = ""
    published: str = ""
    picture: str = ""
    picture_description: str = ""
    links_back: bool = False


def look(page: Page) -> Said:
    """Return what a page says."""
    document = read(page.body, page.content_type)
    if document is None:
        return Said()
    meta = _meta(document)
    picture = _first(meta, "og:image", "og:image:url", "twitter:image")
    texts = {
        "title": _first(meta, "og:title", "twitter:title") or _text(document.select_one("title")),
        "description": _first(meta, "og:description", "description"),
        "author_name": _first(meta, "author", "article:author"),
        "creator": _first(meta, "fediverse:creator"),
        "provider_name": _first(meta, "og:site_name"),
        "language": _language(document),
        "published": _first(meta, "article:published_time"),
        "picture": joined(page.url, picture) if picture else "",
        "picture_description": _first(meta, "og:image:alt"),
    }
    short = {name: text[:MAX_TEXT_LENGTH] for name, text in texts.items()}
    return Said(**short, links_back=bool(page.profile) and links_back(document, page.url, page.profile))


def links_back(document: Document, url: str, profile: str) -> bool:
    """Say whether a page at an address says by rel="me" that a profile is the same person's."""
    links = (element.attrs.get("href") for element in document.select("a[rel~=me i], link[rel~=me i]"))
    return any(joined(url, link).rstrip("/").lower() == profile.lower() for link in links if isinstance(link, str))


def read(body: bytes, content_type: str) -> Document | None:
    """Return a page, decoded as the HTML standard says; None for what isn't HTML.

    The byte-order mark counts first, then the header's charset, then what the page says in a `meta` element or an XML
    declaration, then what its bytes look like.
    """
    kind = Message()
    kind["Content-Type"] = content_type or "text/html"
    if kind.get_content_type() not in MEDIA_TYPES:
        return None
    for encoding in (kind.get_content_charset(), _declared(body)):
        if encoding is not None:
            try:
                return parse(body, encoding=encoding, positions=False)
            except LookupError:
                # No encoding that browsers know: as if nothing had been said.
                continue
    return parse(body, detect_encoding=True, positions=False)


def _meta(document: Document) -> dict[str, str]:
    """Return what the `meta` elements of a page say, by name; the first one counts."""
    meta: dict[str, str] = {}
    for element in document.select("meta"):
        name, content = _attribute(element, "property") or _attribute(element, "name"), _attribute(element, "content")
        if name and content:
            meta.setdefault(name.lower(), content)
    return meta


def _first(meta: Mapping[str, str], *names: str) -> str:
    """Return the first of these that a page says; "" for none."""
    return next((meta[name] for name in names if name in meta), "")


def _language(document: Document) -> str:
    element = document.select_one("html")
    language = (_attribute(element, "lang") or _attribute(element, "xml:lang")) if element is not None else ""
    return language.replace("_", "-")


def _attribute(element: Element, name: str) -> str:
    value = element.attrs.get(name)
    return value if isinstance(value, str) else ""


def _text(element: Element | None) -> str:
    return element.text.strip() if element is not None else ""


def _declared(body: bytes) -> str | None:
    """Return the encoding in a page's XML declaration, unless a `meta` element names one."""
    beginning = body[:SNIFFED_BYTES]
    declaration = _XML_DECLARATION.match(beginning)
    return declaration[1].decode() if declaration and b"charset" not in beginning else None
