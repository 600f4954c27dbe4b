"""What programs look for first: health, nodeinfo, WebFinger and host-meta."""

import asyncio
from xml.sax.saxutils import quoteattr

from litestar import MediaType, get
from litestar.params import FromQuery

from twite_common.errors import Invalid, NotFound
from twite_common.queries.accounts import accounts
from twite_common.queries.operations import liveness, statistics
from twite_common.translations import gettext as _
from twite_web import __version__
from twite_web.api.access import Access, anyone, reading
from twite_web.api.operations.health import DatabaseProbe, as_health, asked_in_full, check_operator
from twite_web.api.path_params import NOT_FOUND
from twite_web.api.schemas import Entity
from twite_web.core import core
from twite_web.routing import Router
from twite_web.types import Request, Response


class Link(Entity, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Where something is found, or with `template` where it is asked for."""

    rel: str
    type: str | None = None
    href: str | None = None
    template: str | None = None


class Links(Entity, frozen=True, kw_only=True, gc=False):
    """Where things are found."""

    links: list[Link]


class Identity(Links, frozen=True, kw_only=True, gc=False):
    """An account, as WebFinger describes it."""

    subject: str
    aliases: list[str]


class Software(Entity, frozen=True, kw_only=True, gc=False):
    """What runs the server."""

    name: str
    version: str


class Services(Entity, frozen=True, kw_only=True, gc=False):
    """Other sites that the server exchanges posts with."""

    outbound: list[str]
    inbound: list[str]


class Users(Entity, frozen=True, kw_only=True, gc=False, rename="camel"):
    """How many accounts there are, and how many were active."""

    total: int
    active_month: int
    active_halfyear: int


class Usage(Entity, frozen=True, kw_only=True, gc=False, rename="camel"):
    """How much the server is used."""

    users: Users
    local_posts: int


class Metadata(Entity, frozen=True, kw_only=True, gc=False, rename="camel"):
    """What the server calls itself."""

    node_name: str
    node_description: str


class NodeInfo(Entity, frozen=True, kw_only=True, gc=False, rename="camel"):
    """A server, in NodeInfo's words."""

    version: str
    software: Software
    protocols: list[str]
    services: Services
    usage: Usage
    open_registrations: bool
    metadata: Metadata


@get("/health", opt=anyone(), media_type=MediaType.TEXT)
async def health(request: Request) -> Response:
    """Check that the site is up and can reach its database.

    `/health?full` tells operators, as JSON, when each kind of process was last seen, what is waiting and what is wrong;
    with status 503 if anything is.
    """
    if asked_in_full(request):
        return await asyncio.to_thread(_in_full, request)
    # Takes none of the threads for requests: a site whose threads are all at work is there.
    probe: DatabaseProbe = request.app.state["database_probe"]
    await probe.check()
    return Response("OK", media_type=MediaType.TEXT)


def _in_full(request: Request) -> Response:
    with reading(request) as access:
        check_operator(request, access)
        report = liveness.read(access.db, now=access.now, folder=core(request).settings.data)
    return Response(as_health(report), status_code=503 if report.problems else 200, media_type=MediaType.JSON)


@get("/.well-known/nodeinfo", opt=anyone(), sync_to_thread=True)
def nodeinfo_links(request: Request) -> Links:
    """Return where this server's NodeInfo document is."""
    with reading(request) as access:
        base = access.core.addresses.base
    return Links(links=[Link(rel="http://nodeinfo.diaspora.software/ns/schema/2.0", href=f"{base}/nodeinfo/2.0")])


@get("/nodeinfo/2.0", opt=anyone(), sync_to_thread=True)
def nodeinfo(request: Request) -> NodeInfo:
    """Describe this server (NodeInfo 2.0)."""
    with reading(request) as access:
        settings = access.core.settings
        totals = statistics.totals(access.db, now=access.now)
    return NodeInfo(
        version="2.0",
        software=Software(name="twite", version=__version__),
        protocols=["activitypub"],
        services=Services(outbound=[], inbound=[]),
        usage=Usage(
            users=Users(
                total=totals.accounts, active_month=totals.active_month, active_halfyear=totals.active_half_year
            ),
            local_posts=totals.posts,
        ),
        open_registrations=settings.registration == "open",
        metadata=Metadata(node_name=settings.site_name, node_description=settings.site_description),
    )


@get("/.well-known/host-meta", opt=anyone(), media_type="application/xrd+xml", sync_to_thread=True)
def host_meta(request: Request) -> str:
    """Return where to look up accounts (RFC 6415)."""
    with reading(request) as access:
        template = quoteattr(f"{access.core.addresses.base}/.well-known/webfinger?resource={{uri}}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">'
        f'<Link rel="lrdd" template={template}/></XRD>\n'
    )


@get("/.well-known/host-meta.json", opt=anyone(), sync_to_thread=True)
def host_meta_as_json(request: Request) -> Links:
    """Return where to look up accounts, as JSON (RFC 6415, appendix A)."""
    with reading(request) as access:
        template = f"{access.core.addresses.base}/.well-known/webfinger?resource={{uri}}"
    return Links(links=[Link(rel="lrdd", template=template)])


@get("/.well-known/webfinger", opt=anyone(), media_type="application/jrd+json", sync_to_thread=True)
def webfinger(request: Request, resource: FromQuery[str]) -> Identity:
    """Look up an account by its address (RFC 7033)."""
    with reading(request) as access:
        name = _name(access, resource)
        account = accounts.by_username(access.db, name)
        if account is None or account.suspended_at is not None:
            raise NotFound(_(NOT_FOUND))
        page = access.core.addresses.profile(account.username)
        domain = access.core.settings.domain
    return Identity(
        subject=f"acct:{account.username}@{domain}",
        aliases=[page],
        links=[Link(rel="http://webfinger.net/rel/profile-page", type="text/html", href=page)],
    )


def _name(access: Access, resource: str) -> str:
    """Return the name of the account that an address such as acct:ann@example.org means."""
    page = f"{access.core.addresses.base}/@"
    if resource.startswith(page):
        return resource.removeprefix(page)
    name, at, host = resource.removeprefix("acct:").removeprefix("@").partition("@")
    if not at:
        raise Invalid(_("resource must be an address such as acct:name@example.org."))
    if host.lower() != access.core.settings.domain.lower():
        raise NotFound(_(NOT_FOUND))
    return name


router = Router(
    "/", route_handlers=[health, nodeinfo_links, nodeinfo, host_meta, host_meta_as_json, webfinger], tags=["discovery"]
)
