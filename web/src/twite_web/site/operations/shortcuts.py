"""The page that lists the website's keyboard shortcuts, which `static/scripts/shortcuts.js` gives them."""

from litestar import get

from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import templating
from twite_web.site.access import reading
from twite_web.types import Request, Response

GROUPS = {
    marked("Reading"): {
        "j": marked("Next post"),
        "k": marked("Previous post"),
        "o": marked("Open the post"),
        "u": marked("Open the author's profile"),
        "e": marked("Show its pictures"),
        "x": marked("Show or hide what is folded"),
        ".": marked("Show new posts"),
    },
    marked("Taking part"): {
        "n": marked("Write a post"),
        "r": marked("Reply"),
        "f": marked("Favourite"),
        "b": marked("Boost"),
        "d": marked("Bookmark"),
    },
    marked("Getting around"): {
        "/": marked("Search"),
        "g h": marked("Home"),
        "g n": marked("Notifications"),
        "g e": marked("Explore"),
        "g b": marked("Bookmarks"),
        "g f": marked("Favourites"),
        "g p": marked("Your profile"),
        "g m": marked("Menu"),
        "g s": marked("Settings"),
        "?": marked("This list"),
    },
}
"""What each key does, by what one does with it; two keys are pressed one after the other."""


@get("/shortcuts", sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the keyboard shortcuts."""
    groups = [
        (_(title), [(keys.split(), _(meaning)) for keys, meaning in meanings.items()])
        for title, meanings in GROUPS.items()
    ]
    with reading(request) as visit:
        return templating.page(request, "operations/shortcuts.html", visit, groups=groups)


router = Router("/", route_handlers=[show])
