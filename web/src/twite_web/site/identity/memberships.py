"""Who acts for the visitor's account, for which accounts the visitor acts, and switching to them and back."""

from typing import NamedTuple

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common import ids
from twite_common.acting import ANSWERS, LOOKS_AFTER, WRITES
from twite_common.errors import TwiteError
from twite_common.queries.identity import memberships as queries
from twite_common.queries.identity.memberships import Membership
from twite_common.services.identity import memberships
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.middleware.request_concurrency import HASHES
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import id_in, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.identity import step_up
from twite_web.site.identity.step_up import StepUpForm
from twite_web.site.view_models import times
from twite_web.types import Request, Response

PAGE = "/settings/members"
ONE = f"{PAGE}/{{membership_id:str}}"


class RoleText(NamedTuple):
    """A role in words: what it is called, and what it lets."""

    name: str
    about: str


ROLES = {
    ANSWERS: RoleText(
        marked("Answers"), marked("Replies to others, sends messages, favourites, boosts, and votes in polls.")
    ),
    WRITES: RoleText(
        marked("Writes"),
        marked("Publishes posts and replies, sends messages, favourites and boosts. Edits and deletes only their own."),
    ),
    LOOKS_AFTER: RoleText(
        marked("Looks after"),
        marked("Writes, deletes any post, changes the profile, and follows, mutes and blocks."),
    ),
}


class InvitationForm(StepUpForm, frozen=True, kw_only=True):
    """Whom to invite and what they may do, and what shows whose account it is."""

    username: str = ""
    role: str = WRITES


class RoleForm(StepUpForm, frozen=True, kw_only=True):
    """Another role for a member, and what shows whose account it is."""

    role: str = ""


class MemberView(msgspec.Struct, frozen=True):
    """Somebody who acts for an account, or the account that somebody acts for; `name` is the other's username.

    `accepted` is False for an invitation; `used` is "" where it never was.
    """

    id: int
    name: str
    role: str
    role_name: str
    about: str
    accepted: bool
    since: str
    used: str


def members_page(
    request: Request, data: InvitationForm | RoleForm, membership_id: str = "", *, error: TwiteError | None = None
) -> Response:
    """Return who acts for the visitor's account and for which accounts they act, and the form to invite somebody.

    `membership_id` is of the member whose form is shown again.
    """
    with reading(request) as visit:
        viewer = visit.member
        return form_errors.page(
            request,
            "identity/members.html",
            visit,
            values=data if isinstance(data, InvitationForm) else InvitationForm(),
            error=error,
            step_up=step_up.asked(request, visit),
            roles={role: _(text.name) for role, text in ROLES.items()},
            explained=[RoleText(_(text.name), _(text.about)) for text in ROLES.values()],
            members=[_view(one, one.member_name, visit.now) for one in queries.of_account(visit.db, visit.account_id)],
            memberships=[
                _view(one, one.account_name, visit.now) for one in queries.of_member(visit.db, visit.account_id)
            ],
            can_share=not (viewer.role or viewer.role_rests),
            most=memberships.MAX_COUNT,
            wrong_id=membership_id,
        )


@get(PAGE, sync_to_thread=True)
def show(request: Request) -> Response:
    """Show who acts for the visitor's account, and for which accounts they act."""
    return members_page(request, InvitationForm())


@post(PAGE, opt=HASHES, sync_to_thread=True)
@shown_again(members_page)
def invite(request: Request, data: JSONBody[InvitationForm]) -> Response:
    """Invite somebody to act for the visitor's account."""
    step_up.check(request, data)
    with writing(request) as visit:
        memberships.invite(visit.db, now=visit.now, viewer=visit.member, name=data.username, role=data.role)
    return redirects.see(request, PAGE, "member_invited")


@post(f"{ONE}/role", opt=HASHES, sync_to_thread=True)
@shown_again(members_page)
def change_role(request: Request, data: JSONBody[RoleForm], membership_id: FromPath[str]) -> Response:
    """Give a member another role."""
    step_up.check(request, data)
    with writing(request) as visit:
        memberships.change_role(
            visit.db,
            now=visit.now,
            account_id=visit.account_id,
            membership_id=id_in(membership_id),
            role=data.role,
        )
    return redirects.see(request, PAGE, "member_changed")


@post(f"{ONE}/remove", sync_to_thread=True)
def remove(request: Request, membership_id: FromPath[str]) -> Response:
    """End a membership, or take an invitation back."""
    with writing(request) as visit:
        memberships.remove(visit.db, now=visit.now, account_id=visit.account_id, membership_id=id_in(membership_id))
    return redirects.see(request, PAGE, "member_removed")


@post(f"{ONE}/accept", sync_to_thread=True)
def accept(request: Request, membership_id: FromPath[str]) -> Response:
    """Take an invitation."""
    with writing(request) as visit:
        memberships.accept(visit.db, now=visit.now, viewer=visit.member, membership_id=id_in(membership_id))
    return redirects.see(request, PAGE, "membership_accepted")


@post(f"{ONE}/leave", sync_to_thread=True)
def leave(request: Request, membership_id: FromPath[str]) -> Response:
    """Decline an invitation, or act for an account no longer."""
    with writing(request) as visit:
        memberships.leave(visit.db, now=visit.now, viewer=visit.member, membership_id=id_in(membership_id))
    return redirects.see(request, PAGE, "membership_left")


@post(f"{ONE}/act", sync_to_thread=True)
def act(request: Request, membership_id: FromPath[str]) -> Response:
    """Act for an account in this session."""
    with writing(request) as visit:
        memberships.act(visit.db, viewer=visit.member, session_id=visit.session_id, membership_id=id_in(membership_id))
    return redirects.see(request, "/", "acts")


@post("/acting/end", sync_to_thread=True)
def end(request: Request) -> Response:
    """Act for nobody else in this session."""
    with writing(request) as visit:
        visit.require_login()
        memberships.act_as_oneself(visit.db, session_id=visit.session_id)
    return redirects.see(request, "/", "acts_no_more")


def _view(membership: Membership, name: str, now: int) -> MemberView:
    text = ROLES[membership.role]
    accepted_at = membership.accepted_at
    return MemberView(
        id=membership.id,
        name=name,
        role=membership.role,
        role_name=_(text.name),
        about=_(text.about),
        accepted=accepted_at is not None,
        since=times.day(accepted_at or ids.created_at(membership.id)),
        used=times.when(membership.used_at, now) if membership.used_at is not None else "",
    )


router = Router("/", route_handlers=[show, invite, change_role, remove, accept, leave, act, end])
