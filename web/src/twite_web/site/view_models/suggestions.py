"""People whom the visitor might want to follow, as pages show them."""

import msgspec

from twite_common.queries.accounts import suggestions as queries
from twite_common.translations import gettext as _
from twite_common.translations import ngettext
from twite_web.site.access import Visit
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models.accounts import AccountView


class SuggestionView(msgspec.Struct, frozen=True):
    """Somebody to follow, and in words why."""

    account: AccountView
    reason: str


def suggestions(visit: Visit, limit: int) -> list[SuggestionView]:
    """Return people whom the visitor might want to follow, those first whom their own follow; none for strangers."""
    if visit.viewer is None:
        return []
    found = {
        one.account_id: one.friends for one in queries.suggestions(visit.db, viewer_id=visit.account_id, limit=limit)
    }
    accounts = account_view_models.accounts(visit, list(found))
    return [SuggestionView(account, _reason(found[account.id])) for account in accounts]


def _reason(friends: int) -> str:
    if not friends:
        return _("Followed by many here")
    return ngettext("%(count)s person you follow follows them", "%(count)s people you follow follow them", friends)
