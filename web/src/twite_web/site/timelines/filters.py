"""The visitor's filters: words and posts that they would rather not see."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from twite_common.errors import NotFound, TwiteError
from twite_common.filtering import CONTEXTS, Filter
from twite_common.queries.timelines import filters as queries
from twite_common.services.timelines import filters
from twite_common.services.timelines.filters import FilterChanges, KeywordDraft
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import form_errors, redirects, templating
from twite_web.site.access import Visit, id_in, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.options import translated
from twite_web.site.redirects import BackForm
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models import times
from twite_web.site.view_models.posts import PostView
from twite_web.types import Request, Response

PAGE = "/settings/filters"
PLACES = {
    "home": marked("Home and lists"),
    "notifications": marked("Notifications"),
    "public": marked("Public timelines, hashtags and search"),
    "thread": marked("Threads"),
    "account": marked("Profiles"),
}
"""Where a filter can apply, by its context."""
ACTIONS = {
    "warn": marked("Hide the post behind a warning"),
    "blur": marked("Hide only its media behind a warning"),
    "hide": marked("Hide the post completely"),
}
KEPT = "kept"
"""Stands for the end that a filter has already."""
DURATIONS = {
    "": marked("Never"),
    "1800": marked("In 30 minutes"),
    "3600": marked("In an hour"),
    "21600": marked("In six hours"),
    "86400": marked("In a day"),
    "604800": marked("In a week"),
    "2592000": marked("In 30 days"),
}
BLANK_WORDS = 3
EXCERPT_CHARACTERS = 80


class WordForm(msgspec.Struct, frozen=True, kw_only=True):
    """A word of a filter; one that has an `id` is there already, and is removed when nothing is left of it."""

    id: str = ""
    keyword: str = ""
    whole_word: bool = False

    def draft(self) -> KeywordDraft:
        """Return it as the service takes it."""
        return KeywordDraft(
            id=id_in(self.id) if self.id else None,
            keyword=self.keyword if self.keyword.strip() else UNSET,
            whole_word=self.whole_word,
            remove=not self.keyword.strip(),
        )


class FilterForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a filter is to be: its switches are named like the contexts that it applies in."""

    title: str = ""
    home: bool = False
    notifications: bool = False
    public: bool = False
    thread: bool = False
    account: bool = False
    action: str = "warn"
    ends: str = ""
    words: list[WordForm] = []

    def changes(self) -> FilterChanges:
        """Return it as the service takes it."""
        return FilterChanges(
            title=self.title,
            contexts=tuple(context for context in CONTEXTS if getattr(self, context)),
            action=self.action,
            expires_in_seconds=self._seconds,
            keywords=tuple(word.draft() for word in self.words),
        )

    @property
    def _seconds(self) -> int | UnsetType | None:
        if self.ends == KEPT:
            return UNSET
        return int(self.ends) if self.ends and self.ends in DURATIONS else None


class FilterView(msgspec.Struct, frozen=True):
    """A filter as the list shows it: in words where it applies, what it does and when it ends."""

    id: int
    title: str
    words: list[str]
    posts_count: int
    places: list[str]
    action: str
    end: str
    over: bool


class FilteredPostView(msgspec.Struct, frozen=True):
    """A post that a filter names; `excerpt` and `path` are empty where the visitor may no longer see it."""

    id: int
    path: str = ""
    author: str = ""
    excerpt: str = ""


class FilterOfPost(msgspec.Struct, frozen=True):
    """One of the visitor's filters, and under which id it names a post; 0 where it doesn't."""

    id: int
    title: str
    filter_status_id: int


@get(PAGE, sync_to_thread=True)
def show_all(request: Request) -> Response:
    """Show the visitor's filters."""
    with reading(request) as visit:
        views = [_view(visit, row) for row in queries.of_account(visit.db, visit.account_id)]
        return templating.page(request, "timelines/filters.html", visit, filters=views)


def new_page(request: Request, data: FilterForm, *, error: TwiteError | None = None) -> Response:
    """Return the form for a new filter."""
    with reading(request) as visit:
        visit.require_login()
        return _form_page(request, visit, data, None, error)


@get(f"{PAGE}/new", sync_to_thread=True)
def show_new(request: Request) -> Response:
    """Show the form for a new filter."""
    return new_page(request, FilterForm(home=True, notifications=True, public=True, thread=True))


@post(PAGE, sync_to_thread=True)
@shown_again(new_page)
def create(request: Request, data: JSONBody[FilterForm]) -> Response:
    """Create a filter."""
    with writing(request) as visit:
        filters.add(visit.db, now=visit.now, account_id=visit.account_id, changes=data.changes())
    return redirects.see(request, PAGE, "filter_created")


def filter_page(
    request: Request, filter_id: FromPath[str], data: FilterForm, *, error: TwiteError | None = None
) -> Response:
    """Return the form for a filter, and the posts that it names."""
    with reading(request) as visit:
        return _form_page(request, visit, data, _own(visit, filter_id), error)


@get(f"{PAGE}/{{filter_id:str}}", sync_to_thread=True)
def show(request: Request, filter_id: FromPath[str]) -> Response:
    """Show a filter."""
    with reading(request) as visit:
        row = _own(visit, filter_id)
        return _form_page(request, visit, _form(row), row, None)


