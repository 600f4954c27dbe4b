"""People whom the visitor might want to follow, as pages show them."""

from collections.abc import Sequence

import msgspec

from twite_common.queries.accounts import suggestions as queries
from twite_common.queries.accounts.relationships import Relationship
from twite_common.translations import gettext as _
from twite_common.translations import ngettext
from twite_web.site.access import Visit
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models.accounts import AccountView

PEOPLE = 12


class SuggestionView(msgspec.Struct, frozen=True):
    """Somebody to follow, and in words why."""

    account: AccountView
    reason: str


class PersonView(msgspec.Struct, frozen=True):
    """Somebody to follow, and how the visitor stands to them."""

    account: AccountView
    relationship: Relationship | None


def suggestions(visit: Visit, limit: int) -> list[SuggestionView]:
    """Return people whom the visitor might want to follow, those first whom their own follow; none for strangers."""
    if visit.viewer is None:
        return []
    found = queries.suggestions(visit.db, viewer_id=visit.account_id, limit=limit)
    friends = {suggestion.account_id: suggestion.friends for suggestion in found}
    accounts = account_view_models.accounts(visit, list(friends))
    return [SuggestionView(account, _reason(friends[account.id])) for account in accounts]


def people(visit: Visit, *, followed_ids: Sequence[int] = (), limit: int = PEOPLE) -> list[PersonView]:
    """Return people: those with the ids given first, then those who are suggested."""
    suggested = queries.suggestions(visit.db, viewer_id=visit.account_id, limit=limit)
    account_ids = [*followed_ids, *(suggestion.account_id for suggestion in suggested)]
    relationships = account_view_models.relationships(visit, account_ids)
    accounts = account_view_models.accounts(visit, account_ids)
    return [PersonView(account, relationships.get(account.id)) for account in accounts]


def _reason(friends: int) -> str:
    if not friends:
        return _("Followed by many here")
    return ngettext("%(count)s person you follow follows them", "%(count)s people you follow follow them", friends)
