"""For which accounts somebody can act, as forms offer them, and what was chosen."""

from twite_common.queries.identity import memberships
from twite_web.oauth.clients import User
from twite_web.site.access import Visit, id_in


def choice(visit: Visit) -> dict[str, str]:
    """Return for whom a token can be: the visitor's own account, and by membership those that they act for."""
    to_act_for = memberships.to_act_for(visit.db, visit.account_id)
    return {"": f"@{visit.member.username}"} | {str(one.id): f"@{one.account_name}" for one in to_act_for}


def chosen(visit: Visit, membership: str) -> User:
    """Return whose token it is to be. Raises NotFound for a membership that isn't the visitor's."""
    if not membership:
        return User(visit.account_id)
    found = memberships.accepted(visit.db, id_in(membership), member_id=visit.account_id)
    return User(visit.account_id, found.id)
