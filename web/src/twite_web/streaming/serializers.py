"""Turning events into what listeners are sent: who hears them, and in which words."""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from twite_common.database import Connection
from twite_common.filtering import Matcher
from twite_common.queries import viewers
from twite_common.queries.paging import Page
from twite_common.queries.timelines import stream_events, tag_timelines, timelines
from twite_common.queries.timelines.stream_events import Audience, Deletion, StreamEvent
from twite_web.api.access import Access
from twite_web.api.moderation import announcements
from twite_web.api.notifications import notifications
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import posts as post_serializers
from twite_web.api.serializers.post_parts import without_quoted
from twite_web.api.timelines import conversations
from twite_web.core import Core
from twite_web.post_filters import matcher_of
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


def _published(happening: Happening) -> Iterable[Message]:
    audience = _audience(happening)
    homes = audience.home
    if msgspec.json.decode(happening.event.payload or "{}").get("in_chunks"):
        homes = frozenset(happening.told.note(happening.subject_id, homes))
    yield from _personal(happening, "update", audience, homes)
    yield from _public(happening, "update", audience)


def _delivered(happening: Happening) -> Iterable[Message]:
    audience = _audience(happening)
    yield from _personal(
        happening, "update", audience, frozenset(happening.told.note(happening.subject_id, audience.home))
    )


def _edited(happening: Happening) -> Iterable[Message]:
    audience = _audience(happening)
    yield from _personal(happening, "status.update", audience, audience.home)
    yield from _public(happening, "status.update", audience)


def _audience(happening: Happening) -> Audience:
    return stream_events.audience(
        happening.db, happening.subject_id, happening.listening.account_ids, now=happening.now
    )


def _personal(happening: Happening, name: str, audience: Audience, homes: frozenset[int]) -> Iterable[Message]:
    """Tell those whose home timeline or list has a post; each sees it with their own favourite and the like."""
    own_channels = _own_channels(happening, audience, homes)
    if not own_channels:
        return
    for group in stream_events.standings(happening.db, happening.subject_id, own_channels).values():
        access = happening.access(group[0])
        plain, matching = post_serializers.status_for_many(access, happening.subject_id, _filters(access, group))
        if plain is None:
            continue
        unfiltered = [account_id for account_id in group if account_id not in matching]
        yield Message(name, _json(plain), [channel for id in unfiltered for channel in own_channels[id]])
        for account_id, status in matching.items():
            yield Message(name, _json(status), own_channels[account_id])


def _own_channels(happening: Happening, audience: Audience, homes: frozenset[int]) -> dict[int, list[Channel]]:
    """Return the channels that have a post, by the accounts whose home timelines and lists these are."""
    lists = {}
    if happening.event.kind != "post.delivered":
        lists = stream_events.lists(happening.db, happening.subject_id, happening.listening.to(channels.LIST))
    listening = happening.listening.to(channels.USER)
    own_channels: dict[int, list[Channel]] = {id: [(channels.USER, id)] for id in homes & listening}
    for list_id, account_id in lists.items():
        if account_id in audience.timelines:
            own_channels.setdefault(account_id, []).append((channels.LIST, list_id))
    return own_channels


def _filters(access: Access, account_ids: Iterable[int]) -> dict[int, Matcher]:
    """Return the filters of those of these accounts that have some; they are read anew only when they have changed."""
    versions = stream_events.filters(access.db, list(account_ids))
    return {id: matcher_of(access, id, version) for id, version in versions.items()}


def _public(happening: Happening, name: str, audience: Audience) -> Iterable[Message]:
    """Tell those who listen to what everybody may read of a post that stands in a public timeline."""
    listened = {channel for channel in happening.listening.channels if channel[0] in channels.EVERYBODYS}
    if not listened or not audience.account_ids:
        return
    access = happening.access(None)
    status, matching = post_serializers.status_for_many(
        access, happening.subject_id, _filters(access, audience.account_ids)
    )
    if status is None or status.reblog is not None:
        return
    standing = [channel for channel in _standing(happening, status) if channel in listened]
    if not standing:
        return
    unseeing = (
        stream_events.cannot_see_quoted(happening.db, happening.subject_id, audience.account_ids)
        if status.quote
        else frozenset()
    )
    for shown, account_ids in _versions(status, matching, audience.account_ids, unseeing):
        yield Message(name, _json(shown), standing, only=account_ids)


