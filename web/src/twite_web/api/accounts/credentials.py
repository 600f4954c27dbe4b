"""The user's own account: credentials, profile and preferences."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import msgspec
from litestar import delete, get, patch, route
from litestar.datastructures import UploadFile
from litestar.params import JSONBody
from msgspec import UNSET, UnsetType

from twite_common.errors import Invalid
from twite_common.media import pictures
from twite_common.media.stored_files import storing
from twite_common.queries.accounts import accounts as queries
from twite_common.queries.accounts import credentials
from twite_common.queries.accounts.accounts import Account
from twite_common.queries.paging import Page
from twite_common.queries.timelines import tags
from twite_common.services.accounts import preferences as preference_service
from twite_common.services.accounts import profiles
from twite_common.services.accounts.preferences import PreferenceChanges
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.translations import gettext as _
from twite_web import uploads
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.schemas import Entity
from twite_web.api.schemas.accounts import CredentialAccount, Field, Source
from twite_web.api.schemas.timelines import FeaturedTag
from twite_web.api.serializers import accounts as account_serializers
from twite_web.api.serializers.featured_tags import featured_tag
from twite_web.api.visibilities import OUR_VISIBILITY, VISIBILITY
from twite_web.core import core
from twite_web.middleware.bodies import MAX_WITH_PICTURES_BYTES
from twite_web.routing import Router
from twite_web.types import Request


class ProfileField(msgspec.Struct):
    """One line of a profile."""

    name: str = ""
    value: str = ""


class SourceChanges(msgspec.Struct):
    """Defaults for new posts."""

    privacy: str | UnsetType = UNSET
    sensitive: bool | UnsetType = UNSET
    language: str | UnsetType | None = UNSET
    quote_policy: Literal["public", "followers", "nobody"] | UnsetType = UNSET


class ProfileChangesSent(msgspec.Struct):
    """Changes to one's profile; what is left out stays. `avatar` and `header` are files, or nothing to remove them."""

    display_name: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    avatar: Any = UNSET
    header: Any = UNSET
    avatar_description: str | UnsetType = UNSET
    header_description: str | UnsetType = UNSET
    locked: bool | UnsetType = UNSET
    bot: bool | UnsetType = UNSET
    discoverable: bool | UnsetType = UNSET
    indexable: bool | UnsetType = UNSET
    noindex: bool | UnsetType = UNSET
    hide_collections: bool | UnsetType = UNSET
    show_media: bool | UnsetType = UNSET
    show_media_replies: bool | UnsetType = UNSET
    show_featured: bool | UnsetType = UNSET
    follow_by_mail: bool | UnsetType = UNSET
    attribution_domains: list[str] | UnsetType = UNSET
    fields_attributes: list[ProfileField] | UnsetType = UNSET


class CredentialChanges(ProfileChangesSent):
    """Changes to one's profile and to the defaults for new posts; what is left out stays."""

    source: SourceChanges | UnsetType = UNSET


class Profile(Entity, frozen=True, kw_only=True, gc=False):
    """One's own profile as it was written; pictures that aren't set are null."""

    id: str
    display_name: str
    note: str
    fields: list[Field]
    avatar: str | None
    avatar_static: str | None
    avatar_description: str
    header: str | None
    header_static: str | None
    header_description: str
    locked: bool
    bot: bool
    hide_collections: bool | None
    discoverable: bool | None
    indexable: bool
    show_media: bool
    show_media_replies: bool
    show_featured: bool
    follow_by_mail: bool
    attribution_domains: list[str]
    featured_tags: list[FeaturedTag]


class Preferences(msgspec.Struct, rename=lambda name: name.replace("__", ":")):
    """What one has chosen for posting and reading."""

    posting__default__visibility: str
    posting__default__sensitive: bool
    posting__default__language: str | None
    posting__default__quote_policy: str
    reading__expand__media: str = "default"
    reading__expand__spoilers: bool = False
    reading__autoplay__gifs: bool = False


