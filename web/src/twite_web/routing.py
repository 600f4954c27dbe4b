"""Routers that the application takes up without copying all that their routes refer to."""

from copy import copy, deepcopy
from typing import Any, Self

import litestar
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute


class Router(litestar.Router):
    """Routes that belong together.

    Registering a router copies it, because registering tells routers and handlers whom they belong to. Litestar copies
    deeply, down to each handler's parameters, and again at each level: a sixth of what a start takes. Only routers,
    routes and handlers are changed, so what these refer to need not be copied.
    """

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        made = copy(self)
        memo[id(self)] = made
        made.owner = deepcopy(self.owner, memo)
        made.routes = [_copy_of_route(route, memo) for route in self.routes]
        return made


def _copy_of_route(route: Any, memo: dict[int, Any]) -> Any:
    made = copy(route)
    if isinstance(route, HTTPRoute):
        made.route_handlers = [_copy_of_handler(handler, memo) for handler in route.route_handlers]
        made.route_handler_map = {}
    else:
        made.route_handler = _copy_of_handler(route.route_handler, memo)
    return made


def _copy_of_handler(handler: BaseRouteHandler, memo: dict[int, Any]) -> BaseRouteHandler:
    """Copy a handler once, though it may serve several routes."""
    if id(handler) not in memo:
        made = copy(handler)
        memo[id(handler)] = made
        made.owner = deepcopy(handler.owner, memo)
    found: BaseRouteHandler = memo[id(handler)]
    return found
