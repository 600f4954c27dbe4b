"""Reading other servers' pages, which may be anything, as browsers do."""

import re
from email.message import Message

from turbohtml import Document, parse

MEDIA_TYPES = frozenset({"text/html", "application/xhtml+xml"})
ACCEPT = "text/html, application/xhtml+xml;q=0.9"
SNIFFED_BYTES = 1024
"""How far the standard has a page's own words about its encoding looked for (HTML, section 13.2.3.2)."""

_XML_DECLARATION = re.compile(rb"<\?xml[^>]*\sencoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']", re.IGNORECASE)


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


def _declared(body: bytes) -> str | None:
    """Return the encoding in a page's XML declaration, unless a `meta` element names one."""
    beginning = body[:SNIFFED_BYTES]
    found = _XML_DECLARATION.match(beginning)
    return found[1].decode() if found and b"charset" not in beginning else None