@get("/accounts/verify_credentials", opt=user("profile", "read:accounts"), sync_to_thread=True)
def verify_credentials(request: Request) -> CredentialAccount:
    """Return the user's own account, with the profile's source."""
    with reading(request) as access:
        return _own(access)


@patch(
    "/accounts/update_credentials",
    opt=user("write:accounts"),
    request_max_body_size=MAX_WITH_PICTURES_BYTES,
    sync_to_thread=True,
)
def update_credentials(request: Request, data: JSONBody[CredentialChanges]) -> CredentialAccount:
    """Change the user's profile and defaults for new posts."""
    with _storing(request, data) as changes, writing(request) as access:
        profiles.change_profile(access.db, now=access.now, account_id=access.account_id, changes=changes)
        if data.source is not UNSET:
            preference_service.change_preferences(
                access.db, account_id=access.account_id, changes=_defaults(data.source)
            )
    with access.reading() as access:
        return _own(access)


@get("/profile", opt=user("profile", "read:accounts"), sync_to_thread=True)
def profile(request: Request) -> Profile:
    """Return the user's own profile, as written."""
    with reading(request) as access:
        return _profile(access)


@route(
    "/profile",
    http_method=["PATCH", "PUT"],
    status_code=200,
    opt=user("write:accounts"),
    request_max_body_size=MAX_WITH_PICTURES_BYTES,
    sync_to_thread=True,
)
def change_profile(request: Request, data: JSONBody[ProfileChangesSent]) -> Profile:
    """Change the user's profile."""
    with _storing(request, data) as changes, writing(request) as access:
        profiles.change_profile(access.db, now=access.now, account_id=access.account_id, changes=changes)
    with access.reading() as access:
        return _profile(access)


