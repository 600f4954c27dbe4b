"""Filters: /api/v2/filters/…"""

import msgspec
from litestar import delete, get, post, route
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from twite_common.errors import NotFound
from twite_common.filtering import Filter
from twite_common.queries.timelines import filters as queries
from twite_common.services.timelines import filters
from twite_common.services.timelines.filters import FilterChanges, KeywordDraft
from twite_common.translations import gettext as _
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.path_params import NOT_FOUND, record_id
from twite_web.api.schemas import Empty
from twite_web.api.schemas.filters import FilterKeyword, FilterStatus, FullFilter
from twite_web.api.serializers import filtered
from twite_web.routing import Router
from twite_web.types import Request

READ, WRITE = user("read:filters"), user("write:filters")


class KeywordParameters(msgspec.Struct):
    """A word: a new one, a changed one (`id`), or one to be removed (`_destroy`)."""

    id: str | None = None
    keyword: str | UnsetType = UNSET
    whole_word: bool | UnsetType = UNSET
    destroy: bool = msgspec.field(name="_destroy", default=False)

    def draft(self) -> KeywordDraft:
        """Return it in our words."""
        return KeywordDraft(
            id=record_id(self.id) if self.id else None,
            keyword=self.keyword,
            whole_word=self.whole_word,
            remove=self.destroy,
        )


class FilterParameters(msgspec.Struct):
    """What a filter is to be."""

    title: str | UnsetType = UNSET
    context: list[str] | UnsetType = UNSET
    filter_action: str | UnsetType = UNSET
    expires_in: int | UnsetType | None = UNSET
    keywords_attributes: list[KeywordParameters] = []

    def changes(self) -> FilterChanges:
        """Return it in our words."""
        return FilterChanges(
            title=self.title,
            contexts=UNSET if self.context is UNSET else tuple(self.context),
            action=self.filter_action,
            expires_in_seconds=self.expires_in,
            keywords=tuple(keyword.draft() for keyword in self.keywords_attributes),
        )


class StatusParameters(msgspec.Struct):
    """The post that a filter is to name."""

    status_id: str = ""


@get("/", opt=READ, sync_to_thread=True)
def several(request: Request) -> list[FullFilter]:
    """Return the user's filters."""
    with reading(request) as access:
        return [filtered.full(filter) for filter in queries.of_account(access.db, access.account_id)]


@get("/{filter_id:str}", opt=READ, sync_to_thread=True)
def one(request: Request, filter_id: FromPath[str]) -> FullFilter:
    """Return a filter."""
    with reading(request) as access:
        return filtered.full(_own(access, record_id(filter_id)))


@post("/", status_code=200, opt=WRITE, sync_to_thread=True)
def add(request: Request, data: JSONBody[FilterParameters]) -> FullFilter:
    """Create a filter."""
    with writing(request) as access:
        id = filters.add(access.db, now=access.now, account_id=access.account_id, changes=data.changes())
    with access.reading() as access:
        return filtered.full(_own(access, id))


@route("/{filter_id:str}", http_method=["PUT", "PATCH"], opt=WRITE, sync_to_thread=True)
def change(request: Request, filter_id: FromPath[str], data: JSONBody[FilterParameters]) -> FullFilter:
    """Change a filter."""
    id = record_id(filter_id)
    with writing(request) as access:
        filters.change(access.db, now=access.now, account_id=access.account_id, filter_id=id, changes=data.changes())
    with access.reading() as access:
        return filtered.full(_own(access, id))


@delete("/{filter_id:str}", status_code=200, opt=WRITE, sync_to_thread=True)
def remove(request: Request, filter_id: FromPath[str]) -> Empty:
    """Remove a filter."""
    with writing(request) as access:
        filters.remove(access.db, now=access.now, account_id=access.account_id, filter_id=record_id(filter_id))
    return Empty()


@get("/{filter_id:str}/keywords", opt=READ, sync_to_thread=True)
def keywords(request: Request, filter_id: FromPath[str]) -> list[FilterKeyword]:
    """Return a filter's keywords."""
    with reading(request) as access:
        return filtered.full(_own(access, record_id(filter_id))).keywords


@post("/{filter_id:str}/keywords", status_code=200, opt=WRITE, sync_to_thread=True)
def add_keyword(request: Request, filter_id: FromPath[str], data: JSONBody[KeywordParameters]) -> FilterKeyword:
    """Add a keyword to a filter."""
    draft = KeywordDraft(keyword=data.keyword, whole_word=data.whole_word)
    with writing(request) as access:
        id = filters.add_keyword(
            access.db,
            now=access.now,
            account_id=access.account_id,
            filter_id=record_id(filter_id),
            keyword=draft,
        )
    with access.reading() as access:
        return _keyword(access, id)


