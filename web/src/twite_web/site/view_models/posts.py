"""Posts as pages show them."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec
from markupsafe import Markup

from twite_common import ids, text
from twite_common.filtering import Filter, Matcher
from twite_common.post_details import SOURCES
from twite_common.queries.posts.posts import Post, Related
from twite_common.queries.timelines import tags
from twite_common.queries.timelines.timelines import Entry
from twite_common.translations import gettext as _
from twite_common.translations import language, marked
from twite_web import post_filters, post_loader
from twite_web.rendering import Rendered
from twite_web.site import templating, visibilities
from twite_web.site.access import Visit
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import post_parts, times
from twite_web.site.view_models.accounts import AccountView, line_html
from twite_web.site.view_models.post_parts import MediaView, PollView

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
LONG_CHARACTERS, LONG_LINES = 700, 14
"""A text with more of either is folded in lists."""


class QuoteView(msgspec.Struct, frozen=True, gc=False):
    """The post that a post quotes, or in words why it isn't shown."""

    author: AccountView | None
    path: str
    html: Markup
    spoiler_text: Markup
    sentence: str
    media: list[MediaView] = []
    sensitive: bool = False
    written_at: str = ""
    date: str = ""
    age: str = ""

    @property
    def thumbnail(self) -> MediaView | None:
        """The first of its attachments that can be seen."""
        return next((one for one in self.media if one.preview), None)


class PostView(msgspec.Struct, frozen=True, gc=False):
    """A post as a page shows it, with whoever boosted it into the list.

    `entry_id` is that of the post or of the boost in the list; `anchor` is empty where the same post stands further up
    on the page. `written` is who wrote what and when, and for strangers, who have no buttons, the whole article
    (`whole`), unless it has a poll or a quoted post. `filtered` names the viewer's filters that it matches, to be shown
    on demand; `through` is a hashtag that the viewer follows, where that is why it is in the list. `focus` says that
    the page is about it; `writer` is who wrote it for the viewer's account, if that was a member, on that page. Times
    are milliseconds.
    """

    id: int
    entry_id: int
    anchor: str
    author: AccountView
    boosted_by: AccountView | None
    path: str
    written: Markup
    whole: bool
    html: Markup
    in_reply_to_id: int | None
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
    quotes_count: int
    favourited: bool
    boosted: bool
    bookmarked: bool
    own: bool
    pinned: bool
    can_pin: bool
    can_quote: bool
    poll: PollView | None
    quote: QuoteView | None
    filtered: str = ""
    through: str = ""
    focus: bool = False
    writer: str = ""

    @property
    def date(self) -> str:
        """When it was written, to the minute."""
        return times.date(self.created_at)

    @property
    def written_at(self) -> str:
        """The same as ISO 8601 writes it."""
        return times.iso(self.created_at)


def posts(visit: Visit, post_ids: Sequence[int], *, context: str | None = None) -> list[PostView]:
    """Return posts and boosts by id, in order; what the visitor may not see is left out.

    `context` is where they are shown, one of `filtering.CONTEXTS`: the viewer's filters for it apply.
    """
    return loaded(visit, post_ids, post_loader.by_id(visit, post_ids), context=context)


def posts_of(
    visit: Visit,
    entries: Sequence[Entry | Related],
    *,
    context: str | None = None,
    focus_id: int | None = None,
    above: Collection[int] = (),
) -> list[PostView]:
    """Return a timeline's entries, in order, as `posts` does.

    The post `focus_id` is the one that the page is about: no filter leaves it out. `above` are posts that stand further
    up on the page, too.
    """
    post_ids, posts_by_id = [entry.post_id for entry in entries], post_loader.of_entries(visit, entries)
    return loaded(visit, post_ids, posts_by_id, context=context, focus_id=focus_id, above=above)