@delete("/profile/avatar", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def remove_avatar(request: Request) -> CredentialAccount:
    """Remove the profile picture."""
    return _without(request, ProfileChanges(avatar=None))


@delete("/profile/header", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def remove_header(request: Request) -> CredentialAccount:
    """Remove the header picture."""
    return _without(request, ProfileChanges(header=None))


@get("/preferences", opt=user("read:accounts"), sync_to_thread=True)
def preferences(request: Request) -> Preferences:
    """Return the user's preferences for posting and reading."""
    with reading(request) as access:
        chosen = credentials.preferences_of(access.db, access.account_id)
    return Preferences(
        posting__default__visibility=VISIBILITY[chosen.visibility],
        posting__default__sensitive=chosen.sensitive,
        posting__default__language=chosen.language,
        posting__default__quote_policy=chosen.quote_policy,
    )


def _own(access: Access) -> CredentialAccount:
    account_id = access.account_id
    account = queries.load(access.db, [account_id])[account_id]
    chosen = credentials.preferences_of(access.db, account_id)
    waiting = queries.follow_requests(access.db, account_id, Page(limit=1000))
    return CredentialAccount(
        **account_serializers.account_values(access.core, account),
        source=Source(
            privacy=VISIBILITY[chosen.visibility],
            sensitive=chosen.sensitive,
            language=chosen.language,
            note=account.bio,
            fields=_fields(account),
            follow_requests_count=len(waiting),
            hide_collections=account.hide_collections,
            discoverable=account.discoverable,
            indexable=account.indexable,
            attribution_domains=queries.attribution_domains_of(account),
            quote_policy=chosen.quote_policy,
        ),
        role=account_serializers.role(account.role),
    )


def _profile(access: Access) -> Profile:
    account = queries.load(access.db, [access.account_id])[access.account_id]
    addresses = access.core.addresses
    avatar = addresses.avatar(account.avatar) if account.avatar else None
    header = addresses.header(account.header) if account.header else None
    return Profile(
        id=str(account.id),
        display_name=account.display_name,
        note=account.bio,
        fields=_fields(account),
        avatar=avatar,
        avatar_static=avatar,
        avatar_description=account.avatar_description,
        header=header,
        header_static=header,
        header_description=account.header_description,
        locked=account.locked,
        bot=account.bot,
        hide_collections=account.hide_collections,
        discoverable=account.discoverable,
        indexable=account.indexable,
        show_media=account.show_media,
        show_media_replies=account.show_media_replies,
        show_featured=account.show_featured,
        follow_by_mail=account.follow_by_mail,
        attribution_domains=queries.attribution_domains_of(account),
        featured_tags=[featured_tag(access, tag) for tag in tags.featured(access.db, access.account_id)],
    )


def _fields(account: Account) -> list[Field]:
    return [
        Field(name=field.name, value=field.value, verified_at=account_serializers.verified_at(field.verified_at))
        for field in queries.fields_of(account)
    ]


def _without(request: Request, changes: ProfileChanges) -> CredentialAccount:
    with writing(request) as access:
        profiles.change_profile(access.db, now=access.now, account_id=access.account_id, changes=changes)
    with access.reading() as access:
        return _own(access)


@contextmanager
def _storing(request: Request, data: ProfileChangesSent) -> Iterator[ProfileChanges]:
    """Give what is to be changed, all of it checked and its pictures stored; these go where it isn't changed then."""
    equipment, changes = core(request), _changes(data)
    pictures_sent = sum(isinstance(picture, UploadFile) for picture in (data.avatar, data.header))
    if not pictures_sent:
        yield changes
        return
    with reading(request) as access:
        profiles.check_profile(changes)
        uploads.count(request, access.account_id, pictures_sent, access.now)
    with storing(equipment.database, equipment.settings) as files:
        yield msgspec.structs.replace(
            changes,
            avatar=uploads.store_profile_picture(
                files, data.avatar, pictures.AVATAR, changes.avatar, access.account_id
            ),
            header=uploads.store_profile_picture(
                files, data.header, pictures.HEADER, changes.header, access.account_id
            ),
        )


def _changes(data: ProfileChangesSent) -> ProfileChanges:
    """Return what is to be changed but for pictures that were sent."""
    fields: list[tuple[str, str]] | UnsetType = UNSET
    if data.fields_attributes is not UNSET:
        fields = [(field.name, field.value) for field in data.fields_attributes]
    return ProfileChanges(
        display_name=data.display_name,
        bio=data.note,
        fields=fields,
        avatar=_without_file(data.avatar),
        header=_without_file(data.header),
        avatar_description=data.avatar_description,
        header_description=data.header_description,
        locked=data.locked,
        bot=data.bot,
        discoverable=data.discoverable,
        indexable=data.indexable,
        noindex=data.noindex,
        hide_collections=data.hide_collections,
        show_media=data.show_media,
        show_media_replies=data.show_media_replies,
        show_featured=data.show_featured,
        follow_by_mail=data.follow_by_mail,
        attribution_domains=data.attribution_domains,
    )


def _without_file(picture: Any) -> UnsetType | None:
    """Return None for a picture that is to be removed; UNSET for one that was sent, or isn't to be changed."""
    if isinstance(picture, UnsetType | UploadFile):
        return UNSET
    if picture in ("", None):
        return None
    raise Invalid(_("Validation failed: a picture must be sent as a file"))


def _defaults(changes: SourceChanges) -> PreferenceChanges:
    visibility: Any = UNSET
    if changes.privacy is not UNSET:
        if changes.privacy not in OUR_VISIBILITY:
            raise Invalid(_("Validation failed: Visibility must be public, unlisted, private or direct"))
        visibility = OUR_VISIBILITY[changes.privacy]
    language = UNSET if changes.language is UNSET else changes.language or None
    return PreferenceChanges(
        visibility=visibility, sensitive=changes.sensitive, language=language, quote_policy=changes.quote_policy
    )


router = Router(
    "/",
    route_handlers=[
        verify_credentials,
        update_credentials,
        profile,
        change_profile,
        remove_avatar,
        remove_header,
        preferences,
    ],
    tags=["profile"],
)
