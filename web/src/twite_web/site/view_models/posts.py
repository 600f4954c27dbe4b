"""Posts as pages show them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import zip_longest

import msgspec
from markupsafe import Markup

from twite_common import ids, post_details, text
from twite_common.post_details import Attachment, Card
from twite_common.queries.posts.posts import Edit, Poll, Post, Related
from twite_common.queries.timelines.timelines import Entry
from twite_common.text_differences import Segment, differences
from twite_common.translations import gettext as _
from twite_common.translations import language, marked, ngettext
from twite_web import post_loader
from twite_web.rendering import Rendered
from twite_web.site import templating
from twite_web.site.access import Visit
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import times
from twite_web.site.view_models.accounts import ABOUT_CHARACTERS, AccountView, line_html

VISIBILITIES = {
    "public": "",
    "unlisted": marked("Unlisted"),
    "followers": marked("Followers only"),
    "mentioned": marked("Mentioned people only"),
}
ANSWERERS = {
    "following": marked("People whom its author follows or mentions can reply."),
    "mentioned": marked("People who are mentioned can reply."),
    "nobody": marked("Nobody can reply."),
}
UNSHOWN_QUOTES = {
    "unauthorized": marked("You may not see the quoted post."),
    "blocked_account": marked("The quoted post is by someone you have muted or blocked."),
    "muted_account": marked("The quoted post is by someone you have muted or blocked."),
}
GONE_QUOTE = marked("The quoted post is no longer available.")


class MediaView(msgspec.Struct, frozen=True, gc=False):
    """An attachment as a page shows it. `file` is empty while it is being prepared.

    Width and height, in pixels, have browsers leave room for it; 0 where they aren't known.
    """

    kind: str
    file: str
    preview: str
    description: str
    width: int = 0
    height: int = 0


class _Size(msgspec.Struct, frozen=True, gc=False):
    width: int = 0
    height: int = 0


class _Meta(msgspec.Struct, frozen=True, gc=False):
    small: _Size = _Size()


_meta = msgspec.json.Decoder(_Meta)


class CardView(msgspec.Struct, frozen=True, gc=False):
    """What a linked page says of itself; `source` is whose it is: the publisher, the author."""

    url: str
    title: str
    description: str
    source: str
    picture: str


class OptionView(msgspec.Struct, frozen=True, gc=False):
    """What can be chosen in a poll; `votes` is None while they are hidden."""

    place: int
    title: Markup
    votes: int | None
    percent: int
    chosen: bool


class PollView(msgspec.Struct, frozen=True, gc=False):
    """A poll as a page shows it: to be voted in, or with its votes. `state` says in words how it stands."""

    options: list[OptionView]
    multiple: bool
    open: bool
    state: str


class QuoteView(msgspec.Struct, frozen=True, gc=False):
    """The post that a post quotes, or in words why it isn't shown."""

    author: AccountView | None
    path: str
    html: Markup
    spoiler_text: Markup
    sentence: str


class PostView(msgspec.Struct, frozen=True, gc=False):
    """A post as a page shows it, with whoever boosted it into the list.

    `entry_id` is that of the post or of the boost in the list; `anchor` is empty where the same post stands further up
    on the page. `written` is who wrote what and when, and for
    strangers, who have no buttons, the counts, unless a poll or a quoted post comes first. Times are milliseconds.
    """

    id: int
    entry_id: int
    anchor: str
    author: AccountView
    boosted_by: AccountView | None
    path: str
    written: Markup
    html: Markup
    spoiler_text: str
    sensitive: bool
    language: str | None
    audience: str
    for_everybody: bool
    can_answer: bool
    answerers: str
    can_boost: bool
    created_at: int
    edited_at: int | None
    replies_count: int
    boosts_count: int
    favourites_count: int
    favourited: bool
    boosted: bool
    bookmarked: bool
    own: bool
    pinned: bool
    can_pin: bool
    can_quote: bool
    poll: PollView | None
    quote: QuoteView | None


class VersionView(msgspec.Struct, frozen=True, gc=False):
    """One version of a post, and how its text and its content warning differ from the version before."""

    html: Markup
    spoiler_text: Markup
    written_at: str
    written: str
    changes: list[Segment] = []
    spoiler_changes: list[Segment] = []


def posts(visit: Visit, post_ids: Sequence[int]) -> list[PostView]:
    """Return posts and boosts by id, in order; what the visitor may not see is left out."""
    return loaded(visit, post_ids, post_loader.by_id(visit, post_ids))


def posts_of(visit: Visit, entries: Sequence[Entry | Related], *, above: Collection[int] = ()) -> list[PostView]:
    """Return a timeline's entries, in order; what the visitor may not see is left out.

    `above` are posts that stand further up on the page, too.
    """
    return loaded(visit, [entry.post_id for entry in entries], post_loader.of_entries(visit, entries), above=above)


