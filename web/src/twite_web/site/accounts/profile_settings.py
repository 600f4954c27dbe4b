"""Editing the visitor's profile."""

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import JSONBody

from twite_common import domains
from twite_common.errors import NotFound, TwiteError
from twite_common.media import pictures
from twite_common.media.stored_files import storing
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.accounts.accounts import Account
from twite_common.queries.notifications import mail_followers
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import MAX_FIELDS, ProfileChanges
from twite_common.translations import gettext as _
from twite_web import uploads
from twite_web.core import core
from twite_web.middleware.bodies import MAX_WITH_PICTURES_BYTES
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import Visit, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.view_models import accounts as account_view_models
from twite_web.types import Request, Response


class FieldForm(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a profile, such as a pronoun or a website."""

    name: str = ""
    value: str = ""


class ProfileForm(msgspec.Struct, frozen=True, kw_only=True):
    """A profile as it is typed; a picture that isn't chosen stays unless it is to be removed.

    `attribution_domains` are names of websites with spaces or line ends between them.
    """

    display_name: str = ""
    bio: str = ""
    fields: list[FieldForm] = []
    avatar: UploadFile | None = None
    header: UploadFile | None = None
    remove_avatar: bool = False
    remove_header: bool = False
    locked: bool = False
    bot: bool = False
    discoverable: bool = False
    indexable: bool = False
    crawlable: bool = False
    hide_collections: bool = False
    show_featured: bool = False
    follow_by_mail: bool = False
    attribution_domains: str = ""


def profile_page(request: Request, data: ProfileForm, *, error: TwiteError | None = None) -> Response:
    """Return the form for one's profile."""
    with reading(request) as visit:
        account = _own(visit)
        return _page(request, visit, data, account, account, error=error)


@get("/settings/profile", sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the form for one's profile."""
    with reading(request) as visit:
        account = _own(visit)
        form = ProfileForm(
            display_name=account.display_name,
            bio=account.bio,
            fields=[FieldForm(name=field.name, value=field.value) for field in account_queries.fields_of(account)],
            locked=account.locked,
            bot=account.bot,
            discoverable=account.discoverable,
            indexable=account.indexable,
            crawlable=not account.noindex,
            hide_collections=account.hide_collections,
            show_featured=account.show_featured,
            follow_by_mail=account.follow_by_mail,
            attribution_domains="\n".join(map(domains.readable, account_queries.attribution_domains_of(account))),
        )
        return _page(request, visit, form, account, account)


@post("/settings/profile", request_max_body_size=MAX_WITH_PICTURES_BYTES, sync_to_thread=True)
@shown_again(profile_page)
def change(request: Request, data: JSONBody[ProfileForm]) -> Response:
    """Change one's profile."""
    equipment, changes = core(request), _changes(data)
    picture_files = [file for file in (data.avatar, data.header) if file is not None]
    with reading(request, page=False) as visit:
        visit.require_login()
        profiles.check_profile(changes)
        uploads.count(request, visit.account_id, len(picture_files), visit.now)
    with storing(equipment.database, equipment.settings) as files:
        changes = msgspec.structs.replace(
            changes,
            avatar=uploads.store_profile_picture(files, data.avatar, pictures.AVATAR, changes.avatar, visit.account_id),
            header=uploads.store_profile_picture(files, data.header, pictures.HEADER, changes.header, visit.account_id),
        )
        with writing(request) as visit:
            profiles.change_profile(visit.db, now=visit.now, account_id=visit.account_id, changes=changes)
    return redirects.see(request, "/settings/profile", "saved")


@post("/settings/profile/preview", status_code=200, request_max_body_size=MAX_WITH_PICTURES_BYTES, sync_to_thread=True)
@shown_again(profile_page)
def preview(request: Request, data: JSONBody[ProfileForm]) -> Response:
    """Show one's profile as it would be, but for pictures that aren't stored yet; nothing is changed."""
    with reading(request) as visit:
        account = _own(visit)
        return _page(request, visit, data, account, profiles.previewed(visit.db, account, _changes(data)), typed=True)


def _changes(data: ProfileForm) -> ProfileChanges:
    """Return what is to be changed but for pictures that were sent."""
    return ProfileChanges(
        display_name=data.display_name,
        bio=data.bio,
        fields=[(field.name, field.value) for field in data.fields],
        avatar=None if data.remove_avatar else msgspec.UNSET,
        header=None if data.remove_header else msgspec.UNSET,
        locked=data.locked,
        bot=data.bot,
        discoverable=data.discoverable,
        indexable=data.indexable,
        noindex=not data.crawlable,
        hide_collections=data.hide_collections,
        show_featured=data.show_featured,
        follow_by_mail=data.follow_by_mail,
        attribution_domains=data.attribution_domains.split(),
    )


def _own(visit: Visit) -> Account:
    account = account_queries.get(visit.db, visit.account_id)
    if account is None:
        raise NotFound(_("There is no such account."))
    return account


def _page(
    request: Request,
    visit: Visit,
    form: ProfileForm,
    account: Account,
    shown: Account,
    *,
    typed: bool = False,
    error: TwiteError | None = None,
) -> Response:
    """Return the form's page with a preview of `shown`; `typed` says that it is what was typed, which isn't stored."""
    missing = [FieldForm()] * (MAX_FIELDS - len(form.fields))
    values = msgspec.structs.replace(form, fields=form.fields + missing)
    avatar, header = visit.core.addresses.avatar(account.avatar), visit.core.addresses.header(account.header)
    return form_errors.page(
        request,
        "accounts/profile_settings.html",
        visit,
        values=values,
        error=error,
        account=account_view_models.preview(visit, shown),
        typed=typed,
        mail_followers_count=mail_followers.count(visit.db, account.id),
        avatar=avatar if account.avatar else None,
        header=header if account.header else None,
    )


router = Router("/", route_handlers=[show, change, preview])
