"""Addresses that are told what happens to the user's account: /api/v1/webhooks, an extension of this site."""

from collections.abc import Collection

from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody

from twite_common import ids
from twite_common.queries.notifications import webhooks as queries
from twite_common.queries.notifications.webhooks import Delivery
from twite_common.queries.notifications.webhooks import Webhook as FoundWebhook
from twite_common.services.identity import webhooks
from twite_common.services.notifications import webhooks as deliveries
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.identity import step_up
from twite_web.api.identity.step_up import StepUp
from twite_web.api.path_params import record_id
from twite_web.api.schemas import Empty, Entity, timestamp
from twite_web.api.schemas.identity import Webhook, WebhookDelivery
from twite_web.middleware.request_concurrency import HASHES
from twite_web.routing import Router
from twite_web.types import Request

READ_BY = {
    **dict.fromkeys(queries.POST_EVENTS, ("read:statuses",)),
    **dict.fromkeys(queries.NOTIFICATION_EVENTS, ("read:notifications",)),
    "direct": ("read:notifications", "read:statuses"),
}
"""The scopes by which a token could read itself what an event tells."""


class NewWebhook(StepUp, kw_only=True):
    """An address, the events that it is told of, and whose account it is."""

    url: str = ""
    events: tuple[str, ...] = ()


class Choice(Entity, frozen=True, kw_only=True):
    """The events that a webhook is told of."""

    events: tuple[str, ...] = ()


@get("/", opt=user("read:accounts"), sync_to_thread=True)
def several(request: Request) -> list[Webhook]:
    """Return the user's webhooks, the latest first, without their secrets: these were shown once."""
    with reading(request) as access:
        return [_entity(one) for one in queries.of_account(access.db, access.account_id)]


@get("/{webhook_id:str}", opt=user("read:accounts"), sync_to_thread=True)
def one(request: Request, webhook_id: FromPath[str]) -> Webhook:
    """Return one of the user's webhooks."""
    with reading(request) as access:
        return _entity(_own(access, webhook_id))


@post("/", status_code=200, opt=user("write:accounts") | HASHES, sync_to_thread=True)
def make(request: Request, data: JSONBody[NewWebhook]) -> Webhook:
    """Make a webhook. It takes the account's password, or a code where the account has a second factor.

    `secret` is what its requests are signed with. Neither that nor the whole `url` is shown again. The token must read
    itself what the webhook is told.
    """
    step_up.check(request, data)
    with writing(request) as access:
        _check_scopes(access, data.events)
        made = webhooks.add(
            access.db,
            access.core.settings,
            access.core.sealer,
            now=access.now,
            account_id=access.account_id,
            url=data.url,
            events=data.events,
        )
    with access.reading() as access:
        found = queries.existing(access.db, made.id, account_id=access.account_id)
        return _entity(found, made.secret, found.url)


@put("/{webhook_id:str}", opt=user("write:accounts"), sync_to_thread=True)
def change(request: Request, webhook_id: FromPath[str], data: JSONBody[Choice]) -> Webhook:
    """Choose the events that a webhook is told of; of those that are new the token must read itself what they tell.

    For another address, make another webhook.
    """
    id = record_id(webhook_id)
    with writing(request) as access:
        _check_scopes(access, set(data.events) - set(_own(access, webhook_id).chosen()))
        webhooks.change(access.db, account_id=access.account_id, webhook_id=id, events=data.events)
    with access.reading() as access:
        return _entity(_own(access, webhook_id))