def loaded(
    visit: Visit, post_ids: Sequence[int], posts_by_id: Mapping[int, Post], *, above: Collection[int] = ()
) -> list[PostView]:
    """Return posts that were loaded, in an order; boosts whose original isn't among them are left out."""
    authors = authors_of(visit, posts_by_id.values())
    views: list[PostView] = []
    higher = set(above)
    for entry, post in _shown(post_ids, posts_by_id):
        booster = authors[entry.account_id] if entry.boost_of_id else None
        anchor = "" if post.id in higher else f"post-{post.id}"
        view = _post(visit, post, entry.id, authors[post.account_id], booster, anchor)
        if post.quote_of_id is not None:
            view = msgspec.structs.replace(view, quote=quote(visit, post, posts_by_id.get(post.quote_of_id), authors))
        views.append(view)
        higher.add(post.id)
    return views


def _shown(post_ids: Sequence[int], posts_by_id: Mapping[int, Post]) -> Iterator[tuple[Post, Post]]:
    """Yield the posts of a list in its order, each with what it shows: itself, or what it boosts."""
    for id in post_ids:
        entry = posts_by_id.get(id)
        post = posts_by_id.get(entry.boost_of_id) if entry and entry.boost_of_id else entry
        if entry is not None and post is not None:
            yield entry, post


def excerpt(post: PostView, characters: int) -> str:
    """Return the beginning of a post on one line; of one with a content warning only that."""
    return text.plain_excerpt(post.spoiler_text or post.html.striptags(), characters)


def authors_of(visit: Visit, posts: Collection[Post]) -> dict[int, AccountView]:
    """Return the authors of posts; the names of those whom the posts answer are known afterwards, too."""
    caches = visit.core.caches
    answered_ids = {post.in_reply_to_account_id for post in posts if post.in_reply_to_account_id is not None}
    nameless_ids = [id for id in answered_ids if caches.usernames.get(id) is None]
    authors, loaded = post_loader.authors(visit, posts, caches.account_views, nameless_ids)
    return authors | {id: account_view_models.account(visit, account) for id, account in loaded.items()}


def _post(
    visit: Visit, post: Post, entry_id: int, author: AccountView, booster: AccountView | None, anchor: str
) -> PostView:
    viewer_id = visit.viewer_id
    rendered = visit.core.texts.of_post(post)
    return PostView(
        id=post.id,
        entry_id=entry_id,
        anchor=anchor,
        author=author,
        boosted_by=booster,
        path=f"{author.path}/{post.id}",
        written=_written(visit, post, author, booster, rendered),
        html=post_html(visit, rendered),
        spoiler_text=post.spoiler_text,
        sensitive=post.shown_sensitive,
        language=post.language,
        audience=_audience(post),
        for_everybody=post.for_everybody,
        can_answer=post.can_be_answered_by(viewer_id),
        answerers=_answerers(post),
        can_boost=post.can_be_boosted_by(viewer_id),
        created_at=ids.created_at(post.id),
        edited_at=post.edited_at,
        replies_count=post.replies_count,
        boosts_count=post.boosts_count,
        favourites_count=post.favourites_count,
        favourited=post.favourited,
        boosted=post.boosted,
        bookmarked=post.bookmarked,
        own=post.account_id == viewer_id,
        pinned=post.pinned,
        can_pin=post.can_be_pinned_by(viewer_id),
        can_quote=post.can_be_quoted_by(viewer_id),
        poll=poll(visit, post),
        quote=None,
    )


def quote(visit: Visit, post: Post, quoted_post: Post | None, authors: Mapping[int, AccountView]) -> QuoteView:
    """Return what a post quotes, or why that isn't shown."""
    state = post.quote_state_with(quoted_post)
    if quoted_post is None or state != "accepted":
        return QuoteView(None, "", Markup(), Markup(), _(UNSHOWN_QUOTES.get(state or "", GONE_QUOTE)))
    author = authors[quoted_post.account_id]
    rendered = visit.core.texts.of_post(quoted_post)
    spoiler_text = line_html(visit, quoted_post.spoiler_text, rendered.details.emojis)
    return QuoteView(author, f"{author.path}/{quoted_post.id}", post_html(visit, rendered), spoiler_text, "")


def post_html(visit: Visit, rendered: Rendered) -> Markup:
    """Return a post's text as pages show it: with the site's emojis."""
    return Markup(visit.core.texts.with_emojis(rendered.html, rendered.details.emojis))  # noqa: S704 - made by twite_common.text


def poll(visit: Visit, post: Post) -> PollView | None:
    """Return a post's poll; None where it has none."""
    poll = post.poll_for(visit.viewer_id, now=visit.now)
    if poll is None:
        return None
    emojis = post_details.decode(post.details).emojis
    voters = poll.voters_count
    return PollView(
        options=[
            OptionView(
                place=place,
                title=line_html(visit, title, emojis),
                votes=None if poll.hides_votes else votes,
                percent=round(100 * votes / max(voters, 1)),
                chosen=place in poll.choices,
            )
            for place, (title, votes) in enumerate(poll.options)
        ],
        multiple=poll.multiple,
        open=poll.open,
        state=_state(poll),
    )


