"""What somebody who types a search may mean: /api/v1/search/suggestions, an extension of this site."""

from litestar import get
from litestar.params import FromQuery

from twite_common.queries.accounts import search_suggestions as queries
from twite_web.api.access import anyone, reading
from twite_web.api.schemas.timelines import RecentSearch, SearchSuggestions
from twite_web.api.serializers import accounts as account_serializers
from twite_web.api.timelines.tags import all_made
from twite_web.routing import Router
from twite_web.types import Request


@get("/search/suggestions", opt=anyone("read:search"), sync_to_thread=True)
def suggestions(request: Request, q: FromQuery[str] = "") -> SearchSuggestions:
    """Return up to four accounts, hashtags and one's own recent searches that begin with what was typed.

    Accounts that the user follows come first. Strangers must have typed three letters.
    """
    with reading(request) as access:
        found = queries.suggest(access.db, q, viewer_id=access.viewer_id)
        accounts = account_serializers.accounts(access, found.account_ids)
        return SearchSuggestions(
            accounts=[accounts[id] for id in found.account_ids if id in accounts],
            hashtags=all_made(access, found.hashtags),
            searches=[RecentSearch(id=str(search.id), query=search.query) for search in found.searches],
        )


router = Router("/", route_handlers=[suggestions], tags=["search"])
