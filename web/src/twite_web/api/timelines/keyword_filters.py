"""Filters as in version 1 of the API, one per keyword: /api/v1/filters/…"""

import msgspec
from litestar import delete, get, post, route
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from twite_common.errors import NotFound
from twite_common.filtering import Filter, Keyword
from twite_common.queries.timelines import filters as queries
from twite_common.services.timelines import filters
from twite_common.services.timelines.filters import FilterChanges, KeywordDraft
from twite_common.translations import gettext as _
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.path_params import NOT_FOUND, record_id
from twite_web.api.schemas import Empty, Entity, timestamp
from twite_web.routing import Router
from twite_web.types import Request

READ, WRITE = user("read:filters"), user("write:filters")


class KeywordFilter(Entity, frozen=True, kw_only=True, gc=False):
    """A word that one would rather not see. `irreversible` ones are hidden without a warning."""

    id: str
    phrase: str
    context: list[str]
    expires_at: str | None
    irreversible: bool
    whole_word: bool


class KeywordFilterParameters(msgspec.Struct):
    """What a filter is to be."""

    phrase: str = ""
    context: list[str] = []
    irreversible: bool | UnsetType = UNSET
    whole_word: bool | UnsetType = UNSET
    expires_in: int | UnsetType | None = UNSET

    def changes(self, keyword_id: int | None = None) -> FilterChanges:
        """Return it in our words: a filter of this one word."""
        action: str | UnsetType = UNSET
        if self.irreversible is not UNSET:
            action = "hide" if self.irreversible else "warn"
        return FilterChanges(
            title=self.phrase,
            contexts=tuple(self.context),
            action=action,
            expires_in_seconds=self.expires_in,
            keywords=(KeywordDraft(id=keyword_id, keyword=self.phrase, whole_word=self.whole_word),),
        )


@get("/", opt=READ, sync_to_thread=True)
def several(request: Request) -> list[KeywordFilter]:
    """Return the keywords of the user's filters."""
    with reading(request) as access:
        filters = queries.of_account(access.db, access.account_id)
    return [_entity(filter, word) for filter in filters for word in filter.keywords]


@get("/{keyword_id:str}", opt=READ, sync_to_thread=True)
def one(request: Request, keyword_id: FromPath[str]) -> KeywordFilter:
    """Return a filter keyword."""
    with reading(request) as access:
        return _entity(*_found(access, record_id(keyword_id)))


@post("/", status_code=200, opt=WRITE, sync_to_thread=True)
def add(request: Request, data: JSONBody[KeywordFilterParameters]) -> KeywordFilter:
    """Create a filter with one keyword."""
    with writing(request) as access:
        id = filters.add(access.db, now=access.now, account_id=access.account_id, changes=data.changes())
    with access.reading() as access:
        filter = queries.get(access.db, id, account_id=access.account_id)
    if filter is None:
        raise NotFound(_(NOT_FOUND))
    return _entity(filter, filter.keywords[0])


@route("/{keyword_id:str}", http_method=["PUT", "PATCH"], opt=WRITE, sync_to_thread=True)
def change(request: Request, keyword_id: FromPath[str], data: JSONBody[KeywordFilterParameters]) -> KeywordFilter:
    """Change a filter keyword."""
    id = record_id(keyword_id)
    with writing(request) as access:
        filters.change_by_word(
            access.db, now=access.now, account_id=access.account_id, keyword_id=id, changes=data.changes(id)
        )
    with access.reading() as access:
        return _entity(*_found(access, id))


@delete("/{keyword_id:str}", status_code=200, opt=WRITE, sync_to_thread=True)
def remove(request: Request, keyword_id: FromPath[str]) -> Empty:
    """Remove a filter keyword, and its filter with the last one."""
    id = record_id(keyword_id)
    with writing(request) as access:
        present, _ = _found(access, id)
        if len(present.keywords) == 1:
            filters.remove(access.db, now=access.now, account_id=access.account_id, filter_id=present.id)
        else:
            draft = KeywordDraft(id=id, remove=True)
            filters.change_keyword(access.db, now=access.now, account_id=access.account_id, keyword=draft)
    return Empty()


def _found(access: Access, keyword_id: int) -> tuple[Filter, Keyword]:
    filters = queries.of_account(access.db, access.account_id)
    pair = next(((filter, word) for filter in filters for word in filter.keywords if word.id == keyword_id), None)
    if pair is None:
        raise NotFound(_(NOT_FOUND))
    return pair


def _entity(filter: Filter, word: Keyword) -> KeywordFilter:
    return KeywordFilter(
        id=str(word.id),
        phrase=word.keyword,
        context=list(filter.contexts),
        expires_at=timestamp(filter.expires_at),
        irreversible=filter.action == "hide",
        whole_word=word.whole_word,
    )


router = Router("/filters", route_handlers=[several, one, add, change, remove], tags=["filters"])