def loaded(
    visit: Visit,
    post_ids: Sequence[int],
    posts_by_id: Mapping[int, Post],
    *,
    context: str | None = None,
    focus_id: int | None = None,
    above: Collection[int] = (),
) -> list[PostView]:
    """Return posts that were loaded, in an order; boosts whose original isn't among them are left out."""
    authors = authors_of(visit, posts_by_id.values())
    matcher = post_filters.matcher(visit) if context else post_filters.NO_FILTERS
    views: list[PostView] = []
    higher = set(above)
    for entry, post in _shown(post_ids, posts_by_id):
        filters = _filters(visit, matcher, post, context)
        actions = {filter.action for filter in filters}
        if "hide" in actions and post.id != focus_id:
            continue
        booster = authors[entry.account_id] if entry.boost_of_id else None
        anchor = "" if post.id in higher else f"post-{post.id}"
        blurred, focus = "blur" in actions, post.id == focus_id
        view = _post(visit, post, entry.id, authors[post.account_id], booster, anchor, blurred=blurred, focus=focus)
        if actions - {"blur"}:
            view = msgspec.structs.replace(view, filtered=", ".join(filter.title for filter in filters))
        if post.quote_of_id is not None:
            view = msgspec.structs.replace(view, quote=quote(visit, post, posts_by_id.get(post.quote_of_id), authors))
        views.append(view)
        higher.add(post.id)
    return views


def _filters(visit: Visit, matcher: Matcher, post: Post, context: str | None) -> list[Filter]:
    """Return the viewer's filters that a post matches where it is shown."""
    if matcher is post_filters.NO_FILTERS:
        return []
    descriptions = [attachment.description for attachment in visit.core.texts.of_post(post).details.media]
    matches = post_filters.matches(matcher, post, descriptions, viewer_id=visit.viewer_id, now=visit.now)
    return [match.filter for match in matches if context in match.filter.contexts]


def with_reasons(visit: Visit, views: list[PostView]) -> list[PostView]:
    """Return the posts of a home timeline with the hashtag that brought those which nobody brought whom one follows."""
    post_ids = [view.id for view in views if view.boosted_by is None and not view.own]
    names = tags.reasons(visit.db, post_ids, viewer_id=visit.account_id)
    return [
        msgspec.structs.replace(view, through=names[view.id]) if view.boosted_by is None and view.id in names else view
        for view in views
    ]


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
    visit: Visit,
    post: Post,
    entry_id: int,
    author: AccountView,
    booster: AccountView | None,
    anchor: str,
    *,
    blurred: bool,
    focus: bool,
) -> PostView:
    viewer_id = visit.viewer_id
    rendered = visit.core.texts.of_post(post)
    whole = visit.viewer is None and post.poll_options is None and post.quote_of_id is None and not focus
    place = (entry_id, anchor) if whole else None
    return PostView(
        id=post.id,
        entry_id=entry_id,
        anchor=anchor,
        author=author,
        boosted_by=booster,
        path=f"{author.path}/{post.id}",
        written=_written(visit, post, author, booster, rendered, place, blurred=blurred),
        whole=whole,
        html=post_html(visit, rendered),
        in_reply_to_id=post.in_reply_to_id,
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
        quotes_count=post.quotes_count,
        favourited=post.favourited,
        boosted=post.boosted,
        bookmarked=post.bookmarked,
        own=post.account_id == viewer_id,
        pinned=post.pinned,
        can_pin=post.can_be_pinned_by(viewer_id),
        can_quote=post.can_be_quoted_by(viewer_id),
        poll=post_parts.poll(visit, post),
        quote=None,
        focus=focus,
    )


