"""Accounts that the user might want to follow: /api/v1/suggestions and /api/v2/suggestions."""

from litestar import delete, get
from litestar.params import FromPath, FromQuery

from twite_common import ids
from twite_common.queries.accounts import suggestions as queries
from twite_common.queries.accounts.suggestions import Suggestion
from twite_common.services.accounts import suggestions
from twite_web.api import paging
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.schemas import Empty
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.accounts import Suggestion as SuggestionEntity
from twite_web.api.serializers import accounts as account_serializers
from twite_web.routing import Router
from twite_web.types import Request

DEFAULT, MAX_COUNT = paging.ACCOUNTS


@get("/v2/suggestions", opt=user("read", "read:accounts"), sync_to_thread=True)
def with_reasons(request: Request, limit: FromQuery[int] = DEFAULT) -> list[SuggestionEntity]:
    """Return accounts that the user might want to follow, with reasons."""
    with reading(request) as access:
        suggestions = _suggestions(access, limit)
        accounts = account_serializers.accounts(access, [suggestion.account_id for suggestion in suggestions])
    return [
        SuggestionEntity(
            source="past_interactions" if suggestion.friends else "global",
            sources=["friends_of_friends" if suggestion.friends else "most_followed"],
            account=accounts[suggestion.account_id],
        )
        for suggestion in suggestions
    ]


@get("/v1/suggestions", opt=user("read", "read:accounts"), sync_to_thread=True)
def accounts(request: Request, limit: FromQuery[int] = DEFAULT) -> list[Account]:
    """Return accounts that the user might want to follow."""
    with reading(request) as access:
        suggestions = _suggestions(access, limit)
        accounts = account_serializers.accounts(access, [suggestion.account_id for suggestion in suggestions])
    return [accounts[suggestion.account_id] for suggestion in suggestions]


@delete(
    "/v1/suggestions/{account_id:str}",
    status_code=200,
    opt=user("read", "read:accounts", "write:accounts"),
    sync_to_thread=True,
)
def dismiss(request: Request, account_id: FromPath[str]) -> Empty:
    """Never suggest an account again."""
    dismissed_id = ids.parse(account_id)
    with writing(request) as access:
        if dismissed_id is not None:
            suggestions.dismiss(access.db, account_id=access.account_id, dismissed_id=dismissed_id)
    return Empty()


def _suggestions(access: Access, limit: int) -> list[Suggestion]:
    return queries.suggestions(access.db, viewer_id=access.account_id, limit=min(abs(limit), MAX_COUNT))


router = Router("/api", route_handlers=[with_reasons, accounts, dismiss], tags=["suggestions"])
