"""What programs look for first: health, nodeinfo, WebFinger and host-meta."""

from typing import Any
from xml.sax.saxutils import quoteattr

from litestar import MediaType, Request, Response, Router, get
from litestar.params import FromQuery

from twite_common import clock
from twite_common.errors import Invalid, NotFound
from twite_common.queries import accounts, statistics
from twite_web import __version__
from twite_web.api.access import Access, anyone, reading
from twite_web.api.records import NOT_FOUND

ACTIVE_MS = 30 * clock.DAY


@get("/health", opt=anyone(), media_type=MediaType.TEXT, sync_to_thread=True)
def health(request: Request[Any, Any, Any]) -> str:
    """Say that the site is there and reaches its database."""
    with reading(request):
        return "OK"


@get("/.well-known/nodeinfo", opt=anyone(), sync_to_thread=True)
def nodeinfo_links(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Say where the document about this server is (NodeInfo, "discovery")."""
    with reading(request) as access:
        base = access.core.addresses.base
    return {"links": [{"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": f"{base}/nodeinfo/2.0"}]}


@get("/nodeinfo/2.0", opt=anyone(), sync_to_thread=True)
def nodeinfo(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Describe this server (NodeInfo 2.0)."""
    with reading(request) as access:
        settings = access.core.settings
        month = statistics.totals(access.db, active_since=access.now - ACTIVE_MS)
        half_year = statistics.totals(access.db, active_since=access.now - 6 * ACTIVE_MS)
    return {
        "version": "2.0",
        "software": {"name": "twite", "version": __version__},
        "protocols": ["activitypub"],
        "services": {"outbound": [], "inbound": []},
        "usage": {
            "users": {
                "total": month.accounts,
                "activeMonth": month.active_accounts,
                "activeHalfyear": half_year.active_accounts,
            },
            "localPosts": month.posts,
        },
        "openRegistrations": settings.registration == "open",
        "metadata": {"nodeName": settings.site_name, "nodeDescription": settings.site_description},
    }


@get("/.well-known/host-meta", opt=anyone(), sync_to_thread=True)
def host_meta(request: Request[Any, Any, Any]) -> Response[str]:
    """Say where accounts are looked up (RFC 6415)."""
    with reading(request) as access:
        template = quoteattr(f"{access.core.addresses.base}/.well-known/webfinger?resource={{uri}}")
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">'
        f'<Link rel="lrdd" template={template}/></XRD>\n'
    )
    return Response(document, media_type="application/xrd+xml")


@get("/.well-known/host-meta.json", opt=anyone(), sync_to_thread=True)
def host_meta_as_json(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Say where accounts are looked up, as JSON (RFC 6415, appendix A)."""
    with reading(request) as access:
        template = f"{access.core.addresses.base}/.well-known/webfinger?resource={{uri}}"
    return {"links": [{"rel": "lrdd", "template": template}]}


@get("/.well-known/webfinger", opt=anyone(), sync_to_thread=True)
def webfinger(request: Request[Any, Any, Any], resource: FromQuery[str]) -> Response[dict[str, Any]]:
    """Look an account up by its address (RFC 7033)."""
    with reading(request) as access:
        name = _name(access, resource)
        found = accounts.by_username(access.db, name)
        if found is None or found.suspended_at is not None:
            raise NotFound(NOT_FOUND)
        page = access.core.addresses.profile(found.username)
        domain = access.core.settings.domain
    document = {
        "subject": f"acct:{found.username}@{domain}",
        "aliases": [page],
        "links": [{"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": page}],
    }
    return Response(document, media_type="application/jrd+json")


def _name(access: Access, resource: str) -> str:
    """Return the name of the account that an address such as acct:ann@example.org means."""
    page = f"{access.core.addresses.base}/@"
    if resource.startswith(page):
        return resource.removeprefix(page)
    name, at, host = resource.removeprefix("acct:").removeprefix("@").partition("@")
    if not at:
        raise Invalid("resource must be an address such as acct:name@example.org.")
    if host.lower() != access.core.settings.domain.lower():
        raise NotFound(NOT_FOUND)
    return name


router = Router(
    "/", route_handlers=[health, nodeinfo_links, nodeinfo, host_meta, host_meta_as_json, webfinger], tags=["discovery"]
)
