"""The site's rules: /api/v1/instance/rules."""

from litestar import get

from twite_common.queries.moderation import rules as queries
from twite_web.api.access import Access, anyone, reading
from twite_web.api.schemas.moderation import Rule
from twite_web.routing import Router
from twite_web.types import Request


@get("/", opt=anyone(), sync_to_thread=True)
def rules(request: Request) -> list[Rule]:
    """Return the rules of the site."""
    with reading(request) as access:
        return entities(access)


def entities(access: Access) -> list[Rule]:
    """Return the rules of the site as entities."""
    return [entity(rule) for rule in queries.all_rules(access.db)]


def entity(rule: queries.Rule) -> Rule:
    """Return a rule as an entity."""
    return Rule(id=str(rule.id), text=rule.text, hint=rule.hint, translations={})


router = Router("/instance/rules", route_handlers=[rules], tags=["instance"])
