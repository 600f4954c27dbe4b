"""Texts about the site: its extended description, privacy policy and terms."""

from datetime import date

from litestar import get
from litestar.params import FromPath

from twite_common import clock
from twite_common.errors import NotFound
from twite_common.queries.moderation import site_texts as queries
from twite_common.queries.moderation.site_texts import SiteText
from twite_common.translations import gettext as _
from twite_web.api.access import Access, anyone, reading
from twite_web.api.path_params import NOT_FOUND
from twite_web.api.schemas import Entity, timestamp
from twite_web.routing import Router
from twite_web.types import Request


class Page(Entity, frozen=True, kw_only=True, gc=False):
    """A text about the site."""

    updated_at: str | None
    content: str


class Terms(Entity, frozen=True, kw_only=True, gc=False):
    """The terms of the site, as they are from a day on until others succeed them."""

    effective_date: str
    effective: bool
    content: str
    succeeded_by: str | None


@get("/extended_description", opt=anyone(), sync_to_thread=True)
def extended_description(request: Request) -> Page:
    """Return the site's extended description, as HTML."""
    with reading(request) as access:
        site_text = queries.current(access.db, "about", now=access.now)
        return _page(access, site_text) if site_text is not None else Page(updated_at=None, content="")


@get("/privacy_policy", opt=anyone(), sync_to_thread=True)
def privacy_policy(request: Request) -> Page:
    """Return the privacy policy, as HTML."""
    with reading(request) as access:
        site_text = queries.current(access.db, "privacy", now=access.now)
        if site_text is None:
            raise NotFound(_(NOT_FOUND))
        return _page(access, site_text)


@get("/terms_of_service", opt=anyone(), sync_to_thread=True)
def terms_of_service(request: Request) -> Terms:
    """Return the terms that are in effect."""
    with reading(request) as access:
        return _terms(access, queries.current(access.db, "terms", now=access.now))


@get("/terms_of_service/{date:str}", opt=anyone(), sync_to_thread=True)
def terms_of_service_from(request: Request, date: FromPath[str]) -> Terms:
    """Return the terms with a given effective date, such as 2026-05-01."""
    first_at = _start_of(date)
    with reading(request) as access:
        return _terms(access, queries.latest(access.db, "terms", first_at=first_at, last_at=first_at + clock.DAY - 1))


def _start_of(day: str) -> int:
    try:
        return clock.start_of(date.fromisoformat(day))
    except ValueError:
        raise NotFound(_(NOT_FOUND)) from None


def _page(access: Access, site_text: SiteText) -> Page:
    return Page(updated_at=timestamp(site_text.effective_at), content=access.core.texts.html(site_text.text))


def _terms(access: Access, site_text: SiteText | None) -> Terms:
    if site_text is None:
        raise NotFound(_(NOT_FOUND))
    return Terms(
        effective_date=clock.as_date(site_text.effective_at).isoformat(),
        effective=site_text.effective_at <= access.now,
        content=access.core.texts.html(site_text.text),
        succeeded_by=clock.as_date(site_text.succeeded_at).isoformat() if site_text.succeeded_at is not None else None,
    )


router = Router(
    "/instance",
    route_handlers=[extended_description, privacy_policy, terms_of_service, terms_of_service_from],
    tags=["instance"],
)
