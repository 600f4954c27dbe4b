"""The rule by which the visitor's old posts are deleted, with a preview before it begins."""

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from twite_common import ids, text
from twite_common.errors import Invalid, TwiteError
from twite_common.formats import number
from twite_common.queries.posts import post_deletion_rules as queries
from twite_common.queries.posts import posts as post_queries
from twite_common.queries.posts.post_deletion_rules import COUNTED, DAYS, Rule
from twite_common.services.posts import post_deletion_rules
from twite_common.translations import gettext as _
from twite_common.translations import marked, ngettext
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import Visit, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.view_models import times
from twite_web.types import Request, Response

PAGE = "/settings/old-posts"
EXCERPT = 100
AGES = {
    14: marked("2 weeks"),
    30: marked("1 month"),
    60: marked("2 months"),
    90: marked("3 months"),
    180: marked("6 months"),
    365: marked("1 year"),
    730: marked("2 years"),
}
PREVIEW, START, STOP = "preview", "start", "stop"


class RuleForm(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as somebody chose it, and whether it is to be shown, started or stopped; numbers are "" for none."""

    wanted: str = PREVIEW
    days: int = 365
    keep_favourited: bool = False
    keep_bookmarked: bool = False
    keep_pinned: bool = False
    keep_media: bool = False
    keep_polls: bool = False
    keep_mentioned: bool = False
    keep_favourites: str = ""
    keep_boosts: str = ""


class OldPostView(msgspec.Struct, frozen=True):
    """A post that would go."""

    path: str
    day: str
    excerpt: str


class PreviewView(msgspec.Struct, frozen=True):
    """How many posts would go, in words, and the first of them."""

    sentence: str
    posts: list[OldPostView]


def rule_page(request: Request, data: RuleForm, *, error: TwiteError | None = None, seen: bool = False) -> Response:
    """Return the form; `seen` adds what the rule in it would delete."""
    with reading(request) as visit:
        visit.require_login()
        return form_errors.page(
            request,
            "posts/old_posts.html",
            visit,
            values=data,
            error=error,
            ages={str(days): _(AGES[days]) for days in DAYS},
            chosen=str(data.days),
            active=queries.of_account(visit.db, visit.account_id) is not None,
            preview=_preview(visit, _rule(data)) if seen else None,
        )


@get(PAGE, sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the rule that there is, or one that could be."""
    with reading(request, page=False) as visit:
        rule = queries.of_account(visit.db, visit.account_id)
    return rule_page(request, _form(rule or Rule()))


@post(PAGE, status_code=200, sync_to_thread=True)
@shown_again(rule_page)
def choose(request: Request, data: JSONBody[RuleForm]) -> Response:
    """Show what a rule would delete, start it, or stop the one that there is."""
    if data.wanted == STOP:
        with writing(request) as visit:
            post_deletion_rules.remove_rule(visit.db, account_id=visit.account_id)
        return redirects.see(request, PAGE, "old_posts_stay")
    rule = _rule(data)
    post_deletion_rules.check(rule)
    if data.wanted != START:
        return rule_page(request, data, seen=True)
    with writing(request) as visit:
        post_deletion_rules.set_rule(visit.db, now=visit.now, account_id=visit.account_id, rule=rule)
    return redirects.see(request, PAGE, "old_posts_go")


def _preview(visit: Visit, rule: Rule) -> PreviewView:
    found = queries.preview(visit.db, visit.account_id, rule, now=visit.now)
    posts = post_queries.load(visit.db, found.post_ids, viewer_id=visit.account_id, now=visit.now)
    if found.count == COUNTED:
        sentence = _("More than %(count)s posts would be deleted, these first:", count=number(COUNTED - 1))
    elif found.count:
        sentence = ngettext(
            "%(count)s post would be deleted:", "%(count)s posts would be deleted, these first:", found.count
        )
    else:
        sentence = _("No post would be deleted now.")
    views = [
        OldPostView(
            path=f"/@{visit.member.username}/{id}",
            day=times.day(ids.created_at(id)),
            excerpt=text.plain_excerpt(posts[id].spoiler_text or posts[id].text, EXCERPT),
        )
        for id in found.post_ids
        if id in posts
    ]
    return PreviewView(sentence, views)


def _rule(data: RuleForm) -> Rule:
    return Rule(
        days=data.days,
        keep_favourited=data.keep_favourited,
        keep_bookmarked=data.keep_bookmarked,
        keep_pinned=data.keep_pinned,
        keep_media=data.keep_media,
        keep_polls=data.keep_polls,
        keep_mentioned=data.keep_mentioned,
        keep_favourites=_number("keep_favourites", data.keep_favourites),
        keep_boosts=_number("keep_boosts", data.keep_boosts),
    )


def _number(name: str, typed: str) -> int | None:
    if not typed.strip():
        return None
    if typed.strip().isdecimal() and len(typed) < 10:
        return int(typed)
    sentence = _("Please type a number from 1 on, or nothing.")
    raise Invalid(sentence, {name: [("ERR_INVALID", sentence)]})


def _form(rule: Rule) -> RuleForm:
    chosen = msgspec.structs.asdict(rule)
    chosen |= {name: str(chosen[name] or "") for name in ("keep_favourites", "keep_boosts")}
    return RuleForm(**chosen)


router = Router("/", route_handlers=[show, choose])