@post(f"{PAGE}/{{filter_id:str}}", sync_to_thread=True)
@shown_again(filter_page)
def change(request: Request, filter_id: FromPath[str], data: JSONBody[FilterForm]) -> Response:
    """Change a filter."""
    id = id_in(filter_id)
    with writing(request) as visit:
        filters.change(visit.db, now=visit.now, account_id=visit.account_id, filter_id=id, changes=data.changes())
    return redirects.see(request, PAGE, "saved")


@post(f"{PAGE}/{{filter_id:str}}/delete", sync_to_thread=True)
def delete(request: Request, filter_id: FromPath[str]) -> Response:
    """Delete a filter."""
    with writing(request) as visit:
        filters.remove(visit.db, now=visit.now, account_id=visit.account_id, filter_id=id_in(filter_id))
    return redirects.see(request, PAGE, "filter_deleted")


@get("/posts/{post_id:str}/filters", sync_to_thread=True)
def show_of_post(request: Request, post_id: FromPath[str]) -> Response:
    """Show which of the visitor's filters name a post, to change that."""
    id = id_in(post_id)
    with reading(request) as visit:
        account_id = visit.account_id
        views = post_view_models.posts(visit, [id])
        if not views:
            raise NotFound(_("This post doesn't exist, or you may not see it."))
        rows = queries.of_account(visit.db, account_id)
        return templating.page(
            request,
            "timelines/filters_of_post.html",
            visit,
            post=views[0],
            excerpt=post_view_models.excerpt(views[0], EXCERPT_CHARACTERS),
            filters=[FilterOfPost(row.id, row.title, _id_of(row, id)) for row in rows],
        )


@post(f"{PAGE}/{{filter_id:str}}/posts/{{post_id:str}}", sync_to_thread=True)
def add_post(request: Request, filter_id: FromPath[str], post_id: FromPath[str], data: JSONBody[BackForm]) -> Response:
    """Have a filter name a post."""
    id, named_id = id_in(filter_id), id_in(post_id)
    with writing(request) as visit:
        filters.add_post(visit.db, now=visit.now, account_id=visit.account_id, filter_id=id, post_id=named_id)
    return redirects.see(request, redirects.local(data.back, f"{PAGE}/{id}"), "filter_added")


@post(f"{PAGE}/posts/{{filter_status_id:str}}/remove", sync_to_thread=True)
def remove_post(request: Request, filter_status_id: FromPath[str], data: JSONBody[BackForm]) -> Response:
    """Have a filter no longer name a post."""
    id = id_in(filter_status_id)
    with writing(request) as visit:
        filters.remove_post(visit.db, now=visit.now, account_id=visit.account_id, filter_post_id=id)
    return redirects.see(request, redirects.local(data.back, PAGE), "filter_removed")


def _own(visit: Visit, filter_id: str) -> Filter:
    row = queries.get(visit.db, id_in(filter_id), account_id=visit.account_id)
    if row is None:
        raise NotFound(_("There is no such filter."))
    return row


def _form(row: Filter) -> FilterForm:
    words = [WordForm(id=str(word.id), keyword=word.keyword, whole_word=word.whole_word) for word in row.keywords]
    switches = {context: context in row.contexts for context in CONTEXTS}
    ends = KEPT if row.expires_at is not None else ""
    return FilterForm(title=row.title, action=row.action, ends=ends, words=words, **switches)


def _form_page(
    request: Request, visit: Visit, data: FilterForm, row: Filter | None, error: TwiteError | None
) -> Response:
    blank = [WordForm(whole_word=True)] * BLANK_WORDS if error is None else []
    ends = translated(DURATIONS)
    if row is not None and row.expires_at is not None:
        ends = {KEPT: _end(visit, row)} | ends
    return form_errors.page(
        request,
        "timelines/filter.html",
        visit,
        values=msgspec.structs.replace(data, words=data.words + blank),
        error=error,
        filter=row,
        posts=_posts(visit, row) if row is not None else [],
        places=translated(PLACES),
        actions=translated(ACTIONS),
        ends=ends,
    )


def _posts(visit: Visit, row: Filter) -> list[FilteredPostView]:
    views = {post.id: post for post in post_view_models.posts(visit, [named.post_id for named in row.posts])}
    return [_post(named.id, views.get(named.post_id)) for named in row.posts]


def _post(id: int, view: PostView | None) -> FilteredPostView:
    if view is None:
        return FilteredPostView(id)
    return FilteredPostView(id, view.path, view.author.name, post_view_models.excerpt(view, EXCERPT_CHARACTERS))


def _view(visit: Visit, row: Filter) -> FilterView:
    return FilterView(
        id=row.id,
        title=row.title,
        words=[word.keyword for word in row.keywords],
        posts_count=len(row.posts),
        places=[_(PLACES[context]) for context in row.contexts],
        action=_(ACTIONS[row.action]),
        end=_end(visit, row) if row.expires_at is not None else "",
        over=row.expires_at is not None and row.expires_at <= visit.now,
    )


def _end(visit: Visit, row: Filter) -> str:
    """Return when a filter ends, or ended, in words."""
    at = row.expires_at or 0
    if at <= visit.now:
        return _("Ended on %(time)s", time=times.date(at))
    return _("Until %(time)s", time=times.date(at))


def _id_of(row: Filter, post_id: int) -> int:
    return next((named.id for named in row.posts if named.post_id == post_id), 0)


router = Router(
    "/",
    route_handlers=[
        *(show_all, show_new, create, show, change, delete),
        *(show_of_post, add_post, remove_post),
    ],
)
