"""About the site."""

from litestar import get

from twite_common.queries.accounts import credentials
from twite_common.queries.moderation import rules, site_pictures, site_texts
from twite_common.queries.operations import statistics
from twite_common.translations import gettext as _
from twite_web import __version__
from twite_web.routing import Router
from twite_web.site import templating
from twite_web.site.access import reading
from twite_web.site.moderation.site_texts import TITLES, shown_text
from twite_web.site.view_models import accounts as account_view_models
from twite_web.types import Request, Response


@get("/about", sync_to_thread=True)
def about(request: Request) -> Response:
    """Say what the site is and who runs it."""
    with reading(request) as visit:
        totals = statistics.totals(visit.db, now=visit.now)
        administrator_ids = [row.account_id for row in credentials.with_role(visit.db, ["admin"])]
        administrators = account_view_models.accounts(visit, sorted(administrator_ids))
        text_names = site_texts.names_in_effect(visit.db, now=visit.now) - {"about"}
        picture = site_pictures.current(visit.db)
        text, all_rules = shown_text(visit, "about"), rules.all_rules(visit.db)
    return templating.page(
        request,
        "operations/about.html",
        visit,
        totals=totals,
        administrators=administrators,
        version=__version__,
        picture=picture,
        text=text,
        rules=all_rules,
        texts={name: _(title) for name, title in TITLES.items() if name in text_names},
    )


router = Router("/", route_handlers=[about])