def _versions(
    status: Status, matching: Mapping[int, Status], account_ids: frozenset[int], unseeing: frozenset[int]
) -> Iterable[tuple[Status, frozenset[int]]]:
    """Yield a post as it is shown to whom: with their own filters, and without a quoted post they can't see."""
    yield status, account_ids - unseeing - matching.keys()
    if unseeing:
        yield without_quoted(status), unseeing - matching.keys()
    for account_id, filtered in matching.items():
        yield without_quoted(filtered) if account_id in unseeing else filtered, frozenset({account_id})


def _standing(happening: Happening, status: Status) -> Iterable[Channel]:
    """Return the channels whose timelines have a post; asked of the timelines themselves, for the rule is theirs."""
    itself = Page(limit=1, max_id=happening.subject_id + 1, since_id=happening.subject_id - 1)
    if timelines.public(happening.db, itself, viewer_id=None, now=happening.now):
        yield from [(channels.PUBLIC, ""), (channels.LOCAL, "")]
        if status.media_attachments:
            yield from [(channels.PUBLIC_MEDIA, ""), (channels.LOCAL_MEDIA, "")]
    for tag in status.tags:
        wanted = [(name, tag.name) for name in (channels.HASHTAG, channels.HASHTAG_LOCAL)]
        if not happening.listening.channels.isdisjoint(wanted) and tag_timelines.tagged(
            happening.db, tag.name, itself, viewer_id=None, now=happening.now
        ):
            yield from wanted


def _deleted(happening: Happening) -> Iterable[Message]:
    """Tell everybody who may have a post on their screen that it is gone."""
    deletion = msgspec.json.decode(happening.event.payload or "", type=Deletion)
    had = stream_events.had_it(
        happening.db,
        happening.subject_id,
        deletion,
        author_id=happening.event.account_id or 0,
        account_ids=happening.listening.to(channels.USER),
        list_ids=happening.listening.to(channels.LIST),
    )
    for post_id, by in had.items():
        own_channels: list[Channel] = [(channels.USER, id) for id in by.account_ids]
        own_channels += [(channels.LIST, id) for id in by.list_ids]
        public_channels = _public_channels(deletion) if deletion.public and post_id == happening.subject_id else []
        yield Message("delete", str(post_id), own_channels + public_channels)


def _public_channels(gone: Deletion) -> list[Channel]:
    """Return the channels for everybody in which a post may have been."""
    of_tags: list[Channel] = [(name, key) for key in gone.tags for name in (channels.HASHTAG, channels.HASHTAG_LOCAL)]
    return [(name, "") for name in channels.PUBLIC_POSTS] + of_tags


def _notifications(happening: Happening) -> Iterable[Message]:
    pairs = msgspec.json.decode(happening.event.payload or "[]", type=list[tuple[int, int]])
    listening = happening.listening.to(channels.NOTIFICATION)
    for account_id, notification_id in pairs:
        if account_id in listening:
            entity = notifications.made(happening.access(account_id), notification_id)
            if entity is not None:
                yield Message("notification", _json(entity), [(channels.NOTIFICATION, account_id)])


def _conversation(happening: Happening) -> Iterable[Message]:
    account_id = happening.event.account_id or 0
    if account_id in happening.listening.to(channels.DIRECT):
        changed = conversations.made(happening.access(account_id), happening.subject_id)
        if changed is not None:
            yield Message("conversation", _json(changed), [(channels.DIRECT, account_id)])


def _notifications_merged(happening: Happening) -> Iterable[Message]:
    yield Message("notifications_merged", "1", [(channels.NOTIFICATION, happening.event.account_id or 0)])


def _filters_changed(happening: Happening) -> Iterable[Message]:
    yield Message("filters_changed", None, [(channels.USER, happening.event.account_id or 0)])


def _announcement_published(happening: Happening) -> Iterable[Message]:
    entity = announcements.made(happening.access(None), happening.subject_id)
    if entity is not None:
        yield Message("announcement", _json(entity), _all_users(happening))


def _announcement_reacted(happening: Happening) -> Iterable[Message]:
    reaction = msgspec.json.decode(happening.event.payload or "{}", type=dict[str, str | int])
    payload = {**reaction, "announcement_id": str(happening.subject_id)}
    yield Message("announcement.reaction", _json(payload), _all_users(happening))


def _announcement_deleted(happening: Happening) -> Iterable[Message]:
    yield Message("announcement.delete", str(happening.subject_id), _all_users(happening))


def _all_users(happening: Happening) -> list[Channel]:
    return [(channels.USER, id) for id in happening.listening.to(channels.USER)]


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
