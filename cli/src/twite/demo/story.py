"""What a demonstration is told with: people, posts, and what happens around them, at hours before the present."""

from typing import Literal

import msgspec

from twite_common.drafts import PollDraft

Visibility = Literal["public", "unlisted", "followers", "mentioned"]


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody's pictures show: an emblem, or a portrait with these colours; and a view behind."""

    header: str
    ground: tuple[str, str]
    emblem: str = ""
    hair: str = ""
    shirt: str = ""
    skin: int = 0
    style: str = "short"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on the site. `since` is the number of days for which they have been there."""

    username: str
    name: str
    bio: str
    fields: tuple[tuple[str, str], ...]
    look: Look
    follows: tuple[str, ...]
    since: float = 30
    role: str = ""
    locked: bool = False
    bot: bool = False
    language: str = "en"
    tags: tuple[str, ...] = ()


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A picture on a post: a view or, where `thing` is an emblem's name, a still life; with its alternative text."""

    alt: str
    view: str = ""
    thing: str = ""
    size: tuple[int, int] = (1200, 800)


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says of itself to which a post links, as if it had been fetched; `view` is its picture."""

    url: str
    title: str
    description: str
    view: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A post. `key` names it for others; `hours` is how long ago it was written.

    `liked` and `boosted` are names of those who did so soon afterwards, `votes` what people chose in its poll.
    """

    key: str
    by: str
    hours: float
    text: str
    answers: str = ""
    quotes: str = ""
    visibility: Visibility = "public"
    warning: str = ""
    language: str = ""
    pictures: tuple[Shown, ...] = ()
    recording: Literal["", "video", "audio"] = ""
    card: Card | None = None
    poll: PollDraft | None = None
    liked: tuple[str, ...] = ()
    boosted: tuple[str, ...] = ()
    bookmarked: tuple[str, ...] = ()
    votes: tuple[tuple[str, tuple[int, ...]], ...] = ()
    pinned: bool = False
    edited: str = ""