@get("/keywords/{keyword_id:str}", opt=READ, sync_to_thread=True)
def keyword(request: Request, keyword_id: FromPath[str]) -> FilterKeyword:
    """Return a filter keyword."""
    with reading(request) as access:
        return _keyword(access, record_id(keyword_id))


@route("/keywords/{keyword_id:str}", http_method=["PUT", "PATCH"], opt=WRITE, sync_to_thread=True)
def change_keyword(request: Request, keyword_id: FromPath[str], data: JSONBody[KeywordParameters]) -> FilterKeyword:
    """Change a filter keyword."""
    draft = KeywordDraft(id=record_id(keyword_id), keyword=data.keyword, whole_word=data.whole_word)
    with writing(request) as access:
        filters.change_keyword(access.db, now=access.now, account_id=access.account_id, keyword=draft)
    with access.reading() as access:
        return _keyword(access, record_id(keyword_id))


@delete("/keywords/{keyword_id:str}", status_code=200, opt=WRITE, sync_to_thread=True)
def remove_keyword(request: Request, keyword_id: FromPath[str]) -> Empty:
    """Remove a filter keyword."""
    draft = KeywordDraft(id=record_id(keyword_id), remove=True)
    with writing(request) as access:
        filters.change_keyword(access.db, now=access.now, account_id=access.account_id, keyword=draft)
    return Empty()


@get("/{filter_id:str}/statuses", opt=READ, sync_to_thread=True)
def statuses(request: Request, filter_id: FromPath[str]) -> list[FilterStatus]:
    """Return a filter's posts."""
    with reading(request) as access:
        return filtered.full(_own(access, record_id(filter_id))).statuses


@post("/{filter_id:str}/statuses", status_code=200, opt=WRITE, sync_to_thread=True)
def add_status(request: Request, filter_id: FromPath[str], data: JSONBody[StatusParameters]) -> FilterStatus:
    """Add a post to a filter."""
    with writing(request) as access:
        id, post_id = record_id(filter_id), record_id(data.status_id)
        filters.add_post(access.db, now=access.now, account_id=access.account_id, filter_id=id, post_id=post_id)
    with access.reading() as access:
        filtered_post = next(entry for entry in _own(access, id).posts if entry.post_id == post_id)
    return filtered.status(filtered_post)


@get("/statuses/{filter_status_id:str}", opt=READ, sync_to_thread=True)
def status(request: Request, filter_status_id: FromPath[str]) -> FilterStatus:
    """Return a filtered post."""
    with reading(request) as access:
        return _status(access, record_id(filter_status_id))


@delete("/statuses/{filter_status_id:str}", status_code=200, opt=WRITE, sync_to_thread=True)
def remove_status(request: Request, filter_status_id: FromPath[str]) -> FilterStatus:
    """Remove a post from a filter."""
    id = record_id(filter_status_id)
    with writing(request) as access:
        # Read before it is removed, for it is no longer there afterwards.
        status = _status(access, id)
        filters.remove_post(access.db, now=access.now, account_id=access.account_id, filter_post_id=id)
    return status


def _own(access: Access, filter_id: int) -> Filter:
    filter = queries.get(access.db, filter_id, account_id=access.account_id)
    if filter is None:
        raise NotFound(_(NOT_FOUND))
    return filter


def _keyword(access: Access, keyword_id: int) -> FilterKeyword:
    filters = queries.of_account(access.db, access.account_id)
    keyword = next((word for filter in filters for word in filter.keywords if word.id == keyword_id), None)
    if keyword is None:
        raise NotFound(_(NOT_FOUND))
    return filtered.keyword(keyword)


def _status(access: Access, filter_post_id: int) -> FilterStatus:
    filters = queries.of_account(access.db, access.account_id)
    filtered_post = next((post for filter in filters for post in filter.posts if post.id == filter_post_id), None)
    if filtered_post is None:
        raise NotFound(_(NOT_FOUND))
    return filtered.status(filtered_post)


router = Router(
    "/filters",
    route_handlers=[
        several,
        one,
        add,
        change,
        remove,
        keywords,
        add_keyword,
        keyword,
        change_keyword,
        remove_keyword,
        statuses,
        add_status,
        status,
        remove_status,
    ],
    tags=["filters"],
)
