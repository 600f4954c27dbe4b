"""What strangers see of the site as a whole: what it says of itself, who is there, and how much."""

import msgspec

from twite_common import text
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.moderation import site_pictures, site_texts
from twite_common.queries.moderation.site_pictures import SitePicture
from twite_common.queries.operations import statistics
from twite_common.queries.operations.statistics import Totals
from twite_web.site.access import Visit
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models.accounts import AccountView

ABOUT_CHARACTERS = 280
FACES = 8


class Introduction(msgspec.Struct, frozen=True):
    """The site as a place: its picture, the beginning of its text about itself, and people who want to be listed."""

    picture: SitePicture | None
    about: str
    people: list[AccountView]
    totals: Totals


def introduction(visit: Visit) -> Introduction:
    """Return what strangers are told of the site."""
    about = site_texts.current(visit.db, "about", now=visit.now)
    listed_ids = account_queries.directory(visit.db, newest=False, limit=FACES, offset=0, viewer_id=None)
    return Introduction(
        picture=site_pictures.current(visit.db),
        about=text.plain_excerpt(about.text, ABOUT_CHARACTERS) if about else "",
        people=account_view_models.accounts(visit, listed_ids),
        totals=statistics.totals(visit.db, now=visit.now),
    )
