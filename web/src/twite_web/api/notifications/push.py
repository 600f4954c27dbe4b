"""Web Push: /api/v1/push/subscription."""

import msgspec
from litestar import delete, get, post, route
from litestar.params import JSONBody

from twite_common.errors import Invalid, NotFound
from twite_common.queries.notifications import push as queries
from twite_common.queries.notifications.push import Subscription
from twite_common.services.notifications import push
from twite_common.services.notifications.push import Device
from twite_common.translations import gettext as _
from twite_web.api.access import Access, bearer, reading, user, writing
from twite_web.api.path_params import NOT_FOUND
from twite_web.api.schemas import Empty, Entity
from twite_web.api.serializers.notifications import TYPES, type_of
from twite_web.routing import Router
from twite_web.types import Request

NUMBERS = 2**31
"""How many numbers an id can be: applications for Android have an `Int` for it."""


class Alerts(msgspec.Struct, kw_only=True):
    """Which types of notification are to be pushed."""

    mention: bool = False
    status: bool = False
    reblog: bool = False
    follow: bool = False
    follow_request: bool = False
    favourite: bool = False
    poll: bool = False
    update: bool = False
    quote: bool = False
    quoted_update: bool = False
    admin_sign_up: bool = msgspec.field(default=False, name="admin.sign_up")
    admin_report: bool = msgspec.field(default=False, name="admin.report")


class Keys(msgspec.Struct):
    """What only the device can read messages with."""

    p256dh: str = ""
    auth: str = ""


class Where(msgspec.Struct):
    """A device's push service, in the words of browsers; `standard` means RFC 8291 rather than its draft."""

    endpoint: str = ""
    keys: Keys = msgspec.field(default_factory=Keys)
    standard: bool = False


class What(msgspec.Struct):
    """What is pushed, and of whom."""

    alerts: Alerts | None = None
    policy: str | None = None


class Changes(msgspec.Struct):
    """What is pushed."""

    data: What = msgspec.field(default_factory=What)
    policy: str | None = None


class NewSubscription(Changes):
    """A device, and what is pushed to it."""

    subscription: Where = msgspec.field(default_factory=Where)


class WebPushSubscription(Entity, frozen=True, kw_only=True, gc=False):
    """A device that notifications are pushed to. Its id is a small number, as Mastodon's is; no address takes it."""

    id: int
    endpoint: str
    standard: bool
    alerts: Alerts
    policy: str
    server_key: str


@post("/subscription", status_code=200, opt=user("push"), sync_to_thread=True)
def subscribe(request: Request, data: JSONBody[NewSubscription]) -> WebPushSubscription:
    """Subscribe to pushes; this replaces the token's previous subscription."""
    device = data.subscription
    with writing(request) as access:
        subscription = push.subscribe(
            access.db,
            access.core.settings,
            now=access.now,
            account_id=access.account_id,
            token_id=_token_id(access),
            sealed_token=access.core.sealer.seal(bearer(request) or ""),
            device=Device(device.endpoint, device.keys.p256dh, device.keys.auth, device.standard),
            kinds=_kinds(data.data.alerts or Alerts()),
            policy=data.data.policy or data.policy or "all",
        )
    return _made(access, subscription)


@get("/subscription", opt=user("push"), sync_to_thread=True)
def subscription(request: Request) -> WebPushSubscription:
    """Return the token's push subscription."""
    with reading(request) as access:
        subscription = queries.of_token(access.db, _token_id(access))
    if subscription is None:
        raise NotFound(_(NOT_FOUND))
    return _made(access, subscription)


@route("/subscription", http_method=["PUT", "PATCH"], opt=user("push"), sync_to_thread=True)
def change(request: Request, data: JSONBody[Changes]) -> WebPushSubscription:
    """Change what is pushed."""
    alerts = data.data.alerts
    with writing(request) as access:
        subscription = push.change(
            access.db,
            token_id=_token_id(access),
            kinds=None if alerts is None else _kinds(alerts),
            policy=data.data.policy or data.policy,
        )
    return _made(access, subscription)


@delete("/subscription", status_code=200, opt=user("push"), sync_to_thread=True)
def unsubscribe(request: Request) -> Empty:
    """Remove the push subscription."""
    with writing(request) as access:
        push.unsubscribe(access.db, token_id=_token_id(access))
    return Empty()


def _token_id(access: Access) -> int:
    if access.token is None:
        raise Invalid(_("This method requires an authenticated user"))
    return access.token.id


def _kinds(alerts: Alerts) -> list[str]:
    """Return the chosen kinds of notification, in our words."""
    ours = {theirs: kind for kind, theirs in TYPES.items()}
    chosen = msgspec.to_builtins(alerts)
    return [ours.get(name, name) for name, enabled in chosen.items() if enabled]


def _made(access: Access, subscription: Subscription) -> WebPushSubscription:
    return WebPushSubscription(
        id=subscription.id % NUMBERS,
        endpoint=subscription.endpoint,
        standard=subscription.standard,
        alerts=msgspec.convert({type_of(kind): True for kind in subscription.kinds()}, Alerts),
        policy=subscription.policy,
        server_key=access.core.push_key,
    )


router = Router(
    "/push",
    route_handlers=[subscribe, subscription, change, unsubscribe],
    tags=["push"],
)
