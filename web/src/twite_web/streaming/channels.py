"""The streams that can be listened to, by the names that applications use."""

from collections.abc import Mapping

import msgspec

from twite_common import ids, text
from twite_common.database import Connection
from twite_common.errors import NotFound
from twite_common.queries.timelines import stream_events
from twite_common.queries.viewers import Token
from twite_common.translations import gettext as _
from twite_web.errors import Failure
from twite_web.oauth import scopes

Channel = tuple[str, int | str]
"""What is listened to inside: a stream's name, and the account, list or hashtag's key that it is of ("": of none)."""

USER, NOTIFICATION, DIRECT, LIST = "user", "user:notification", "direct", "list"
PUBLIC, PUBLIC_MEDIA, LOCAL, LOCAL_MEDIA = "public", "public:media", "public:local", "public:local:media"
WITH_MEDIA = (PUBLIC, LOCAL, "public:remote")
REMOTE = ("public:remote", "public:remote:media")
HASHTAG, HASHTAG_LOCAL = "hashtag", "hashtag:local"
SHOWN = "shown"
"""Stands before the names of what our own pages show."""
PERSONAL = (USER, NOTIFICATION, DIRECT)
PUBLIC_POSTS = (PUBLIC, PUBLIC_MEDIA, LOCAL, LOCAL_MEDIA)
EVERYBODYS = frozenset({*PUBLIC_POSTS, HASHTAG, HASHTAG_LOCAL})
NAMES = frozenset({*PERSONAL, LIST, *EVERYBODYS, *REMOTE})
PATHS = {
    "/user": USER,
    "/user/notification": NOTIFICATION,
    "/public": PUBLIC,
    "/public/local": LOCAL,
    "/public/remote": REMOTE[0],
    "/hashtag": HASHTAG,
    "/hashtag/local": HASHTAG_LOCAL,
    "/list": LIST,
    "/direct": DIRECT,
}
"""The streams that have addresses of their own, for Server-Sent Events; `only_media` makes three more of them."""


class Subscription(msgspec.Struct, frozen=True):
    """One thing that an application asked for: what it called it, and the channels that carry it."""

    named: tuple[str, ...]
    channels: tuple[Channel, ...]


def subscription(db: Connection, token: Token, name: str, parameters: Mapping[str, str]) -> Subscription:
    """Return what a stream's name stands for, for the account that a token acts for.

    Raises Failure or NotFound, in the words that applications know, for a stream that there isn't or that the token
    isn't good for.
    """
    if name not in NAMES:
        raise Failure(400, _("Unknown stream type"))
    check_scopes(token, name)
    account_id = token.viewer.account_id if token.viewer else 0
    if name in PERSONAL:
        channels: tuple[Channel, ...] = ((name, account_id),)
        if name == USER and scopes.allow(token.scopes, "read:notifications"):
            channels = (*channels, (NOTIFICATION, account_id))
        return Subscription((name,), channels)
    if name in {HASHTAG, HASHTAG_LOCAL}:
        return _hashtag(name, parameters.get("tag", ""))
    if name == LIST:
        return _list(db, account_id, parameters.get("list", ""))
    return Subscription((name,), ((name, ""),))


def personal(account_id: int) -> Subscription:
    """Return what the pages of an account listen to: its home timeline, notifications and conversations."""
    return Subscription((USER,), ((USER, account_id), (NOTIFICATION, account_id), (DIRECT, account_id)))


def shown(db: Connection, account_id: int, parameters: Mapping[str, str]) -> Subscription | None:
    """Return the list that a page shows beside that: `list`, `tag`, or `show=public`; None where it shows none.

    Raises Failure or NotFound for what can't be listened to.
    """
    if "list" in parameters:
        subscription = _list(db, account_id, parameters["list"])
    elif "tag" in parameters:
        subscription = _hashtag(HASHTAG_LOCAL, parameters["tag"])
    elif parameters.get("show") == PUBLIC:
        subscription = Subscription((LOCAL,), ((LOCAL, ""),))
    else:
        return None
    return msgspec.structs.replace(subscription, named=(SHOWN, *subscription.named))


def named(name: str, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Return what an application calls a stream: its name, and its parameter if it has one."""
    if name in {HASHTAG, HASHTAG_LOCAL}:
        return name, parameters.get("tag", "")
    if name == LIST:
        return name, parameters.get("list", "")
    return (name,)


def check_scopes(token: Token, name: str) -> None:
    """Raise Failure unless a token is good for a stream."""
    needed = "read:notifications" if name == NOTIFICATION else "read:statuses"
    if not scopes.allow(token.scopes, needed):
        raise Failure(401, _("Access token does not have the required scopes"))


def _hashtag(name: str, tag: str) -> Subscription:
    key = text.hashtag_key(tag.removeprefix("#"))
    if not key:
        raise Failure(400, _("Missing tag name parameter"))
    return Subscription((name, tag), ((name, key),))


def _list(db: Connection, account_id: int, list_id: str) -> Subscription:
    id = ids.parse(list_id)
    if id is None or not stream_events.owns_list(db, id, account_id):
        raise NotFound(_("Not authorized to stream this list"))
    return Subscription((LIST, list_id), ((LIST, id),))
