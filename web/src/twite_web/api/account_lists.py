"""Lists of accounts, which several domains answer with."""

from litestar import Response

from twite_common.queries.paging import Listed
from twite_web.api.access import Access
from twite_web.api.paging import link
from twite_web.api.schemas.accounts import Account
from twite_web.api.serializers import accounts as account_serializers
from twite_web.core import Core
from twite_web.types import Request


def accounts_page(request: Request, access: Access, listed: list[Listed], limit: int) -> Response[list[Account]]:
    """Return a page of a list of accounts, with the way to the next one."""
    accounts = in_order(access, [entry.account_id for entry in listed])
    cursors = [entry.cursor for entry in listed]
    return Response(accounts, headers=link(request, cursors, limit, previous="since_id"))


def in_order(access: Access, account_ids: list[int]) -> list[Account]:
    """Return these accounts, each once and in this order, without those that are gone."""
    accounts = account_serializers.accounts(access, account_ids)
    return [accounts[id] for id in dict.fromkeys(account_ids) if id in accounts]


def sought_name(core: Core, query: str) -> str:
    """Return the beginning of a name that is looked for, of one that may be written with this site or as an address."""
    name = query.removeprefix(core.addresses.base + "/").removeprefix("@")
    return name.partition("@")[0] if name.lower().endswith(f"@{core.settings.domain.lower()}") else name
