"""What clients request from every server at start, and this site doesn't have: empty responses."""

from typing import Any

from litestar import Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from twite_web.api.access import reading, user
from twite_web.api.path_params import account
from twite_web.types import Request


def none_with_account(path: str, opt: dict[str, Any], description: str) -> HTTPRouteHandler:
    """Return a route under an account that answers with an empty list, if there is such an account."""

    def handle(request: Request, account_id: FromPath[str]) -> list[Any]:
        with reading(request) as access:
            account(access, account_id)
            return []

    handle.__doc__ = f"Return {description}: this site has none."
    return get(
        f"/accounts/{{account_id:str}}/{path}", opt=opt, operation_id=f"none_of_accounts_{path}", sync_to_thread=True
    )(handle)


router = Router(
    "/api",
    route_handlers=[
        Router(
            "/v1",
            route_handlers=[
                none_with_account("identity_proofs", user("read:accounts"), "identity proofs"),
            ],
        ),
    ],
    tags=["not on this site"],
)
