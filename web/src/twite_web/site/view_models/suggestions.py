"""People whom somebody might want to follow, as pages show them with a button."""

from collections.abc import Sequence

import msgspec

from twite_common.queries.accounts import relationships, suggestions
from twite_web.site.access import Visit
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models.accounts import AccountView

PEOPLE = 12


class PersonView(msgspec.Struct, frozen=True):
    """Somebody, and whether the visitor follows them or has asked to."""

    account: AccountView
    following: bool
    requested: bool


def people(visit: Visit, *, followed_ids: Sequence[int] = (), limit: int = PEOPLE) -> list[PersonView]:
    """Return people: those with the ids given first, then those who are suggested."""
    suggested = suggestions.suggestions(visit.db, viewer_id=visit.account_id, limit=limit)
    account_ids = [*followed_ids, *(suggestion.account_id for suggestion in suggested)]
    found = relationships.load(visit.db, account_ids, viewer_id=visit.account_id, now=visit.now)
    standing = {relationship.account_id: relationship for relationship in found}
    return [
        PersonView(account, standing[account.id].following, standing[account.id].requested)
        for account in account_view_models.accounts(visit, account_ids)
    ]
