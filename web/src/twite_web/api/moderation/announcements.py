"""Announcements to all users: /api/v1/announcements."""

from collections.abc import Mapping

from litestar import delete, get, post, put
from litestar.params import FromPath, FromQuery
from msgspec import UNSET, UnsetType

from twite_common import text
from twite_common.post_details import Emoji, Mentioned
from twite_common.queries.moderation import announcements as queries
from twite_common.queries.posts import posts
from twite_common.queries.posts.emojis import used_in_each
from twite_common.services.moderation import announcements
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.path_params import record_id
from twite_web.api.schemas import Empty, Entity, timestamp
from twite_web.api.schemas.emojis import CustomEmoji
from twite_web.api.schemas.posts import Mention, StatusTag
from twite_web.api.serializers import post_parts
from twite_web.api.serializers import posts as post_serializers
from twite_web.routing import Router
from twite_web.types import Request


class Reaction(Entity, frozen=True, kw_only=True, gc=False):
    """An emoji that people reacted with; one of the site's own has addresses of its pictures."""

    name: str
    count: int
    me: bool
    url: str | UnsetType = UNSET
    static_url: str | UnsetType = UNSET


class LinkedStatus(Entity, frozen=True, kw_only=True, gc=False):
    """A public post that an announcement links to."""

    id: str
    url: str


class Announcement(Entity, frozen=True, kw_only=True, gc=False):
    """An announcement; `read` says whether the viewer has put it away, where there is one."""

    id: str
    content: str
    starts_at: str | None
    ends_at: str | None
    all_day: bool
    published: bool
    published_at: str
    updated_at: str
    read: bool | UnsetType = UNSET
    mentions: list[Mention]
    statuses: list[LinkedStatus]
    tags: list[StatusTag]
    emojis: list[CustomEmoji]
    reactions: list[Reaction]


@get("/", opt=user(), sync_to_thread=True)
def listed(request: Request, with_dismissed: FromQuery[bool] = False) -> list[Announcement]:
    """Return the current announcements."""
    with reading(request) as access:
        announcements = queries.published(
            access.db, viewer_id=access.account_id, now=access.now, with_read=with_dismissed
        )
        return _entities(access, announcements)


@post("/{announcement_id:str}/dismiss", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def dismiss(request: Request, announcement_id: FromPath[str]) -> Empty:
    """Dismiss an announcement."""
    with writing(request) as access:
        announcements.dismiss(access.db, account_id=access.account_id, announcement_id=record_id(announcement_id))
    return Empty()


@put("/{announcement_id:str}/reactions/{name:str}", status_code=200, opt=user("write:favourites"), sync_to_thread=True)
def react(request: Request, announcement_id: FromPath[str], name: FromPath[str]) -> Empty:
    """React with an emoji, or the shortcode of a custom one."""
    with writing(request) as access:
        announcements.react(
            access.db,
            now=access.now,
            account_id=access.account_id,
            announcement_id=record_id(announcement_id),
            name=name,
        )
    return Empty()


@delete(
    "/{announcement_id:str}/reactions/{name:str}", status_code=200, opt=user("write:favourites"), sync_to_thread=True
)
def take_back(request: Request, announcement_id: FromPath[str], name: FromPath[str]) -> Empty:
    """Remove a reaction."""
    with writing(request) as access:
        announcements.take_back(
            access.db,
            now=access.now,
            account_id=access.account_id,
            announcement_id=record_id(announcement_id),
            name=name,
        )
    return Empty()


def made(access: Access, announcement_id: int) -> Announcement | None:
    """Return an announcement that is shown now as everybody is told of it."""
    announcement = queries.get(access.db, announcement_id, viewer_id=access.viewer_id)
    return _entities(access, [announcement])[0] if announcement is not None and announcement.shown(access.now) else None


def _entities(access: Access, announcements: list[queries.Announcement]) -> list[Announcement]:
    reactions = queries.reactions(
        access.db, [announcement.id for announcement in announcements], viewer_id=access.viewer_id
    )
    emojis = used_in_each(access.db, [[announcement.text] for announcement in announcements])
    mentions_by_name = queries.mentioned(access.db, announcements, domain=access.core.settings.domain)
    authors = posts.authors_of_public(
        access.db, {id for announcement in announcements for id in _linked(access, announcement)}
    )
    return [
        _entity(
            access, announcement, reactions.get(announcement.id, []), announcement_emojis, mentions_by_name, authors
        )
        for announcement, announcement_emojis in zip(announcements, emojis, strict=True)
    ]


def _linked(access: Access, announcement: queries.Announcement) -> list[int]:
    """Return the ids of posts of this site that an announcement links to, each once."""
    post_ids = (access.core.addresses.post_id(url) for url in text.urls(announcement.text))
    return list(dict.fromkeys(id for id in post_ids if id is not None))


def _entity(
    access: Access,
    announcement: queries.Announcement,
    reactions: list[queries.Reaction],
    emojis: tuple[Emoji, ...],
    mentions_by_name: Mapping[str, Mentioned],
    authors: Mapping[int, str],
) -> Announcement:
    addresses = access.core.addresses
    names = text.mentioned_names(announcement.text, access.core.settings.domain)
    mentions = [mentions_by_name[name] for name in names if name in mentions_by_name]
    return Announcement(
        id=str(announcement.id),
        content=access.core.texts.html(announcement.text, access.core.texts.pages(mentions)),
        starts_at=timestamp(announcement.starts_at),
        ends_at=timestamp(announcement.ends_at),
        all_day=announcement.all_day,
        published=True,
        published_at=timestamp(announcement.published_at or announcement.updated_at),
        updated_at=timestamp(announcement.updated_at),
        read=announcement.read if access.viewer is not None else UNSET,
        mentions=[post_serializers.mention(addresses, mentioned) for mentioned in mentions],
        statuses=[
            LinkedStatus(id=str(id), url=addresses.post(authors[id], id))
            for id in _linked(access, announcement)
            if id in authors
        ],
        tags=[
            StatusTag(name=name, url=addresses.tag(text.hashtag_key(name))) for name in text.hashtags(announcement.text)
        ],
        emojis=[post_parts.emoji(addresses, emoji) for emoji in emojis],
        reactions=[
            Reaction(
                name=reaction.name,
                count=reaction.count,
                me=reaction.me,
                url=addresses.media(reaction.picture) if reaction.picture else UNSET,
                static_url=addresses.media(reaction.still_picture) if reaction.still_picture else UNSET,
            )
            for reaction in reactions
        ],
    )


router = Router("/announcements", route_handlers=[listed, dismiss, react, take_back], tags=["announcements"])
