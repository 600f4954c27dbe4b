"""What is shown with a post's text, stored in the post's own row, so that lists need no further reads.

It changes only together with the post's version. `twite_common.services.posts.post_details` writes it.
"""

import msgspec

SOURCES = {"mastodon": "Mastodon", "twite": "Twite", "x": "X", "bluesky": "Bluesky"}
"""Where posts may be imported from: what is stored, and the name."""


class Mentioned(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Somebody named in a post."""

    account_id: int
    username: str


class Attachment(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A picture, video or sound. `file` and `preview` are names in the media folder; `meta` is in the API's words.

    `kind` is image, gifv, video or audio; `state` processing, ready or failed; `focus` is from -1 to 1 in both
    directions, upwards and to the right.
    """

    id: int
    kind: str
    state: str = "ready"
    file: str | None = None
    preview: str | None = None
    description: str = ""
    focus: tuple[float, float] | None = None
    blurhash: str | None = None
    meta: msgspec.Raw = msgspec.Raw(b"{}")


class Card(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What a page that the post links to says of itself. `published_at` is in milliseconds."""

    id: int
    url: str
    title: str = ""
    description: str = ""
    kind: str = "link"
    author_name: str = ""
    author_url: str = ""
    author_account_id: int | None = None
    provider_name: str = ""
    provider_url: str = ""
    html: str = ""
    width: int = 0
    height: int = 0
    picture: str | None = None
    picture_description: str = ""
    embed_url: str = ""
    blurhash: str | None = None
    language: str | None = None
    published_at: int | None = None


class Emoji(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One of the site's own emojis; pictures are names in the media folder."""

    shortcode: str
    picture: str
    still_picture: str


_emojis = msgspec.json.Decoder(tuple[Emoji, ...])


def decode_emojis(encoded: str) -> tuple[Emoji, ...]:
    """Return the emojis that stand in an account's row."""
    return () if encoded == "[]" else _emojis.decode(encoded)


def encode_emojis(emojis: tuple[Emoji, ...]) -> str:
    """Return what is to stand in an account's row."""
    return msgspec.json.encode(emojis).decode()


class Details(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Everything of it; most posts have nothing. `imported_from` is set for posts that were written elsewhere."""

    mentions: tuple[Mentioned, ...] = ()
    media: tuple[Attachment, ...] = ()
    card: Card | None = None
    emojis: tuple[Emoji, ...] = ()
    imported_from: str = ""


NOTHING = Details()
_decoder = msgspec.json.Decoder(Details)
_encoder = msgspec.json.Encoder()


def decode(encoded: str) -> Details:
    """Return what stands in a post's row."""
    return NOTHING if encoded == "{}" else _decoder.decode(encoded)


def encode(details: Details) -> str:
    """Return what is to stand in a post's row."""
    return _encoder.encode(details).decode()
