"""Conversations and their messages as pages show them."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from markupsafe import Markup

from twite_common import formats, ids, post_details, text, time_zones
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.accounts import credentials
from twite_common.queries.posts.posts import Post
from twite_common.queries.timelines.conversations import Conversation
from twite_common.queries.timelines.timelines import Entry
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web import post_loader
from twite_web.site.access import Visit
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import post_parts, times
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models.accounts import AccountView, line_html
from twite_web.site.view_models.post_parts import MediaView

EXCERPT_CHARACTERS = 120
ATTACHED = {"image": marked("Picture"), "gifv": marked("Video"), "video": marked("Video"), "audio": marked("Audio")}
_ADDRESSEES = re.compile(r"\s*(?:@[\w.-]*\w(?:\s+|$))+")


class ConversationView(msgspec.Struct, frozen=True, gc=False):
    """A conversation in the list: with whom, and the beginning of its last message.

    `people` is oneself for notes to oneself; `own` says whether the last message is the visitor's.
    """

    id: int
    last_post_id: int
    people: list[AccountView]
    excerpt: str
    own: bool
    unread: bool
    written_at: str
    date: str
    age: str


class MessageView(msgspec.Struct, frozen=True, gc=False):
    """A post as a message: without the names at its beginning, to whom it is addressed.

    `day` is the day on which it was written, on the first message of that day; `follows` says that the message before
    is by the same author, on the same day. `more` says that it has a poll or quotes a post, which its own page shows.
    Times are those of the reader's clocks.
    """

    id: int
    author: AccountView
    own: bool
    path: str
    html: Markup
    spoiler_text: Markup
    language: str | None
    media: list[MediaView]
    sensitive: bool
    more: bool
    edited: bool
    written_at: str
    written_on: str
    date: str
    time: str
    day: str
    follows: bool


def listed(visit: Visit, rows: Sequence[Conversation]) -> list[ConversationView]:
    """Return conversations, in order; those whose last message the visitor may not see are left out."""
    posts = post_loader.by_id(visit, [row.last_post_id for row in rows])
    people = _people(visit, {id: _members(visit, post) for id, post in posts.items()})
    return [
        ConversationView(
            id=row.id,
            last_post_id=row.last_post_id,
            people=people[row.last_post_id],
            excerpt=_excerpt(posts[row.last_post_id]),
            own=posts[row.last_post_id].account_id == visit.viewer_id,
            unread=row.unread,
            written_at=times.iso(ids.created_at(row.last_post_id)),
            date=times.date(ids.created_at(row.last_post_id)),
            age=times.ago(ids.created_at(row.last_post_id), visit.now),
        )
        for row in rows
        if row.last_post_id in posts
    ]


def people_in(visit: Visit, post_id: int) -> list[AccountView]:
    """Return who is in the conversation that a post is the last of, without the visitor unless they are alone."""
    posts = post_loader.by_id(visit, [post_id])
    return _people(visit, {id: _members(visit, post) for id, post in posts.items()}).get(post_id, [])


def messages(visit: Visit, entries: Sequence[Entry]) -> list[MessageView]:
    """Return posts, the latest first, as messages, the latest last; what the visitor may not see is left out."""
    posts = post_loader.of_entries(visit, entries)
    authors = post_view_models.authors_of(visit, posts.values())
    shown = [posts[entry.post_id] for entry in reversed(entries) if entry.post_id in posts]
    zone = credentials.preferences_of(visit.db, visit.account_id).time_zone
    views: list[MessageView] = []
    before, day_before = None, None
    for post in shown:
        written = time_zones.as_local(ids.created_at(post.id), zone)
        day = written.date()
        follows = day == day_before and post.account_id == before
        views.append(
            _message(visit, post, authors[post.account_id], written, new_day=day != day_before, follows=follows)
        )
        before, day_before = post.account_id, day
    return views


def _message(
    visit: Visit, post: Post, author: AccountView, written: datetime, *, new_day: bool, follows: bool
) -> MessageView:
    details = post_details.decode(post.details)
    texts = visit.core.texts
    html = texts.html(_without_addressees(post.text, attached=bool(details.media)), texts.pages(details.mentions))
    day, time = formats.day(written.date()), formats.time(written)
    return MessageView(
        id=post.id,
        author=author,
        own=post.account_id == visit.viewer_id,
        path=f"{author.path}/{post.id}",
        html=Markup(texts.with_emojis(html, details.emojis)),  # noqa: S704 - made by twite_common.text
        spoiler_text=line_html(visit, post.spoiler_text, details.emojis),
        language=post.language,
        media=post_parts.media(visit.core.addresses, texts.of_post(post)),
        sensitive=post.shown_sensitive,
        more=post.poll_options is not None or post.quote_of_id is not None,
        edited=post.edited_at is not None,
        written_at=times.iso(ids.created_at(post.id)),
        written_on=written.date().isoformat(),
        date=_("%(day)s, %(time)s", day=day, time=time),
        time=time,
        day=day if new_day else "",
        follows=follows,
    )


def _without_addressees(source: str, *, attached: bool) -> str:
    """Return a message without the names that it begins with; whole where there is nothing else, attached or not."""
    addressees = _ADDRESSEES.match(source)
    rest = source[addressees.end() :] if addressees else source
    return rest if rest or attached else source


def _excerpt(post: Post) -> str:
    attached = post_details.decode(post.details).media
    written = post.spoiler_text or _without_addressees(post.text, attached=bool(attached))
    if not written and attached:
        return _(ATTACHED.get(attached[0].kind, ATTACHED["image"]))
    return text.plain_excerpt(written, EXCERPT_CHARACTERS)


def _members(visit: Visit, post: Post) -> list[int]:
    named_ids = [mention.account_id for mention in post_details.decode(post.details).mentions]
    member_ids = dict.fromkeys([post.account_id, *named_ids])
    return [id for id in member_ids if id != visit.viewer_id] or [post.account_id]


def _people(visit: Visit, member_ids: Mapping[int, Collection[int]]) -> dict[int, list[AccountView]]:
    loaded = account_queries.load(visit.db, {id for several in member_ids.values() for id in several})
    return {
        key: [account_view_models.account(visit, loaded[id]) for id in several if id in loaded]
        for key, several in member_ids.items()
    }
