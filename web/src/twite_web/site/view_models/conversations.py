"""Conversations and their messages as pages show them."""

import re
from collections.abc import Collection, Mapping, Sequence

import msgspec
from markupsafe import Markup

from twite_common import ids, post_details, text
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.posts.posts import Post
from twite_common.queries.timelines.conversations import Conversation
from twite_common.queries.timelines.timelines import Entry
from twite_web import post_loader
from twite_web.site.access import Visit
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import post_parts, times
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models.accounts import AccountView, line_html
from twite_web.site.view_models.post_parts import MediaView

EXCERPT_CHARACTERS = 120
_ADDRESSEES = re.compile(r"\s*(?:@[\w.-]*\w\s+)+")


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

    `more` says that it has a poll or quotes a post, which its own page shows.
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
    date: str
    age: str


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
    """Return posts as messages, in order; what the visitor may not see is left out."""
    posts = post_loader.of_entries(visit, entries)
    authors = post_view_models.authors_of(visit, posts.values())
    shown = [posts[entry.post_id] for entry in entries if entry.post_id in posts]
    return [_message(visit, post, authors[post.account_id]) for post in shown]


def _message(visit: Visit, post: Post, author: AccountView) -> MessageView:
    created_at = ids.created_at(post.id)
    details = post_details.decode(post.details)
    texts = visit.core.texts
    html = texts.html(_without_addressees(post.text), texts.pages(details.mentions))
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
        written_at=times.iso(created_at),
        date=times.date(created_at),
        age=times.ago(created_at, visit.now),
    )


def _without_addressees(source: str) -> str:
    """Return a message without the names that it begins with; whole where it has nothing else."""
    addressees = _ADDRESSEES.match(source)
    return source[addressees.end() :] or source if addressees else source


def _excerpt(post: Post) -> str:
    return text.plain_excerpt(post.spoiler_text or _without_addressees(post.text), EXCERPT_CHARACTERS)


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
