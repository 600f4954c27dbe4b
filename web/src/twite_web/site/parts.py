"""Parts of pages: what our script asks for to put it into the page that is open.

A request with the header gets from the same handler and template the content alone, without the frame around it. The
header says whose page is open: into a page of one account no part is put whose forms act for another.
"""

from twite_common.acting import ActsOtherwise
from twite_web import acting
from twite_web.types import Request

HEADER = "Twite-Part"
ANYBODYS = "1"
"""What the header says on a stranger's page, or where whose it is makes no difference."""


def wanted(request: Request) -> bool:
    """Say whether a request asks for a part of a page only."""
    return bool(request.headers.get(HEADER))


def check(request: Request, username: str) -> None:
    """Raise ActsOtherwise for a part that is for the page of another account than the session acts for by now."""
    name = request.headers.get(HEADER, ANYBODYS)
    if name not in {ANYBODYS, username} and request.scope.get("path_template") not in acting.EVER:
        raise ActsOtherwise
