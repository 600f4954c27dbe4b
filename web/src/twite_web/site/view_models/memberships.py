"""For which accounts somebody can act, as forms offer them."""

from twite_common.queries.identity import memberships
from twite_web.site.access import Visit


def choice(visit: Visit) -> dict[str, str]:
    """Return for whom a token can be: the visitor's own account, and by membership those that they act for."""
    to_act_for = memberships.to_act_for(visit.db, visit.account_id)
    return {"": f"@{visit.member.username}"} | {str(one.id): f"@{one.account_name}" for one in to_act_for}
