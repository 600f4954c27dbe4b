"""The style guide: every component of the pages with its states, for those who develop (`make dev`)."""

from litestar import get

from twite_common.errors import NotFound
from twite_common.translations import gettext as _
from twite_web.errors import NO_SUCH_ADDRESS
from twite_web.routing import Router
from twite_web.site import assets, templating
from twite_web.site.access import reading
from twite_web.types import Request, Response

COLOURS = (
    *("ground", "surface", "raised", "text", "soft", "line", "edge"),
    *("brand", "brand-strong", "tint", "hover", "good", "danger", "star"),
)
SIZES = ("small", "normal", "large", "heading", "title")


@get("/styleguide", sync_to_thread=True)
def show(request: Request) -> Response:
    """Show colours, type and components, while the site runs for development.

    Raises NotFound on any other site.
    """
    if not assets.reloading():
        raise NotFound(_(NO_SUCH_ADDRESS))
    with reading(request) as visit:
        return templating.page(
            request,
            "operations/style_guide.html",
            visit,
            colours=COLOURS,
            sizes=SIZES,
            symbols=assets.symbols(),
        )


router = Router("/", route_handlers=[show])