def quote(visit: Visit, post: Post, quoted_post: Post | None, authors: Mapping[int, AccountView]) -> QuoteView:
    """Return what a post quotes, or why that isn't shown."""
    state = post.quote_state_with(quoted_post)
    if quoted_post is None or state != "accepted":
        return QuoteView(None, "", Markup(), Markup(), _(UNSHOWN_QUOTES.get(state or "", GONE_QUOTE)))
    author = authors[quoted_post.account_id]
    rendered = visit.core.texts.of_post(quoted_post)
    spoiler_text = line_html(visit, quoted_post.spoiler_text, rendered.details.emojis)
    created_at = ids.created_at(quoted_post.id)
    return QuoteView(
        author,
        f"{author.path}/{quoted_post.id}",
        post_html(visit, rendered),
        spoiler_text,
        "",
        media=post_parts.media(visit.core.addresses, rendered),
        sensitive=quoted_post.shown_sensitive,
        written_at=times.iso(created_at),
        date=times.date(created_at),
        age=times.ago(created_at, visit.now),
    )


def post_html(visit: Visit, rendered: Rendered) -> Markup:
    """Return a post's text as pages show it: with the site's emojis."""
    return Markup(visit.core.texts.with_emojis(rendered.html, rendered.details.emojis))  # noqa: S704 - made by twite_common.text


def _audience(post: Post) -> str:
    """Return who may read a post, in a word; nothing where it is public."""
    return "" if post.visibility == "public" else _(visibilities.WORDS[post.visibility])


def _answerers(post: Post) -> str:
    """Return who may answer a post; nothing where everybody may."""
    answerers = ANSWERERS.get(post.reply_policy)
    return _(answerers) if answerers else ""


def _written(
    visit: Visit,
    post: Post,
    author: AccountView,
    booster: AccountView | None,
    rendered: Rendered,
    place: tuple[int, str] | None,
    *,
    blurred: bool,
) -> Markup:
    """Return who wrote a post, what and when: kept by all that it is made from.

    With a `place`, its entry's id and anchor in a list, the whole article with the counts, as strangers see it.
    """
    created_at = ids.created_at(post.id)
    age = times.ago(created_at, visit.now)
    boost = (booster.id, booster.version) if booster else None
    counts = (post.replies_count, post.boosts_count, post.favourites_count) if place else None
    answered_username = visit.core.caches.usernames.get(post.in_reply_to_account_id or 0)
    cache = visit.core.caches.headers
    key = (
        *(post.id, post.version, post.in_reply_to_id, answered_username, author.version),
        *(boost, age, counts, place, blurred, language()),
    )
    cached_markup = cache.get(key)
    if cached_markup is not None:
        return cached_markup
    answered_page = f"/@{answered_username}/{post.in_reply_to_id}" if post.in_reply_to_id else f"/@{answered_username}"
    html = templating.template("posts/_written.html").render(
        id=post.id,
        place=place,
        author=author,
        boosted_by=booster,
        answered=answered_username,
        answered_page=answered_page,
        path=f"{author.path}/{post.id}",
        html=post_html(visit, rendered),
        long=_is_long(post.text),
        media=post_parts.media(visit.core.addresses, rendered),
        card=post_parts.card(visit.core.addresses, rendered.details.card) if rendered.details.card else None,
        sensitive=post.shown_sensitive or blurred,
        spoiler_text=line_html(visit, post.spoiler_text, rendered.details.emojis),
        language=post.language,
        audience=_audience(post),
        audience_icon=visibilities.ICONS[post.visibility],
        created_at=times.iso(created_at),
        date=times.date(created_at),
        age=age,
        edited=post.edited_at is not None,
        imported=_imported(rendered.details.imported_from, created_at),
        counts=counts,
    )
    return cache.put(key, Markup(html))  # noqa: S704 - a template's output


def _imported(source: str, created_at: int) -> str:
    """Return where a post was written that was brought along from elsewhere, and in which year."""
    if not source:
        return ""
    return _("Imported from %(source)s, %(year)s", source=SOURCES.get(source, source), year=times.year(created_at))


def _is_long(source: str) -> bool:
    """Say whether lists show only the beginning of a text."""
    return len(source) > LONG_CHARACTERS or source.count("\n") > LONG_LINES
