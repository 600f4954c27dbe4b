"""About the site: /api/v1/instance, /api/v2/instance and related endpoints."""

import hashlib
from collections.abc import Collection
from datetime import date
from typing import Any

from litestar import get

from twite_common import clock
from twite_common.media import pictures, recordings
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.accounts import credentials
from twite_common.queries.moderation import domain_blocks as queries
from twite_common.queries.moderation import site_pictures, site_texts
from twite_common.queries.operations import statistics
from twite_common.services.accounts.profiles import MAX_BIO_LENGTH, MAX_FIELD_LENGTH, MAX_FIELDS, MAX_NAME_LENGTH
from twite_common.services.posts import media, pins, polls
from twite_common.services.timelines import tags
from twite_web import __version__
from twite_web.api.access import Access, anyone, reading
from twite_web.api.moderation.rules import entities as rule_entities
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.instance import (
    AccountLimits,
    ApiVersions,
    Configuration,
    Contact,
    DomainBlock,
    FeedAccess,
    FirstInstance,
    Icon,
    Instance,
    Language,
    Limits,
    MediaLimits,
    PollLimits,
    PushKey,
    Registrations,
    Stats,
    StatusLimits,
    StreamingUrl,
    Switch,
    Thumbnail,
    TimelinesAccess,
    Urls,
    Usage,
    Users,
    Week,
)
from twite_web.api.serializers import accounts as account_serializers
from twite_web.core import Core
from twite_web.languages import LANGUAGES
from twite_web.routing import Router
from twite_web.types import Request

SPOKEN = "4.5.0"
API_VERSION = 7
URL_COUNTS = 23
FRAMES_A_SECOND = 120


@get("/api/v2/instance", opt=anyone(), sync_to_thread=True)
def second_version(request: Request) -> Instance:
    """Return what clients need to know about the site."""
    with reading(request) as access:
        settings, addresses = access.core.settings, access.core.addresses
        totals = statistics.totals(access.db, now=access.now)
        contact, rules = _contact(access), rule_entities(access)
        picture = site_pictures.current(access.db)
        texts = site_texts.names_in_effect(access.db, now=access.now)
    return Instance(
        domain=settings.domain,
        title=settings.site_name,
        version=f"{SPOKEN} (compatible; Twite {__version__})",
        source_url="",
        description=settings.site_description,
        usage=Usage(users=Users(active_month=totals.active_month)),
        thumbnail=Thumbnail(
            url=addresses.header(picture.picture if picture else None),
            description=picture.description if picture else "",
        ),
        icon=[Icon(src=f"{addresses.base}/static/icon.png", size="192x192")],
        languages=settings.languages,
        configuration=_configuration(access.core, texts),
        registrations=Registrations(
            enabled=settings.registration in {"open", "approval"},
            approval_required=settings.registration == "approval",
            reason_required=settings.registration == "approval",
            message=None,
            min_age=None,
            url=f"{addresses.base}/signup",
        ),
        api_versions=ApiVersions(mastodon=API_VERSION),
        contact=Contact(email=settings.contact_email, account=contact),
        rules=rules,
    )


@get("/api/v1/instance", opt=anyone(), sync_to_thread=True)
def first_version(request: Request) -> FirstInstance:
    """Return what older clients need to know about the site."""
    with reading(request) as access:
        settings, addresses = access.core.settings, access.core.addresses
        totals = statistics.totals(access.db, now=access.now)
        contact, rules = _contact(access), rule_entities(access)
        picture = site_pictures.current(access.db)
    return FirstInstance(
        uri=settings.domain,
        title=settings.site_name,
        short_description=settings.site_description,
        description=access.core.texts.html(settings.site_description),
        email=settings.contact_email,
        version=f"{SPOKEN} (compatible; Twite {__version__})",
        urls=StreamingUrl(streaming_api=_streaming(addresses.base)),
        stats=Stats(user_count=totals.accounts, status_count=totals.posts, domain_count=1),
        thumbnail=addresses.header(picture.picture if picture else None),
        languages=settings.languages,
        registrations=settings.registration in {"open", "approval"},
        approval_required=settings.registration == "approval",
        invites_enabled=settings.registration == "invitation",
        configuration=Limits(**_limits(access.core)),
        contact_account=contact,
        rules=rules,
    )


@get("/api/v1/instance/activity", opt=anyone(), sync_to_thread=True)
def activity(request: Request) -> list[Week]:
    """Return the last twelve weeks, the newest first: posts, active accounts on the busiest day, new accounts."""
    today = clock.as_date(clock.now())
    monday = today.fromordinal(today.toordinal() - today.weekday())
    first = monday.fromordinal(monday.toordinal() - 7 * 11)
    with reading(request) as access:
        days = statistics.daily(access.db, first, today)
    weeks = [monday.fromordinal(monday.toordinal() - 7 * n) for n in range(12)]
    return [_week(week, [day for day in days if 0 <= (day.day - week).days < 7]) for week in weeks]


