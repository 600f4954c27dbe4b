"""Rules for content: writing them, trying them on earlier posts, and switching them on."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common import formats, ids
from twite_common.content_rules import Conditions
from twite_common.errors import TwiteError
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.moderation import domain_lists
from twite_common.queries.posts import content_rules as queries
from twite_common.queries.posts.content_rules import ContentRule
from twite_common.services.moderation import content_rules
from twite_common.services.moderation.content_rules import RuleDraft, Trial
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import Visit, id_in, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.options import translated
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models.posts import PostView
from twite_web.types import Request, Response

PATH = "/admin/content-rules"
ACTIONS = {
    "hold": marked("Hold it for review"),
    "limit": marked("Keep it out of public lists"),
    "refuse": marked("Refuse it"),
    "report": marked("Publish and report it"),
}
SHOWN_AUTHORS = 20


class RuleForm(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as it is typed: words and domains on lines of their own."""

    name: str = ""
    action: str = "hold"
    explanation: str = ""
    words: str = ""
    pattern: str = ""
    any_link: bool = False
    domains: str = ""
    list_ids: list[str] = []
    max_age_days: int | None = None
    max_posts: int | None = None
    minutes: int | None = None
    names_strangers: bool = False

    def draft(self) -> RuleDraft:
        """Return the rule, as it is to be checked."""
        chosen_ids = [id for id in map(ids.parse, self.list_ids) if id is not None]
        conditions = Conditions(
            words=tuple(self.words.splitlines()),
            pattern=self.pattern.strip(),
            any_link=self.any_link,
            domains=tuple(line.strip() for line in self.domains.splitlines() if line.strip()),
            list_ids=tuple(chosen_ids),
            max_age_days=self.max_age_days,
            max_posts=self.max_posts,
            minutes=self.minutes,
            names_strangers=self.names_strangers,
        )
        return RuleDraft(name=self.name, action=self.action, conditions=conditions, explanation=self.explanation)


