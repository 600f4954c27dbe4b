"""Telling webhooks: claim and commit, send a signed request outside any transaction, record the answer."""

import hashlib
import hmac
import logging

import msgspec

from twite_common import clock, ids
from twite_common.queries.notifications.webhooks import Sending
from twite_common.services.identity.webhooks import opened_secret
from twite_common.services.notifications import webhooks
from twite_tasks import http_client
from twite_tasks.context import Context
from twite_tasks.notifications import webhook_entities
from twite_tasks.notifications.webhook_entities import timestamp

log = logging.getLogger(__name__)

MAX_ANSWER_BYTES = 2000


class Message(msgspec.Struct, frozen=True):
    """The body of a request. Whoever gets one twice knows it by its `id`."""

    id: str
    event: str
    created_at: str
    object: object


def send(context: Context, delivery_id: int) -> None:
    """Tell a webhook, if that is still to be done, and record what became of it."""
    with context.database.writing() as db:
        claimed = webhooks.claim(db, delivery_id, now=clock.now())
    if claimed is None:
        return
    delivery = claimed.delivery
    with context.database.reading() as db:
        told = webhook_entities.of(db, context.settings, claimed, now=clock.now())
    secret = opened_secret(context.sealer, claimed.webhook)
    if told is None or secret is None:
        with context.database.writing() as db:
            if told is None:
                webhooks.drop(db, delivery.id)
            else:
                error = "The site's key has changed: please renew the secret."
                webhooks.failed(db, claimed, now=clock.now(), error=error, for_good=True)
        return
    message = Message(str(delivery.id), delivery.event, timestamp(ids.created_at(delivery.id)), told)
    _hand_over(context, claimed, msgspec.json.encode(message), secret)


def signature(secret: str, body: bytes, *, at: int) -> str:
    """Return what a request's header says: when it was sent, in seconds, and the signature of that and its body."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


def _hand_over(context: Context, sending: Sending, body: bytes, secret: str) -> None:
    delivery = sending.delivery
    fields = {"delivery_id": delivery.id, "host": sending.webhook.host}
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Twite (+{context.settings.base_url})",
        "Twite-Event": delivery.event,
        "Twite-Delivery": str(delivery.id),
        "Twite-Signature": signature(secret, body, at=clock.now() // clock.SECOND),
    }
    try:
        answer = http_client.ask(
            context.settings, "POST", sending.webhook.url, headers=headers, content=body, max_bytes=MAX_ANSWER_BYTES
        )
    except (http_client.Refused, http_client.Unreachable) as error:
        log.info("webhook_unreachable %s", fields | {"error": str(error)})
        for_good = isinstance(error, http_client.Refused)
        with context.database.writing() as db:
            webhooks.failed(db, sending, now=clock.now(), error=str(error), for_good=for_good)
        return
    with context.database.writing() as db:
        record = webhooks.delivered if 200 <= answer.status < 300 else webhooks.failed
        record(db, sending, now=clock.now(), status=answer.status, answer=answer.body)
    log.info("webhook_told %s", fields | {"status": answer.status})
