"""What programs look for at fixed addresses: icons, robots.txt, sitemap.xml, and /.well-known/."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from litestar import MediaType, Response, get
from litestar.params import FromQuery
from litestar.response import Redirect

from twite_common import clock, ids
from twite_common.errors import NotFound
from twite_common.queries.timelines import sitemaps
from twite_common.translations import gettext as _
from twite_web import cache_control
from twite_web.core import STATIC, core
from twite_web.errors import NO_SUCH_ADDRESS
from twite_web.routing import Router
from twite_web.site import templating
from twite_web.site.access import Visit, reading
from twite_web.site.view_models import times
from twite_web.types import Request

ROBOTS = "User-agent: *\nDisallow: /api/\nDisallow: /oauth/\nDisallow: /settings\n\nSitemap: {base}/sitemap.xml\n"
HOUR, DAY = {"Cache-Control": cache_control.HOUR}, {"Cache-Control": cache_control.DAY}
PAGES = ("/", "/about", "/directory", "/explore", "/public")
FAVICON = (STATIC / "favicon.ico").read_bytes()
VALID_DAYS = 180
"""How long what security.txt says holds from today on; RFC 9116 advises less than a year."""


@get("/favicon.ico", sync_to_thread=False)
def favicon() -> Response[bytes]:
    """Return the site's icon to whoever looks for it without reading the page."""
    return Response(FAVICON, media_type="image/vnd.microsoft.icon", headers=DAY)


@get("/robots.txt", media_type=MediaType.TEXT, sync_to_thread=False)
def robots(request: Request) -> Response[str]:
    """Say what programs that read the web may read, and where what they are to find is listed."""
    return Response(ROBOTS.format(base=core(request).addresses.base), media_type="text/plain", headers=HOUR)


@get("/.well-known/change-password", sync_to_thread=False)
def change_password() -> Redirect:
    """Lead password managers to the page on which people change their password (a well-known URL of the W3C)."""
    return Redirect("/settings/account/password", status_code=302)


@get("/.well-known/security.txt", media_type=MediaType.TEXT, sync_to_thread=False)
def security(request: Request) -> Response[str]:
    """Say whom to tell of a weakness (RFC 9116), where the settings name somebody."""
    equipment = core(request)
    contact = equipment.settings.contact_email
    if not contact:
        raise NotFound(_(NO_SUCH_ADDRESS))
    expires = clock.as_date(clock.now()) + timedelta(days=VALID_DAYS)
    lines = (
        f"Contact: mailto:{quote(contact, safe='@+')}",
        f"Expires: {expires:%Y-%m-%d}T00:00:00Z",
        f"Preferred-Languages: {', '.join(equipment.settings.languages)}",
        f"Canonical: {equipment.addresses.base}/.well-known/security.txt",
    )
    return Response("\n".join((*lines, "")), media_type="text/plain", headers=HOUR)


@get("/sitemap.xml", sync_to_thread=True)
def sitemap(
    request: Request,
    part: FromQuery[str] = "",
    accounts: FromQuery[str] = "",
    posts: FromQuery[str] = "",
) -> Response[bytes]:
    """List the pages that search engines may show (sitemaps.org): an index, or one of the parts that it names."""
    with reading(request, page=False) as visit:
        if part == "pages":
            entries: list[tuple[str, str]] | None = [(path, "") for path in PAGES]
        elif accounts:
            entries = _accounts(visit, accounts)
        elif posts:
            entries = _posts(visit, posts)
        else:
            return _document("timelines/sitemap_index.xml", visit, entries=_parts(visit))
    if entries is None:
        raise NotFound(_(NO_SUCH_ADDRESS))
    return _document("timelines/sitemap.xml", visit, entries=entries)


def _parts(visit: Visit) -> list[str]:
    parts = sitemaps.parts(visit.db)
    pairs = [("accounts", part) for part in parts.accounts] + [("posts", part) for part in parts.posts]
    return ["/sitemap.xml?part=pages", *(f"/sitemap.xml?{kind}={part}" for kind, part in pairs)]


def _accounts(visit: Visit, part: str) -> list[tuple[str, str]] | None:
    usernames = sitemaps.accounts(visit.db, part)
    return None if usernames is None else [(f"/@{name}", "") for name in usernames]


def _posts(visit: Visit, part: str) -> list[tuple[str, str]] | None:
    posts = sitemaps.posts(visit.db, part)
    if posts is None:
        return None
    return [
        (f"/@{post.username}/{post.post_id}", times.iso(post.edited_at or ids.created_at(post.post_id)))
        for post in posts
    ]


def _document(template: str, visit: Visit, **content: Any) -> Response[bytes]:
    document = templating.template(template).render(base=visit.core.addresses.base, **content)
    return Response(document.encode(), media_type="application/xml", headers=HOUR)


router = Router("/", route_handlers=[favicon, robots, change_password, security, sitemap])