@get("/api/v1/instance/languages", opt=anyone(), sync_to_thread=True)
def languages(request: Request) -> list[Language]:
    """Return the languages for posts, each by its own name."""
    with reading(request):
        return [Language(code=code, name=name) for code, name in LANGUAGES.items()]


@get("/api/v1/instance/translation_languages", opt=anyone(), sync_to_thread=True)
def translation_languages(request: Request) -> dict[str, list[str]]:
    """Return the supported translations: this site has none."""
    with reading(request):
        return {}


@get("/api/v1/instance/domain_blocks", opt=anyone(), sync_to_thread=True)
def domain_blocks(request: Request) -> list[DomainBlock]:
    """Return the servers that this one blocks."""
    with reading(request) as access:
        return [_domain_block(block) for block in queries.shown(access.db)]


@get("/api/v1/instance/peers", opt=anyone(), sync_to_thread=True)
def peers(request: Request) -> list[str]:
    """Return the servers that this one knows: none, as it doesn't federate."""
    with reading(request):
        return []


def _week(monday: date, days: list[statistics.Day]) -> Week:
    return Week(
        week=str(clock.start_of(monday) // clock.SECOND),
        statuses=str(sum(day.posts for day in days)),
        logins=str(max((day.active_accounts for day in days), default=0)),
        registrations=str(sum(day.new_accounts for day in days)),
    )


def _domain_block(block: queries.DomainBlock) -> DomainBlock:
    return DomainBlock(
        domain=_obfuscated(block.domain) if block.obfuscate else block.domain,
        digest=hashlib.sha256(block.domain.encode()).hexdigest(),
        severity=block.severity,
        comment=block.public_comment,
    )


def _obfuscated(domain: str) -> str:
    """Return a name of which the middle half can't be read; its dots stay."""
    first, last = len(domain) // 4, len(domain) - len(domain) // 4
    return "".join("*" if first <= at < last and sign != "." else sign for at, sign in enumerate(domain))


def _configuration(core: Core, texts: Collection[str]) -> Configuration:
    base = core.addresses.base
    return Configuration(
        **_limits(core),
        urls=Urls(
            streaming=_streaming(base),
            status=None,
            about=f"{base}/about",
            privacy_policy=f"{base}/privacy" if "privacy" in texts else None,
            terms_of_service=f"{base}/terms" if "terms" in texts else None,
        ),
        vapid=PushKey(public_key=core.push_key),
        translation=Switch(enabled=False),
        timelines_access=TimelinesAccess(
            live_feeds=FeedAccess(local="public", remote="disabled"),
            hashtag_feeds=FeedAccess(local="public", remote="disabled"),
            trending_link_feeds=FeedAccess(local="public", remote="disabled"),
        ),
        limited_federation=True,
    )


def _limits(core: Core) -> dict[str, Any]:
    """Return the members of `Limits`."""
    return {
        "accounts": AccountLimits(
            max_featured_tags=tags.MAX_FEATURED,
            max_pinned_statuses=pins.MAX_COUNT,
            max_display_name_length=MAX_NAME_LENGTH,
            max_note_length=MAX_BIO_LENGTH,
            max_profile_fields=MAX_FIELDS,
            profile_field_name_limit=MAX_FIELD_LENGTH,
            profile_field_value_limit=MAX_FIELD_LENGTH,
        ),
        "statuses": StatusLimits(
            max_characters=core.settings.post_characters,
            max_media_attachments=media.MAX_COUNT,
            characters_reserved_per_url=URL_COUNTS,
        ),
        "media_attachments": MediaLimits(
            supported_mime_types=[*pictures.PICTURE_TYPES, *(recordings.MEDIA_TYPES if recordings.available() else ())],
            description_limit=media.MAX_DESCRIPTION_LENGTH,
            image_size_limit=pictures.MAX_BYTES,
            image_matrix_limit=pictures.MAX_PIXELS,
            video_size_limit=recordings.MAX_BYTES,
            video_frame_rate_limit=FRAMES_A_SECOND,
            video_matrix_limit=recordings.MAX_PIXELS,
        ),
        "polls": PollLimits(
            max_options=polls.MAX_OPTIONS,
            max_characters_per_option=polls.MAX_OPTION_LENGTH,
            min_expiration=polls.MIN_SECONDS,
            max_expiration=polls.MAX_SECONDS,
        ),
    }


def _contact(access: Access) -> Account | None:
    """Return the account of the first administrator, if there is one."""
    administrators = sorted(administrator.account_id for administrator in credentials.with_role(access.db, ["admin"]))
    if not administrators:
        return None
    accounts = account_queries.load(access.db, administrators[:1])
    return account_serializers.account(access.core, accounts[administrators[0]])


def _streaming(base: str) -> str:
    return base.replace("http", "ws", 1)


router = Router(
    "/",
    route_handlers=[
        second_version,
        first_version,
        activity,
        languages,
        domain_blocks,
        peers,
        translation_languages,
    ],
    tags=["instance"],
)
