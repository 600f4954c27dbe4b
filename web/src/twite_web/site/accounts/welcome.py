"""The first steps of a new account: a profile, people and hashtags to follow, a first post. Each can be left out."""

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import JSONBody

from twite_common.errors import NotFound, TwiteError
from twite_common.media import pictures
from twite_common.media.stored_files import storing
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.paging import Page
from twite_common.queries.timelines import tags as tag_queries
from twite_common.queries.timelines import trends
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.timelines import tags
from twite_common.translations import gettext as _
from twite_web import uploads
from twite_web.core import core
from twite_web.middleware.bodies import MAX_WITH_PICTURES_BYTES
from twite_web.routing import Router
from twite_web.site import form_errors, redirects, templating
from twite_web.site.access import Visit, reading, writing
from twite_web.site.draft_forms import blank
from twite_web.site.form_errors import shown_again
from twite_web.site.view_models import composers, suggestions
from twite_web.types import Request, Response

TAGS = 12
FOLLOWED = Page(limit=20)
"""People who are followed already and shown first, so that a click on the button can be taken back."""


class WelcomeForm(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody new introduces themselves."""

    display_name: str = ""
    bio: str = ""
    avatar: UploadFile | None = None


class TagsForm(msgspec.Struct, frozen=True, kw_only=True):
    """The hashtags that are chosen, by name."""

    names: list[str] = []


def profile_page(request: Request, data: WelcomeForm, *, error: TwiteError | None = None) -> Response:
    """Return the first step, the profile."""
    with reading(request) as visit:
        account = account_queries.get(visit.db, visit.account_id)
        if account is None:
            raise NotFound(_("There is no such account."))
        avatar = visit.core.addresses.avatar(account.avatar) if account.avatar else None
        return form_errors.page(request, "accounts/welcome.html", visit, values=data, error=error, avatar=avatar)


@get("/welcome", sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the first step, with what the profile says already."""
    with reading(request, page=False) as visit:
        account = account_queries.get(visit.db, visit.account_id)
    values = WelcomeForm(display_name=account.display_name, bio=account.bio) if account else WelcomeForm()
    return profile_page(request, values)


@post("/welcome", request_max_body_size=MAX_WITH_PICTURES_BYTES, sync_to_thread=True)
@shown_again(profile_page)
def introduce(request: Request, data: JSONBody[WelcomeForm]) -> Response:
    """Keep what somebody new says of themselves, and go on."""
    equipment, changes = core(request), ProfileChanges(display_name=data.display_name, bio=data.bio)
    with reading(request, page=False) as visit:
        visit.require_login()
        profiles.check_profile(changes)
        uploads.count(request, visit.account_id, int(data.avatar is not None), visit.now)
    with storing(equipment.database, equipment.settings) as files:
        avatar = uploads.store_profile_picture(files, data.avatar, pictures.AVATAR, changes.avatar, visit.account_id)
        changes = msgspec.structs.replace(changes, avatar=avatar)
        with writing(request) as visit:
            profiles.change_profile(visit.db, now=visit.now, account_id=visit.account_id, changes=changes)
    return redirects.see(request, "/welcome/people")


@get("/welcome/people", sync_to_thread=True)
def show_people(request: Request) -> Response:
    """Show people and hashtags to follow: those followed already first."""
    with reading(request) as visit:
        followed = account_queries.following(visit.db, visit.account_id, FOLLOWED)
        trending = trends.tags(visit.db, limit=TAGS, offset=0)
        standings = tag_queries.standings(visit.db, [tag.id for tag in trending], account_id=visit.account_id)
        return templating.page(
            request,
            "accounts/welcome_people.html",
            visit,
            people=suggestions.people(visit, followed_ids=[entry.account_id for entry in followed]),
            tags={tag.name: standings.get(tag.id, (False, False))[0] for tag in trending},
        )


@post("/welcome/tags", sync_to_thread=True)
def follow_tags(request: Request, data: JSONBody[TagsForm]) -> Response:
    """Follow the hashtags that were chosen, and go on."""
    with writing(request) as visit:
        for name in data.names[:TAGS]:
            tags.follow_tag(visit.db, now=visit.now, account_id=visit.account_id, name=name)
    return redirects.see(request, "/welcome/post")


@get("/welcome/post", sync_to_thread=True)
def show_post(request: Request) -> Response:
    """Show the form for a first post, which may be sent as it is."""
    with reading(request) as visit:
        # Whoever has posted it is at home.
        values = msgspec.structs.replace(blank(), text=_("Hello, I'm new here! #introduction"), back="/")
        return form_errors.page(
            request,
            "accounts/welcome_post.html",
            visit,
            values=values,
            composer=composers.composer(visit, values),
            staff=_is_staff(visit),
        )


def _is_staff(visit: Visit) -> bool:
    return bool(visit.member.role)


router = Router("/", route_handlers=[show, introduce, show_people, follow_tags, show_post])
