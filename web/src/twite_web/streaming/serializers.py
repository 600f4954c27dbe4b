"""Turning what happened into what listeners are told: who hears of it, and in which words."""

from collections.abc import Callable, Iterable

import msgspec

from twite_common.database import Connection
from twite_common.filtering import Matcher
from twite_common.queries import viewers
from twite_common.queries.paging import Page
from twite_common.queries.timelines import streams, timelines
from twite_common.queries.timelines.streams import Audience, Deletion, StreamEvent
from twite_web.api.access import Access
from twite_web.api.moderation import announcements
from twite_web.api.notifications import notifications
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import posts as post_serializers
from twite_web.api.serializers.filtered import matcher_of
from twite_web.api.serializers.post_parts import without_quoted
from twite_web.api.timelines import conversations
from twite_web.core import Core
from twite_web.streaming import channels
from twite_web.streaming.channels import Channel
from twite_web.streaming.messages import Message

MAX_POSTS = 200


class Listening(msgspec.Struct, frozen=True):
    """Who listens at a moment, and to what."""

    account_ids: frozenset[int]
    channels: frozenset[Channel]

    def to(self, name: str) -> set[int]:
        """Return the accounts, or lists, that a kind of channel is listened to of."""
        return {of for each, of in self.channels if each == name and isinstance(of, int)}


class Told:
    """Who has been told of the latest posts that reach home timelines in chunks, so that nobody hears of one twice."""

    def __init__(self) -> None:
        self._posts: dict[int, set[int]] = {}

    def note(self, post_id: int, account_ids: Iterable[int]) -> set[int]:
        """Note that accounts are told of a post; return those that weren't before."""
        told = self._posts.setdefault(post_id, set())
        new = set(account_ids) - told
        told |= new
        if len(self._posts) > MAX_POSTS:
            del self._posts[next(iter(self._posts))]
        return new


class Happening(msgspec.Struct, frozen=True):
    """An event, the open transaction in which it is looked at, who listens, and who was told before."""

    core: Core
    db: Connection
    event: StreamEvent
    listening: Listening
    told: Told
    now: int

    @property
    def subject_id(self) -> int:
        """Id of what the event is about."""
        return self.event.subject_id or 0

    def access(self, account_id: int | None) -> Access:
        """Return the same transaction on behalf of somebody."""
        viewer = None if account_id is None else viewers.by_account(self.db, account_id)
        return Access(self.db, self.core, self.now, None, viewer)


def prepare(
    core: Core, db: Connection, event: StreamEvent, listening: Listening, told: Told, *, now: int
) -> list[Message]:
    """Return what is to be told of an event; of a kind that isn't known here, as of a newer version, nothing."""
    preparer = PREPARERS.get(event.kind)
    return list(preparer(Happening(core, db, event, listening, told, now))) if preparer else []


def _published(one: Happening) -> Iterable[Message]:
    audience = _audience(one)
    homes = audience.home
    if msgspec.json.decode(one.event.payload or "{}").get("in_chunks"):
        homes = frozenset(one.told.note(one.subject_id, homes))
    yield from _personal(one, "update", audience, homes)
    yield from _public(one, "update", audience)


def _delivered(one: Happening) -> Iterable[Message]:
    audience = _audience(one)
    yield from _personal(one, "update", audience, frozenset(one.told.note(one.subject_id, audience.home)))


def _edited(one: Happening) -> Iterable[Message]:
    audience = _audience(one)
    yield from _personal(one, "status.update", audience, audience.home)
    yield from _public(one, "status.update", audience)


def _audience(one: Happening) -> Audience:
    return streams.audience(one.db, one.subject_id, one.listening.account_ids, now=one.now)


def _personal(one: Happening, name: str, audience: Audience, homes: frozenset[int]) -> Iterable[Message]:
    """Tell those whose home timeline or list has a post; each sees it with their own favourite and the like."""
    lists = {}
    if one.event.kind != "post.delivered":
        lists = streams.lists(one.db, one.subject_id, one.listening.to(channels.LIST))
    listening = one.listening.to(channels.USER)
    where: dict[int, list[Channel]] = {id: [(channels.USER, id)] for id in homes & listening}
    for list_id, account_id in lists.items():
        if account_id in audience.timelines:
            where.setdefault(account_id, []).append((channels.LIST, list_id))
    if not where:
        return
    for group in streams.standings(one.db, one.subject_id, where).values():
        access = one.access(group[0])
        plain, matching = post_serializers.status_for_many(access, one.subject_id, _filters(access, group))
        if plain is None:
            continue
        found = [channel for account_id in group if account_id not in matching for channel in where[account_id]]
        yield Message(name, _json(plain), found)
        for account_id, status in matching.items():
            yield Message(name, _json(status), where[account_id])


def _filters(access: Access, account_ids: Iterable[int]) -> dict[int, Matcher]:
    """Return the filters of those of these accounts that have some; they are read anew only when they have changed."""
    versions = streams.filters(access.db, list(account_ids))
    return {id: matcher_of(access, id, version) for id, version in versions.items()}


