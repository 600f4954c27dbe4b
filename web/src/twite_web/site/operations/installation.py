"""What browsers need to install the site as an application: its manifest, the service worker, a page for no network."""

from typing import Any

from litestar import Response as Answer
from litestar import get

from twite_common.translations import gettext as _
from twite_common.translations import language
from twite_web import cache_control
from twite_web.core import core
from twite_web.routing import Router
from twite_web.site import assets, templating
from twite_web.types import Request, Response

SERVICE_WORKER = "scripts/service_worker.js"
SHORT_NAME_CHARACTERS = 12
"""What launchers have room for under an icon."""
THEME = "#4747c2"
GROUND = "#f5f5fa"
ICONS = (
    {"src": "/static/icon.png", "sizes": "192x192", "type": "image/png"},
    {"src": "/static/icon-512.png", "sizes": "512x512", "type": "image/png"},
    {"src": "/static/icon-maskable-192.png", "sizes": "192x192", "type": "image/png", "purpose": "maskable"},
    {"src": "/static/icon-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    {"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"},
)


@get("/manifest.webmanifest", sync_to_thread=False)
def manifest(request: Request) -> Answer[dict[str, Any]]:
    """Say how the site is installed as an application (W3C, Web Application Manifest)."""
    settings = core(request).settings
    content = {
        "id": "/",
        "name": settings.site_name,
        "short_name": settings.site_name[:SHORT_NAME_CHARACTERS].strip(),
        "description": settings.site_description,
        "lang": language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": THEME,
        "background_color": GROUND,
        "categories": ["social"],
        "icons": ICONS,
        "shortcuts": [
            {"name": _("New post"), "url": "/compose"},
            {"name": _("Notifications"), "url": "/notifications"},
            {"name": _("Messages"), "url": "/messages"},
        ],
        "share_target": {
            "action": "/compose",
            "method": "GET",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
    }
    headers = {"Cache-Control": cache_control.ASKED_EACH_TIME, "Vary": "Accept-Language"}
    return Answer(content, media_type="application/manifest+json", headers=headers)


@get("/sw.js", sync_to_thread=False)
def service_worker() -> Answer[bytes]:
    """Return the service worker: here, so that it may serve all pages, and never kept, so that it is replaced."""
    content = assets.current().files[SERVICE_WORKER]
    return Answer(content, media_type="text/javascript", headers={"Cache-Control": cache_control.ASKED_EACH_TIME})


@get("/offline", sync_to_thread=True)
def offline(request: Request) -> Response:
    """Show what browsers keep for when the network is away."""
    return templating.render(request, "operations/offline.html", has_session=True)


router = Router("/", route_handlers=[manifest, service_worker, offline])