@delete("/{webhook_id:str}", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def remove(request: Request, webhook_id: FromPath[str]) -> Empty:
    """Remove a webhook with what it was told."""
    with writing(request) as access:
        webhooks.remove(access.db, account_id=access.account_id, webhook_id=record_id(webhook_id))
    return Empty()


@post("/{webhook_id:str}/pause", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def pause(request: Request, webhook_id: FromPath[str]) -> Webhook:
    """Tell a webhook nothing until it is resumed. What waits is kept; what happens meanwhile it never hears of."""
    with writing(request) as access:
        webhooks.pause(access.db, account_id=access.account_id, webhook_id=record_id(webhook_id))
    with access.reading() as access:
        return _entity(_own(access, webhook_id))


@post("/{webhook_id:str}/resume", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def resume(request: Request, webhook_id: FromPath[str]) -> Webhook:
    """Tell a webhook again that was paused or parked."""
    id = record_id(webhook_id)
    with writing(request) as access:
        webhooks.resume(access.db, now=access.now, account_id=access.account_id, webhook_id=id)
    with access.reading() as access:
        return _entity(_own(access, webhook_id))


@post("/{webhook_id:str}/secret", status_code=200, opt=user("write:accounts") | HASHES, sync_to_thread=True)
def renew_secret(request: Request, webhook_id: FromPath[str], data: JSONBody[StepUp]) -> Webhook:
    """Sign a webhook's requests with another secret from now on. It takes what making a webhook takes."""
    step_up.check(request, data)
    id = record_id(webhook_id)
    with writing(request) as access:
        renewed = webhooks.renew_secret(
            access.db, access.core.sealer, now=access.now, account_id=access.account_id, webhook_id=id
        )
    with access.reading() as access:
        return _entity(_own(access, webhook_id), renewed)


@post("/{webhook_id:str}/test", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def test(request: Request, webhook_id: FromPath[str]) -> Empty:
    """Send a webhook the event `test`, once, also while it is paused or parked."""
    with writing(request) as access:
        deliveries.test(access.db, now=access.now, account_id=access.account_id, webhook_id=record_id(webhook_id))
    return Empty()


@get("/{webhook_id:str}/deliveries", opt=user("read:accounts"), sync_to_thread=True)
def told(request: Request, webhook_id: FromPath[str]) -> list[WebhookDelivery]:
    """Return the last 20 things that a webhook was or is to be told, the latest first. They are kept for a week."""
    with reading(request) as access:
        return [_delivery(one) for one in queries.last_deliveries(access.db, _own(access, webhook_id).id)]


@post(
    "/{webhook_id:str}/deliveries/{delivery_id:str}/retry",
    status_code=200,
    opt=user("write:accounts"),
    sync_to_thread=True,
)
def retry(request: Request, webhook_id: FromPath[str], delivery_id: FromPath[str]) -> Empty:
    """Send again what failed, or waits for its webhook to be resumed."""
    with writing(request) as access:
        deliveries.retry(
            access.db,
            now=access.now,
            account_id=access.account_id,
            webhook_id=record_id(webhook_id),
            delivery_id=record_id(delivery_id),
        )
    return Empty()


def _own(access: Access, webhook_id: str) -> FoundWebhook:
    return queries.existing(access.db, record_id(webhook_id), account_id=access.account_id)


def _check_scopes(access: Access, events: Collection[str]) -> None:
    """Check that a token reads what a webhook is to be told. Raises Failure (403)."""
    for event in events:
        for scope in READ_BY.get(event, ()):
            access.require(scope)


def _entity(webhook: FoundWebhook, secret: str | None = None, url: str = "") -> Webhook:
    """Return a webhook. `secret` and the whole `url` are for the answers to whoever has just given or got them."""
    return Webhook(
        id=str(webhook.id),
        url=url or webhook.origin,
        events=webhook.chosen(),
        state=webhook.state,
        failures=webhook.failures,
        created_at=timestamp(ids.created_at(webhook.id)),
        secret=secret,
    )


def _delivery(delivery: Delivery) -> WebhookDelivery:
    return WebhookDelivery(
        id=str(delivery.id),
        event=delivery.event,
        state=delivery.state,
        attempts=delivery.attempts,
        created_at=timestamp(ids.created_at(delivery.id)),
        tried_at=timestamp(delivery.tried_at),
        due_at=timestamp(delivery.due_at) if delivery.state == "due" else None,
        status=delivery.status,
        answer=delivery.answer,
        error=delivery.error,
    )


router = Router(
    "/webhooks",
    route_handlers=[several, one, make, change, remove, pause, resume, renew_secret, test, told, retry],
    tags=["webhooks"],
)