class SwitchForm(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a rule is to be on."""

    active: bool = False


class RuleView(msgspec.Struct, frozen=True):
    """A rule in the list."""

    id: int
    name: str
    action: str
    state: str
    active: bool


class TrialView(msgspec.Struct, frozen=True):
    """What a rule would have found: in sentences, with the posts that the visitor may see, and by whom."""

    sentence: str
    done: bool
    examples: list[PostView]
    unseen: int
    authors: list[tuple[str, int, str]]


@get("/admin/content-rules", sync_to_thread=True)
def show_rules(request: Request) -> Response:
    """Show the rules."""
    with reading_as_staff(request, content_rules.PERMISSION) as visit:
        rules = [
            RuleView(rule.id, rule.name, _(ACTIONS[rule.action]), _state(rule), rule.active)
            for rule in queries.all_rules(visit.db)
        ]
        return form_errors.page(request, "moderation/content_rules.html", visit, values=None, rules=rules)


def new_page(request: Request, data: RuleForm, *, error: TwiteError | None = None) -> Response:
    """Return the form for a new rule."""
    with reading_as_staff(request, content_rules.PERMISSION) as visit:
        return _form_page(request, visit, data, None, error)


@get("/admin/content-rules/new", sync_to_thread=True)
def show_new(request: Request) -> Response:
    """Show the form for a new rule."""
    return new_page(request, RuleForm())


@post("/admin/content-rules", sync_to_thread=True)
@shown_again(new_page)
def add(request: Request, data: JSONBody[RuleForm]) -> Response:
    """Add a rule, which is off."""
    with writing(request) as visit:
        id = content_rules.add(visit.db, now=visit.now, viewer=visit.member, draft=data.draft())
    return redirects.see(request, f"{PATH}/{id}", "saved")


def rule_page(
    request: Request, data: RuleForm | SwitchForm | None, content_rule_id: str, *, error: TwiteError | None = None
) -> Response:
    """Return a rule with what it would have found, and the form that changes it, as it was typed or else as it is."""
    with reading_as_staff(request, content_rules.PERMISSION) as visit:
        rule = content_rules.found(visit.db, id_in(content_rule_id))
        return _form_page(request, visit, data if isinstance(data, RuleForm) else _typed(rule), rule, error)


@get("/admin/content-rules/{content_rule_id:str}", sync_to_thread=True)
def show_rule(request: Request, content_rule_id: FromPath[str]) -> Response:
    """Show a rule, and what it would have found."""
    return rule_page(request, None, content_rule_id)


@post("/admin/content-rules/{content_rule_id:str}", sync_to_thread=True)
@shown_again(rule_page)
def change(request: Request, data: JSONBody[RuleForm], content_rule_id: FromPath[str]) -> Response:
    """Change a rule, which is off from then on."""
    with writing(request) as visit:
        content_rules.change(
            visit.db, now=visit.now, viewer=visit.member, rule_id=id_in(content_rule_id), draft=data.draft()
        )
    return redirects.see(request, f"{PATH}/{content_rule_id}", "saved")


@post("/admin/content-rules/{content_rule_id:str}/try", sync_to_thread=True)
def try_out(request: Request, content_rule_id: FromPath[str]) -> Response:
    """Have a rule tried on the posts of the last days."""
    with writing(request) as visit:
        content_rules.try_out(visit.db, now=visit.now, viewer=visit.member, rule_id=id_in(content_rule_id))
    return redirects.see(request, f"{PATH}/{content_rule_id}")


@post("/admin/content-rules/{content_rule_id:str}/switch", sync_to_thread=True)
@shown_again(rule_page)
def switch(request: Request, data: JSONBody[SwitchForm], content_rule_id: FromPath[str]) -> Response:
    """Switch a rule on or off."""
    with writing(request) as visit:
        content_rules.switch(
            visit.db, now=visit.now, viewer=visit.member, rule_id=id_in(content_rule_id), active=data.active
        )
    return redirects.see(request, f"{PATH}/{content_rule_id}", "rule_on" if data.active else "rule_off")


@post("/admin/content-rules/{content_rule_id:str}/remove", sync_to_thread=True)
def remove(request: Request, content_rule_id: FromPath[str]) -> Response:
    """Remove a rule."""
    with writing(request) as visit:
        content_rules.remove(visit.db, now=visit.now, viewer=visit.member, rule_id=id_in(content_rule_id))
    return redirects.see(request, PATH, "rule_removed")


def _form_page(
    request: Request, visit: Visit, data: RuleForm, rule: ContentRule | None, error: TwiteError | None
) -> Response:
    trial = content_rules.trial_of(rule) if rule is not None else None
    return form_errors.page(
        request,
        "moderation/content_rule.html",
        visit,
        values=data,
        error=error,
        rule=rule,
        trial=_trial(visit, trial) if trial is not None else None,
        actions=translated(ACTIONS),
        lists=[(str(one.id), one.name) for one in domain_lists.all_lists(visit.db)],
    )


def _state(rule: ContentRule) -> str:
    trial = content_rules.trial_of(rule)
    if rule.active:
        return _("on")
    if trial is None:
        return _("off, not tried")
    return _("off, tried") if trial.done else _("off, being tried")


def _typed(rule: ContentRule) -> RuleForm:
    wanted = rule.decoded()
    return RuleForm(
        name=rule.name,
        action=rule.action,
        explanation=rule.explanation,
        words="\n".join(wanted.words),
        pattern=wanted.pattern,
        any_link=wanted.any_link,
        domains="\n".join(wanted.domains),
        list_ids=[str(id) for id in wanted.list_ids],
        max_age_days=wanted.max_age_days,
        max_posts=wanted.max_posts,
        minutes=wanted.minutes,
        names_strangers=wanted.names_strangers,
    )


def _trial(visit: Visit, trial: Trial) -> TrialView:
    numbers = {"found": formats.number(trial.found), "seen": formats.number(trial.seen)}
    if not (trial.done or trial.seen):
        sentence = _("It will be tried on earlier posts in a moment.")
    elif not trial.done:
        sentence = _("It is being tried: %(found)s of %(seen)s posts so far.", **numbers)
    elif trial.whole:
        sentence = _("In the last 30 days it would have found %(found)s of %(seen)s posts.", **numbers)
    else:
        sentence = _("It would have found %(found)s of the latest %(seen)s posts.", **numbers)
    examples = post_view_models.posts(visit, trial.examples)
    most = sorted(trial.authors.items(), key=lambda author: author[1], reverse=True)[:SHOWN_AUTHORS]
    accounts = account_queries.load(visit.db, [id for id, _number in most])
    return TrialView(
        sentence=sentence,
        done=trial.done,
        examples=examples,
        unseen=trial.found - len(examples),
        authors=[(accounts[id].username, id, formats.number(number)) for id, number in most if id in accounts],
    )


router = Router("/", route_handlers=[show_rules, show_new, add, show_rule, change, try_out, switch, remove])
