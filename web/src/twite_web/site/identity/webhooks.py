"""Addresses that are told what happens to the visitor's account."""

from collections.abc import Collection

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common import ids
from twite_common.errors import TwiteError
from twite_common.queries.notifications import webhooks as queries
from twite_common.queries.notifications.webhooks import Delivery, Webhook
from twite_common.services.identity import webhooks
from twite_common.services.notifications import webhooks as deliveries
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.middleware.request_concurrency import HASHES
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import id_in, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.identity import step_up
from twite_web.site.identity.step_up import StepUpForm
from twite_web.site.view_models import times
from twite_web.types import Request, Response

PAGE = "/settings/webhooks"
ONE = f"{PAGE}/{{webhook_id:str}}"
EVENTS = {
    "status.created": marked("You publish a post"),
    "status.updated": marked("You edit a post"),
    "status.deleted": marked("A post of yours is deleted"),
    "mention": marked("Someone mentions you"),
    "direct": marked("Someone sends you a message"),
    "quote": marked("Someone quotes your post"),
    "follow": marked("Someone follows you"),
    "follow_request": marked("Someone requests to follow you"),
    "favourite": marked("Someone favourites your post"),
    "reblog": marked("Someone boosts your post"),
    "status": marked("Someone posts (if you get notifications for them)"),
    "poll": marked("A poll has ended"),
}
FIELDS = {event: event.replace(".", "_") for event in EVENTS}
"""What the events are called in forms."""
STATES = {
    "active": marked("Active"),
    "paused": marked("Paused"),
    "parked": marked("Parked: it took nothing any more"),
}
DELIVERY_STATES = {
    "due": marked("Waiting"),
    "claimed": marked("Being sent"),
    "held": marked("Waiting until you resume the webhook"),
    "delivered": marked("Delivered"),
    "failed": marked("Failed"),
}


class WebhookForm(StepUpForm, frozen=True, kw_only=True):
    """An address, the events that it is told of, and what shows whose account it is."""

    url: str = ""
    status_created: bool = False
    status_updated: bool = False
    status_deleted: bool = False
    mention: bool = False
    direct: bool = False
    quote: bool = False
    follow: bool = False
    follow_request: bool = False
    favourite: bool = False
    reblog: bool = False
    status: bool = False
    poll: bool = False

    def events(self) -> list[str]:
        """Return the chosen events."""
        return [event for event, field in FIELDS.items() if getattr(self, field)]


class ChoiceView(msgspec.Struct, frozen=True):
    """An event that a webhook can be told of: what forms call it, and whether it is chosen."""

    field: str
    label: str
    chosen: bool


class WebhookView(msgspec.Struct, frozen=True):
    """A webhook as pages show it."""

    id: int
    url: str
    host: str
    state: str
    state_label: str
    made: str
    events: list[str]


class DeliveryView(msgspec.Struct, frozen=True):
    """Something that a webhook was or is to be told. `outcome` is what the receiver said, or why it said nothing."""

    id: int
    event: str
    state: str
    can_be_retried: bool
    when: str
    attempts: int
    next: str
    status: int | None
    outcome: str


def webhooks_page(
    request: Request, data: WebhookForm, *, error: TwiteError | None = None, made: webhooks.NewWebhook | None = None
) -> Response:
    """Return the visitor's webhooks, the form for another, and the secret of the one that was just made."""
    with reading(request) as visit:
        return form_errors.page(
            request,
            "identity/webhooks.html",
            visit,
            values=data,
            error=error,
            step_up=step_up.asked(request, visit),
            choices=_choices(data.events()),
            webhooks=[_view(one) for one in queries.of_account(visit.db, visit.account_id)],
            new_secret=made.secret if made else "",
        )


def webhook_page(
    request: Request, webhook_id: str, data: WebhookForm, *, error: TwiteError | None = None, secret: str = ""
) -> Response:
    """Return one of the visitor's webhooks with what it was told last, and its secret where that is new."""
    with reading(request) as visit:
        webhook = queries.existing(visit.db, id_in(webhook_id), account_id=visit.account_id)
        return form_errors.page(
            request,
            "identity/webhook.html",
            visit,
            values=data,
            error=error,
            step_up=step_up.asked(request, visit),
            choices=_choices(webhook.chosen() if error is None else data.events()),
            webhook=_view(webhook),
            deliveries=[_delivery(one, visit.now) for one in queries.last_deliveries(visit.db, webhook.id)],
            new_secret=secret,
        )


