"""Routers that applications take up: each has routes and handlers of its own."""

from litestar import Litestar, get
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute

from twite_web.routing import Router


@get(["/one", "/two"], sync_to_thread=False)
def show() -> str:
    return "shown"


def handlers(app: Litestar) -> list[BaseRouteHandler]:
    return [handler for route in app.routes if isinstance(route, HTTPRoute) for handler in route.route_handlers]


def test_what_two_applications_take_up_belongs_to_each():
    outer = Router(
        "/outer", route_handlers=[Router("/inner", route_handlers=[show], opt={"inner": 1})], opt={"outer": 1}
    )
    apps = [Litestar([outer], openapi_config=None, logging_config=None) for _ in range(2)]
    one, other = map(handlers, apps)

    assert [route.path for route in apps[0].routes] == [route.path for route in apps[1].routes]
    assert {handler.app is apps[0] for handler in one} == {handler.app is apps[1] for handler in other} == {True}
    assert {id(handler) for handler in one}.isdisjoint(map(id, other))
    assert [getattr(layer, "path", "") for layer in one[0].ownership_layers[1:3]] == ["/outer", "/inner"]
    assert {"inner", "outer"} <= one[0].opt.keys()