def _state(poll: Poll) -> str:
    """Return in words how many people have voted in a poll, and when it ends or ended."""
    voters = poll.voters_count
    if poll.expires_at is None:
        return ngettext("%(count)s person has voted", "%(count)s people have voted", voters)
    end = times.date(poll.expires_at)
    if poll.ended:
        return ngettext(
            "%(count)s person has voted, ended %(time)s",
            "%(count)s people have voted, ended %(time)s",
            voters,
            time=end,
        )
    return ngettext(
        "%(count)s person has voted, ends %(end)s", "%(count)s people have voted, ends %(end)s", voters, end=end
    )


def _audience(post: Post) -> str:
    """Return who may read a post; nothing where everybody may."""
    audience = VISIBILITIES[post.visibility]
    return _(audience) if audience else ""


def _answerers(post: Post) -> str:
    """Return who may answer a post; nothing where everybody may."""
    answerers = ANSWERERS.get(post.reply_policy)
    return _(answerers) if answerers else ""


def _media(rendered: Rendered) -> list[MediaView]:
    return [_attachment(attachment) for attachment in rendered.details.media]


def _attachment(attachment: Attachment) -> MediaView:
    preview = attachment.preview or (attachment.file if attachment.kind == "image" else "")
    size = _meta.decode(attachment.meta).small
    return MediaView(
        kind=attachment.kind,
        file=f"/media/{attachment.file}" if attachment.file else "",
        preview=f"/media/{preview}" if preview else "",
        description=attachment.description,
        width=size.width,
        height=size.height,
    )


def card(card: Card) -> CardView:
    """Return what a linked page says of itself."""
    about = text.plain_excerpt(card.description, ABOUT_CHARACTERS)
    source = " · ".join(filter(None, (card.provider_name, card.author_name)))
    return CardView(card.url, card.title, about, source, f"/media/{card.picture}" if card.picture else "")


def _written(visit: Visit, post: Post, author: AccountView, booster: AccountView | None, rendered: Rendered) -> Markup:
    """Return who wrote a post, what and when, and for strangers the counts: kept by all that it is made from."""
    created_at = ids.created_at(post.id)
    age = times.ago(created_at, visit.now)
    boost = (booster.id, booster.version) if booster else None
    # Those of a post with a poll or a quoted one stand below that.
    last = visit.viewer is None and post.poll_options is None and post.quote_of_id is None
    counts = (post.replies_count, post.boosts_count, post.favourites_count) if last else None
    cache = visit.core.caches.headers
    key = (post.id, post.version, post.in_reply_to_id, author.version, boost, age, counts, language())
    cached_markup = cache.get(key)
    if cached_markup is not None:
        return cached_markup
    answered_username = visit.core.caches.usernames.get(post.in_reply_to_account_id or 0)
    answered_page = f"/@{answered_username}/{post.in_reply_to_id}" if post.in_reply_to_id else f"/@{answered_username}"
    html = templating.template("posts/_written.html").render(
        author=author,
        boosted_by=booster,
        answered=answered_username,
        answered_page=answered_page,
        path=f"{author.path}/{post.id}",
        html=post_html(visit, rendered),
        media=_media(rendered),
        card=card(rendered.details.card) if rendered.details.card else None,
        sensitive=post.shown_sensitive,
        spoiler_text=line_html(visit, post.spoiler_text, rendered.details.emojis),
        language=post.language,
        audience=_audience(post),
        created_at=times.iso(created_at),
        date=times.date(created_at),
        age=age,
        edited=post.edited_at is not None,
        counts=counts,
    )
    return cache.put(key, Markup(html))  # noqa: S704 - a template's output


def versions(visit: Visit, post: Post, edits: Sequence[Edit]) -> list[VersionView]:
    """Return a post's versions, the present one first; names are links as they are in the present one."""
    texts, emojis = visit.core.texts, post_details.decode(post.details).emojis
    pages = texts.pages(post_details.decode(post.details).mentions)
    written_at = post.edited_at or ids.created_at(post.id)
    now = Edit(post.text, post.spoiler_text, post.sensitive, written_at, post.details)
    versions = [now, *reversed(edits)]
    return [
        VersionView(
            html=Markup(texts.with_emojis(texts.html(edit.text, pages), emojis)),  # noqa: S704 - made by twite_common.text
            spoiler_text=line_html(visit, edit.spoiler_text, emojis),
            written_at=times.iso(edit.written_at),
            written=times.date(edit.written_at),
            changes=differences(before.text, edit.text) if before else [],
            spoiler_changes=_spoiler_changes(before, edit),
        )
        for edit, before in zip_longest(versions, versions[1:])
    ]


def _spoiler_changes(before: Edit | None, edit: Edit) -> list[Segment]:
    if before is None or before.spoiler_text == edit.spoiler_text:
        return []
    return differences(before.spoiler_text, edit.spoiler_text)
