"""Posts that rules for content hold: looking at them, releasing and rejecting them."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import ids
from twite_common.drafts import Draft, PollDraft
from twite_common.errors import Invalid, TwiteError
from twite_common.post_details import Attachment
from twite_common.queries.posts import held_posts as queries
from twite_common.queries.posts import media
from twite_common.queries.posts.held_posts import HeldPost
from twite_common.services.moderation import held_posts
from twite_common.translations import gettext as _
from twite_web.addresses import Addresses
from twite_web.routing import Router
from twite_web.site import form_errors, paging, redirects
from twite_web.site.access import id_in, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.view_models import times
from twite_web.site.visibilities import WORDS
from twite_web.types import Request, Response

PATH = "/admin/held"
LENGTH = 20
REJECTED = 100


class ChosenForm(msgspec.Struct, frozen=True, kw_only=True):
    """The posts that were chosen in the list, and what their authors are told of why they aren't published."""

    ids: list[str] = []
    note: str = ""

    def chosen(self) -> list[int]:
        """Return the ids. Raises Invalid for none."""
        chosen_ids = [id for id in map(ids.parse, self.ids) if id is not None]
        if not chosen_ids:
            raise Invalid(_("Please choose at least one post."))
        return chosen_ids


class FileView(msgspec.Struct, frozen=True):
    """An attachment; `preview` is empty for what has no picture."""

    path: str
    preview: str
    description: str


class PartView(msgspec.Struct, frozen=True):
    """A post of a thread that is held."""

    text: str
    spoiler_text: str
    options: tuple[str, ...]
    files: list[FileView]


class HeldView(msgspec.Struct, frozen=True):
    """What is held, as the page shows it."""

    id: int
    account_id: int
    username: str
    reason: str
    audience: str
    answered_id: int | None
    parts: list[PartView]
    age: str
    date: str
    note: str


def held_page(
    request: Request, data: ChosenForm, rejected: str = "", max_id: str = "", *, error: TwiteError | None = None
) -> Response:
    """Return what waits for a decision, or what was rejected in the last 30 days."""
    part = paging.page(max_id, "", LENGTH)
    with reading_as_staff(request, held_posts.PERMISSION) as visit:
        rows = queries.rejected(visit.db, limit=REJECTED) if rejected else queries.waiting(visit.db, part)
        attached = media.of_held(visit.db, [row.id for row in rows])
        addresses = visit.core.addresses
        return form_errors.page(
            request,
            "moderation/held_posts.html",
            visit,
            values=data,
            error=error,
            rejected=bool(rejected),
            posts=[_view(row, attached.get(row.id, []), addresses, visit.now) for row in rows],
            older=rows[-1].id if len(rows) == LENGTH and not rejected else None,
        )


@get("/admin/held", sync_to_thread=True)
def show(request: Request, rejected: FromQuery[str] = "", max_id: FromQuery[str] = "") -> Response:
    """Show the posts that are held, the latest first."""
    return held_page(request, ChosenForm(), rejected, max_id)


@post("/admin/held/release", sync_to_thread=True)
@shown_again(held_page)
def release(request: Request, data: JSONBody[ChosenForm]) -> Response:
    """Publish the chosen posts."""
    with writing(request) as visit:
        outcome = held_posts.release(
            visit.db, visit.core.settings, now=visit.now, viewer=visit.member, held_ids=data.chosen()
        )
    if outcome.failures:
        reasons = " ".join(outcome.failures)
        error = Invalid(_("Some can't be published any more, and stay here: %(reasons)s", reasons=reasons))
        return held_page(request, ChosenForm(), error=error)
    return redirects.see(request, PATH, "held_released")


@post("/admin/held/reject", sync_to_thread=True)
@shown_again(held_page)
def reject(request: Request, data: JSONBody[ChosenForm]) -> Response:
    """Decide against the chosen posts, and tell their authors."""
    with writing(request) as visit:
        held_posts.reject(visit.db, now=visit.now, viewer=visit.member, held_ids=data.chosen(), note=data.note)
    return redirects.see(request, PATH, "held_rejected")


@post("/admin/held/{held_id:str}/restore", sync_to_thread=True)
def restore(request: Request, held_id: FromPath[str]) -> Response:
    """Take a rejection back."""
    with writing(request) as visit:
        held_posts.restore(visit.db, now=visit.now, viewer=visit.member, held_id=id_in(held_id))
    return redirects.see(request, PATH, "held_restored")


def _view(row: HeldPost, attached: list[Attachment], addresses: Addresses, now: int) -> HeldView:
    drafts = row.decoded()
    at = row.rejected_at or ids.created_at(row.id)
    return HeldView(
        id=row.id,
        account_id=row.account_id,
        username=row.username,
        reason=row.reason,
        audience=_(WORDS[drafts[0].visibility]) if drafts[0].visibility in WORDS else "",
        answered_id=drafts[0].in_reply_to_id,
        parts=[_part(draft, attached, addresses) for draft in drafts],
        age=times.ago(at, now),
        date=times.date(at),
        note=row.note,
    )


def _part(draft: Draft, attached: list[Attachment], addresses: Addresses) -> PartView:
    own = [file for file in attached if file.id in (draft.media_ids or ())]
    return PartView(
        text=draft.text,
        spoiler_text=draft.spoiler_text,
        options=draft.poll.options if isinstance(draft.poll, PollDraft) else (),
        files=[
            FileView(
                path=addresses.media_path(file.file or ""),
                preview=addresses.media_path(file.preview) if file.preview else "",
                description=file.description,
            )
            for file in own
        ],
    )


router = Router("/", route_handlers=[show, release, reject, restore])
