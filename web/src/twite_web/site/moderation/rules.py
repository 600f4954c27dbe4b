"""Editing the site's rules."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common.errors import NotFound, TwiteError
from twite_common.queries.moderation import rules as queries
from twite_common.services.moderation import rules
from twite_common.translations import gettext as _
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import Visit, id_in, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
from twite_web.types import Request, Response


class RuleForm(msgspec.Struct, frozen=True, kw_only=True):
    """A rule, what explains it, and its place among the others; a new one comes last."""

    text: str = ""
    hint: str = ""
    position: int = 0


def rules_page(request: Request, data: RuleForm, *, error: TwiteError | None = None) -> Response:
    """Return the rules, and the form for another."""
    with reading_as_staff(request, "manage_rules") as visit:
        rules = queries.all_rules(visit.db)
        return form_errors.page(request, "moderation/rules.html", visit, values=data, error=error, rules=rules)


@get("/admin/rules", sync_to_thread=True)
def show_rules(request: Request) -> Response:
    """Show the rules."""
    return rules_page(request, RuleForm())


@post("/admin/rules", sync_to_thread=True)
@shown_again(rules_page)
def add(request: Request, data: JSONBody[RuleForm]) -> Response:
    """Add a rule."""
    with writing(request) as visit:
        rules.add(visit.db, now=visit.now, viewer=visit.member, words=data.text, hint=data.hint)
    return redirects.see(request, "/admin/rules", "saved")


def rule_page(request: Request, data: RuleForm, rule_id: str, *, error: TwiteError | None = None) -> Response:
    """Return the form for a rule, with what is wrong with what was typed."""
    with reading_as_staff(request, "manage_rules") as visit:
        return _form_page(request, visit, data, rule_id, error)


@get("/admin/rules/{rule_id:str}", sync_to_thread=True)
def show_rule(request: Request, rule_id: FromPath[str]) -> Response:
    """Show the form for a rule."""
    with reading_as_staff(request, "manage_rules") as visit:
        rule = next((rule for rule in queries.all_rules(visit.db) if rule.id == id_in(rule_id)), None)
        if rule is None:
            raise NotFound(_("There is no such rule."))
        values = RuleForm(text=rule.text, hint=rule.hint, position=rule.position)
        return _form_page(request, visit, values, rule_id)


@post("/admin/rules/{rule_id:str}", sync_to_thread=True)
@shown_again(rule_page)
def change(request: Request, data: JSONBody[RuleForm], rule_id: FromPath[str]) -> Response:
    """Change a rule."""
    with writing(request) as visit:
        rules.change(
            visit.db,
            now=visit.now,
            viewer=visit.member,
            rule_id=id_in(rule_id),
            words=data.text,
            hint=data.hint,
            position=data.position,
        )
    return redirects.see(request, "/admin/rules", "saved")


@post("/admin/rules/{rule_id:str}/remove", sync_to_thread=True)
def remove(request: Request, rule_id: FromPath[str]) -> Response:
    """Remove a rule."""
    with writing(request) as visit:
        rules.remove(visit.db, now=visit.now, viewer=visit.member, rule_id=id_in(rule_id))
    return redirects.see(request, "/admin/rules", "rule_removed")


def _form_page(
    request: Request, visit: Visit, data: RuleForm, rule_id: str, error: TwiteError | None = None
) -> Response:
    return form_errors.page(request, "moderation/rule.html", visit, values=data, error=error, rule_id=id_in(rule_id))


router = Router("/", route_handlers=[show_rules, add, show_rule, change, remove])