@get(PAGE, sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the visitor's webhooks."""
    return webhooks_page(request, WebhookForm())


@post(PAGE, status_code=200, opt=HASHES, sync_to_thread=True)
@shown_again(webhooks_page)
def make(request: Request, data: JSONBody[WebhookForm]) -> Response:
    """Make a webhook, and show its secret, this once."""
    step_up.check(request, data)
    with writing(request) as visit:
        made = webhooks.add(
            visit.db,
            visit.core.settings,
            visit.core.sealer,
            now=visit.now,
            account_id=visit.account_id,
            url=data.url,
            events=data.events(),
        )
    return webhooks_page(request, WebhookForm(), made=made)


@get(ONE, sync_to_thread=True)
def show_one(request: Request, webhook_id: FromPath[str]) -> Response:
    """Show a webhook and what it was told last."""
    return webhook_page(request, webhook_id, WebhookForm())


@post(ONE, sync_to_thread=True)
@shown_again(webhook_page)
def change(request: Request, webhook_id: FromPath[str], data: JSONBody[WebhookForm]) -> Response:
    """Choose what a webhook is told of."""
    with writing(request) as visit:
        id = id_in(webhook_id)
        webhooks.change(visit.db, account_id=visit.account_id, webhook_id=id, events=data.events())
    return redirects.see(request, f"{PAGE}/{webhook_id}", "saved")


@post(f"{ONE}/secret", status_code=200, opt=HASHES, sync_to_thread=True)
@shown_again(webhook_page)
def renew_secret(request: Request, webhook_id: FromPath[str], data: JSONBody[WebhookForm]) -> Response:
    """Sign with another secret from now on, and show it, this once."""
    step_up.check(request, data)
    with writing(request) as visit:
        renewed = webhooks.renew_secret(
            visit.db, visit.core.sealer, now=visit.now, account_id=visit.account_id, webhook_id=id_in(webhook_id)
        )
    return webhook_page(request, webhook_id, WebhookForm(), secret=renewed)


@post(f"{ONE}/test", sync_to_thread=True)
def test(request: Request, webhook_id: FromPath[str]) -> Response:
    """Send a webhook something to see whether it works."""
    with writing(request) as visit:
        deliveries.test(visit.db, now=visit.now, account_id=visit.account_id, webhook_id=id_in(webhook_id))
    return redirects.see(request, f"{PAGE}/{webhook_id}", "webhook_tested")


@post(f"{ONE}/pause", sync_to_thread=True)
def pause(request: Request, webhook_id: FromPath[str]) -> Response:
    """Tell a webhook nothing until it is resumed."""
    with writing(request) as visit:
        webhooks.pause(visit.db, account_id=visit.account_id, webhook_id=id_in(webhook_id))
    return redirects.see(request, f"{PAGE}/{webhook_id}", "webhook_paused")


@post(f"{ONE}/resume", sync_to_thread=True)
def resume(request: Request, webhook_id: FromPath[str]) -> Response:
    """Tell a webhook again."""
    with writing(request) as visit:
        webhooks.resume(visit.db, now=visit.now, account_id=visit.account_id, webhook_id=id_in(webhook_id))
    return redirects.see(request, f"{PAGE}/{webhook_id}", "webhook_resumed")


@post(f"{ONE}/remove", sync_to_thread=True)
def remove(request: Request, webhook_id: FromPath[str]) -> Response:
    """Remove a webhook."""
    with writing(request) as visit:
        webhooks.remove(visit.db, account_id=visit.account_id, webhook_id=id_in(webhook_id))
    return redirects.see(request, PAGE, "webhook_removed")


@post(f"{ONE}/deliveries/{{delivery_id:str}}/retry", sync_to_thread=True)
def retry(request: Request, webhook_id: FromPath[str], delivery_id: FromPath[str]) -> Response:
    """Send again what failed."""
    with writing(request) as visit:
        deliveries.retry(
            visit.db,
            now=visit.now,
            account_id=visit.account_id,
            webhook_id=id_in(webhook_id),
            delivery_id=id_in(delivery_id),
        )
    return redirects.see(request, f"{PAGE}/{webhook_id}", "webhook_retried")


def _choices(chosen: Collection[str]) -> list[ChoiceView]:
    return [ChoiceView(FIELDS[event], _(label), event in chosen) for event, label in EVENTS.items()]


def _view(webhook: Webhook) -> WebhookView:
    return WebhookView(
        id=webhook.id,
        url=webhook.origin,
        host=webhook.host,
        state=webhook.state,
        state_label=_(STATES[webhook.state]),
        made=times.day(ids.created_at(webhook.id)),
        events=webhook.chosen(),
    )


def _delivery(delivery: Delivery, now: int) -> DeliveryView:
    return DeliveryView(
        id=delivery.id,
        event=delivery.event,
        state=_(DELIVERY_STATES[delivery.state]),
        can_be_retried=delivery.state in {"failed", "held"},
        when=times.when(ids.created_at(delivery.id), now),
        attempts=delivery.attempts,
        next=times.date(delivery.due_at) if delivery.state == "due" and delivery.attempts else "",
        status=delivery.status,
        outcome=delivery.answer or delivery.error,
    )


router = Router("/", route_handlers=[show, make, show_one, change, renew_secret, test, pause, resume, remove, retry])