def _public(one: Happening, name: str, audience: Audience) -> Iterable[Message]:
    """Tell those who listen to what everybody may read of a post that stands in a public timeline."""
    listened = {channel for channel in one.listening.channels if channel[0] in channels.EVERYBODYS}
    if not listened or not audience.account_ids:
        return
    access = one.access(None)
    status, matching = post_serializers.status_for_many(access, one.subject_id, _filters(access, audience.account_ids))
    if status is None or status.reblog is not None:
        return
    found = [channel for channel in _standing(one, status) if channel in listened]
    if not found:
        return
    unseeing = streams.cannot_see_quoted(one.db, one.subject_id, audience.account_ids) if status.quote else frozenset()
    yield Message(name, _json(status), found, only=audience.account_ids - unseeing - matching.keys())
    if unseeing:
        yield Message(name, _json(without_quoted(status)), found, only=unseeing - matching.keys())
    for account_id, filtered in matching.items():
        shown = without_quoted(filtered) if account_id in unseeing else filtered
        yield Message(name, _json(shown), found, only=frozenset({account_id}))


def _standing(one: Happening, status: Status) -> Iterable[Channel]:
    """Return the channels whose timelines have a post; asked of the timelines themselves, for the rule is theirs."""
    here = Page(limit=1, max_id=one.subject_id + 1, since_id=one.subject_id - 1)
    if timelines.public(one.db, here, viewer_id=None, now=one.now):
        yield from [(channels.PUBLIC, ""), (channels.LOCAL, "")]
        if status.media_attachments:
            yield from [(channels.PUBLIC_MEDIA, ""), (channels.LOCAL_MEDIA, "")]
    for tag in status.tags:
        wanted = [(name, tag.name) for name in (channels.HASHTAG, channels.HASHTAG_LOCAL)]
        if not one.listening.channels.isdisjoint(wanted) and timelines.tagged(
            one.db, tag.name, here, viewer_id=None, now=one.now
        ):
            yield from wanted


def _deleted(one: Happening) -> Iterable[Message]:
    """Tell everybody who may have a post on their screen that it is gone."""
    gone = msgspec.json.decode(one.event.payload or "", type=Deletion)
    had = streams.had_it(
        one.db,
        one.subject_id,
        gone,
        author_id=one.event.account_id or 0,
        account_ids=one.listening.to(channels.USER),
        list_ids=one.listening.to(channels.LIST),
    )
    for post_id, by in had.items():
        found: list[Channel] = [(channels.USER, id) for id in by.account_ids]
        found += [(channels.LIST, id) for id in by.list_ids]
        if gone.public and post_id == one.subject_id:
            found += [(name, "") for name in channels.PUBLIC_POSTS]
            found += [(name, key) for key in gone.tags for name in (channels.HASHTAG, channels.HASHTAG_LOCAL)]
        yield Message("delete", str(post_id), found)


def _notifications(one: Happening) -> Iterable[Message]:
    pairs = msgspec.json.decode(one.event.payload or "[]", type=list[tuple[int, int]])
    listening = one.listening.to(channels.NOTIFICATION)
    for account_id, notification_id in pairs:
        if account_id in listening:
            made = notifications.made(one.access(account_id), notification_id)
            if made is not None:
                yield Message("notification", _json(made), [(channels.NOTIFICATION, account_id)])


def _conversation(one: Happening) -> Iterable[Message]:
    account_id = one.event.account_id or 0
    if account_id in one.listening.to(channels.DIRECT):
        changed = conversations.made(one.access(account_id), one.subject_id)
        if changed is not None:
            yield Message("conversation", _json(changed), [(channels.DIRECT, account_id)])


def _notifications_merged(one: Happening) -> Iterable[Message]:
    yield Message("notifications_merged", "1", [(channels.NOTIFICATION, one.event.account_id or 0)])


def _filters_changed(one: Happening) -> Iterable[Message]:
    yield Message("filters_changed", None, [(channels.USER, one.event.account_id or 0)])


def _announcement_published(one: Happening) -> Iterable[Message]:
    made = announcements.made(one.access(None), one.subject_id)
    if made is not None:
        yield Message("announcement", _json(made), _all_users(one))


def _announcement_reacted(one: Happening) -> Iterable[Message]:
    reaction = msgspec.json.decode(one.event.payload or "{}", type=dict[str, str | int])
    payload = {**reaction, "announcement_id": str(one.subject_id)}
    yield Message("announcement.reaction", _json(payload), _all_users(one))


def _announcement_deleted(one: Happening) -> Iterable[Message]:
    yield Message("announcement.delete", str(one.subject_id), _all_users(one))


def _all_users(one: Happening) -> list[Channel]:
    return [(channels.USER, id) for id in one.listening.to(channels.USER)]


def _json(content: object) -> str:
    return msgspec.json.encode(content).decode()


PREPARERS: dict[str, Callable[[Happening], Iterable[Message]]] = {
    "post.published": _published,
    "post.delivered": _delivered,
    "post.edited": _edited,
    "post.deleted": _deleted,
    "notifications.created": _notifications,
    "conversation.changed": _conversation,
    "notifications.merged": _notifications_merged,
    "filters.changed": _filters_changed,
    "announcement.published": _announcement_published,
    "announcement.reacted": _announcement_reacted,
    "announcement.deleted": _announcement_deleted,
}
