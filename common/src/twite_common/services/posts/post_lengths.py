"""How long a post may be: in characters, as its author counts them, and in bytes, as the server does."""

from twite_common import text
from twite_common.errors import Invalid
from twite_common.formats import number
from twite_common.settings import Settings
from twite_common.translations import gettext as _
from twite_common.translations import ngettext

MAX_BYTES = 8 * 1024
"""Bytes of a post's text and content warning; more where the site allows so many characters that they may need them."""


def check(settings: Settings, body: str, spoiler: str) -> None:
    """Raise Invalid for a text and a content warning that have too many characters together."""
    limit = settings.post_characters
    length = text.count(body) + text.count(spoiler)
    if length > limit:
        sentence = ngettext(
            "The post has %(count)s character, but only %(limit)s are allowed.",
            "The post has %(count)s characters, but only %(limit)s are allowed.",
            length,
            limit=limit,
        )
        raise Invalid(
            _("Validation failed: Text character limit of %(limit)s exceeded", limit=limit),
            {"text": [("ERR_TOO_LONG", sentence)]},
        )


def check_size(settings: Settings, body: str, spoiler: str) -> None:
    """Raise Invalid for what has too many bytes, before anything that costs more is done with it."""
    max_size = max(MAX_BYTES, text.max_bytes(settings.post_characters))
    size = text.size(body) + text.size(spoiler)
    if size > max_size:
        limits = {"characters": settings.post_characters, "max_size": number(max_size)}
        sentence = _(
            "The post is too long: it has %(size)s bytes, but only %(characters)s characters and %(max_size)s bytes "
            "are allowed.",
            size=number(size),
            **limits,
        )
        raise Invalid(
            _("Validation failed: Text limit of %(characters)s characters and %(max_size)s bytes exceeded", **limits),
            {"text": [("ERR_TOO_LONG", sentence)]},
        )
