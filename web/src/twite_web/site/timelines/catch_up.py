"""Since the visitor was here: what those whom they follow posted and took up, and the rules by which it is chosen."""

from collections.abc import Iterable, Sequence

import msgspec
from litestar import get, post
from litestar.params import FromQuery, JSONBody

from twite_common import clock
from twite_common.queries.timelines import catch_up as queries
from twite_common.queries.timelines import visits
from twite_common.queries.timelines.catch_up import CatchUp, Shared
from twite_common.queries.timelines.catch_up_rules import RULES
from twite_common.queries.timelines.visits import Visits
from twite_common.services.timelines import catch_up
from twite_common.services.timelines import visits as visit_services
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web import post_filters
from twite_web.routing import Router
from twite_web.site import parts, redirects, templating
from twite_web.site.access import Visit, reading, writing
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import post_parts, times
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models.accounts import AccountView
from twite_web.site.view_models.post_parts import CardView
from twite_web.site.view_models.posts import PostView
from twite_web.types import Request, Response

NAMED = 3
"""People who are named for each thing that many took up."""
PERIODS = {0: marked("Since you were here"), 24: marked("Last 24 hours"), 7 * 24: marked("Last 7 days")}
"""What can be caught up with, by hours; 0 is since the last visit."""


class RulesForm(msgspec.Struct, frozen=True, kw_only=True):
    """The rules that are on, by their names; those left out are off."""

    people: bool = False
    taken_up: bool = False
    hashtags: bool = False
    links: bool = False
    no_answers: bool = False


class PersonView(msgspec.Struct, frozen=True):
    """Somebody, how much they posted, and their best posts."""

    account: AccountView
    posts_count: int
    posts: list[PostView]


class ActView(msgspec.Struct, frozen=True):
    """Who did one thing to a post: some of them by name, and how many more."""

    icon: str
    label: str
    people: list[AccountView]
    more: int


class TakenUpView(msgspec.Struct, frozen=True):
    """A post that many took up, and what they did."""

    post: PostView
    acts: list[ActView]


class SharedView(msgspec.Struct, frozen=True):
    """A hashtag (`name`, `path`) or a link (`card`) that many used, and posts with it that aren't further up."""

    name: str
    path: str
    card: CardView | None
    people_count: int
    posts_count: int
    posts: list[PostView]


class Period(msgspec.Struct, frozen=True):
    """What else can be caught up with."""

    label: str
    path: str
    current: bool


class RuleView(msgspec.Struct, frozen=True):
    """A rule in words, and whether it is on."""

    name: str
    words: str
    on: bool


@get("/catch-up", sync_to_thread=True)
def show(request: Request, hours: FromQuery[int] = 0) -> Response:
    """Show what happened since the visitor was here last, or within some hours."""
    period = hours if hours in PERIODS else 0
    with reading(request) as visit:
        since_at = visit.now - period * clock.HOUR if period else None
        found = queries.catch_up(
            visit.db, viewer_id=visit.account_id, now=visit.now, filters=post_filters.matcher(visit), since_at=since_at
        )
        views = _Views(visit, found)
        return templating.page(
            request,
            "timelines/catch_up.html",
            visit,
            since=times.date(found.since_at),
            posts_count=found.posts_count,
            has_more=found.has_more,
            more_people_count=found.more_people_count,
            taken_up=views.taken_up(),
            links=views.links(),
            hashtags=views.hashtags(),
            people=views.people(),
            rules=[RuleView(rule.name, rule.words, rule.name in found.rules) for rule in RULES],
            periods=[
                Period(_(label), f"/catch-up?hours={number}" if number else "/catch-up", number == period)
                for number, label in PERIODS.items()
            ],
        )


@post("/catch-up", sync_to_thread=True)
def switch(request: Request, data: JSONBody[RulesForm]) -> Response:
    """Switch rules on and off."""
    with writing(request) as visit:
        catch_up.switch(visit.db, account_id=visit.account_id, rules=msgspec.structs.asdict(data))
    return redirects.see(request, "/catch-up", "saved")


def since(visits: Visits, newest_at: int, now: int) -> str:
    """Return since when there is something to catch up with, in words, as the home page is opened; empty for nothing.

    `newest_at` is when the newest post that it shows came, in milliseconds.
    """
    left_at = visits.left_at(now)
    return times.date(left_at) if visits.is_due(now) and newest_at > left_at else ""


def see_home(request: Request, visits: Visits) -> None:
    """Record that the visitor sees their home page, if that is due."""
    if parts.wanted(request):
        return
    with writing(request) as visit:
        if visits.is_due(visit.now):
            visit_services.see_home(visit.db, now=visit.now, account_id=visit.account_id)


class _Views:
    """What was found as pages show it: all posts and people are loaded at once, and no post is shown twice."""

    def __init__(self, visit: Visit, found: CatchUp) -> None:
        self._found = found
        self._addresses = visit.core.addresses
        shared = [one for _name, one in (*found.hashtags, *found.links)]
        post_ids = [one.post_id for one in found.taken_up] + [id for one in shared for id in one.latest_ids]
        post_ids += [id for person in found.people for id in person.best_ids]
        views = post_view_models.posts(visit, list(dict.fromkeys(post_ids)), context="home")
        self._posts = {view.entry_id: view for view in views}
        account_ids = [person.account_id for person in found.people]
        for one in found.taken_up:
            account_ids += [*one.boosted_by[:NAMED], *one.favourited_by[:NAMED], *one.answered_by[:NAMED]]
        accounts = account_view_models.accounts(visit, list(dict.fromkeys(account_ids)))
        self._accounts = {account.id: account for account in accounts}

    def taken_up(self) -> list[TakenUpView]:
        """Return the posts that many took up."""
        return [
            TakenUpView(
                post,
                [
                    *self._act("boost", _("Boosted by"), one.boosted_by),
                    *self._act("star", _("Favourited by"), one.favourited_by),
                    *self._act("reply", _("Answered by"), one.answered_by),
                ],
            )
            for one in self._found.taken_up
            for post in self._taken([one.post_id])
        ]

    def links(self) -> list[SharedView]:
        """Return the links that many shared."""
        links = self._found.links
        return [self._shared("", card.url, post_parts.card(self._addresses, card), one) for card, one in links]

    def hashtags(self) -> list[SharedView]:
        """Return the hashtags that many used."""
        return [self._shared(tag.name, f"/tags/{tag.name_key}", None, one) for tag, one in self._found.hashtags]

    def people(self) -> list[PersonView]:
        """Return those who posted."""
        return [
            PersonView(self._accounts[person.account_id], person.posts_count, self._taken(person.best_ids))
            for person in self._found.people
            if person.account_id in self._accounts
        ]

    def _taken(self, post_ids: Iterable[int]) -> list[PostView]:
        return [self._posts.pop(id) for id in post_ids if id in self._posts]

    def _act(self, icon: str, label: str, account_ids: Sequence[int]) -> list[ActView]:
        people = [self._accounts[id] for id in account_ids[:NAMED] if id in self._accounts]
        return [ActView(icon, label, people, len(account_ids) - len(people))] if people else []

    def _shared(self, name: str, path: str, card: CardView | None, shared: Shared) -> SharedView:
        posts = self._taken(shared.latest_ids)
        return SharedView(name, path, card, len(shared.account_ids), shared.posts_count, posts)


def visits_of(visit: Visit) -> Visits:
    """Return when the visitor was here."""
    return visits.of_account(visit.db, visit.account_id)


router = Router("/", route_handlers=[show, switch])
