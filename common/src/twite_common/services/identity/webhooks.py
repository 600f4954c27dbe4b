"""Webhooks of one's own: making and removing them, and what they are told.

The secret that signs requests is encrypted with the server's key, as it is needed whenever one is sent; its owner is
shown it once. The address never changes: whoever wants another makes another webhook, and shows whose account it is.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, update

from twite_common import ids, secret
from twite_common.errors import Invalid, check_all
from twite_common.queries.notifications import webhooks as queries
from twite_common.secret import Sealer
from twite_common.services import locks
from twite_common.services.identity import security_events
from twite_common.services.notifications import webhooks
from twite_common.services.validators import is_receiver
from twite_common.settings import Settings
from twite_common.tables import webhook
from twite_common.translations import gettext as _

MAX_COUNT = 5
PURPOSE = "webhook"
"""What the secrets are sealed for."""

ADD = insert(webhook)
_ID = bindparam("the_webhook_id", type_=BigInteger)
_OF_ACCOUNT = webhook.c.account_id == bindparam("of_account_id", type_=BigInteger)
CHANGE = update(webhook).where(webhook.c.id == _ID)
REMOVE = delete(webhook).where(webhook.c.id == _ID)
REMOVE_ALL = delete(webhook).where(_OF_ACCOUNT)


class NewWebhook(msgspec.Struct, frozen=True):
    """A webhook that was just made, and its secret, which is shown once."""

    id: int
    secret: str


def add(
    db: Connection, settings: Settings, sealer: Sealer, *, now: int, account_id: int, url: str, events: Collection[str]
) -> NewWebhook:
    """Have an address told what happens to an account.

    Raises Invalid for an address that can't be asked, for no event or one that there isn't, and beyond `MAX_COUNT`.
    """
    address = url.strip()
    check_all(lambda: _check_url(settings, address), lambda: _check_events(events))
    locks.take(db, account_id)
    if len(queries.of_account(db, account_id)) >= MAX_COUNT:
        raise Invalid(_("You can have up to %(limit)s webhooks. Remove one first.", limit=MAX_COUNT))
    made = NewWebhook(ids.new(now), secret.new())
    sealed = sealer.seal(made.secret, PURPOSE, made.id)
    row = {"id": made.id, "account_id": account_id, "url": address, "events": _encoded(events), "sealed_secret": sealed}
    db.execute(ADD, row)
    security_events.record(db, "webhook_made", now=now, account_id=account_id)
    security_events.tell(db, "webhook_made", now=now, account_id=account_id, host=urlsplit(address).hostname)
    return made


def change(db: Connection, *, account_id: int, webhook_id: int, events: Collection[str]) -> None:
    """Choose what a webhook is told of.

    Raises NotFound unless it is the account's own, Invalid for no event or one that there isn't.
    """
    queries.existing(db, webhook_id, account_id=account_id)
    _check_events(events)
    db.execute(CHANGE.values(events=_encoded(events)), {"the_webhook_id": webhook_id})


def pause(db: Connection, *, account_id: int, webhook_id: int) -> None:
    """Tell a webhook nothing until it is resumed; what happens meanwhile it never hears of.

    Raises NotFound unless it is the account's own.
    """
    queries.existing(db, webhook_id, account_id=account_id)
    db.execute(CHANGE.values(state="paused"), {"the_webhook_id": webhook_id})
    webhooks.hold(db, webhook_id)


def resume(db: Connection, *, now: int, account_id: int, webhook_id: int) -> None:
    """Tell a webhook again that was paused or parked, what waited for it first.

    Raises NotFound unless it is the account's own.
    """
    queries.existing(db, webhook_id, account_id=account_id)
    db.execute(CHANGE.values(state="active", failures=0), {"the_webhook_id": webhook_id})
    webhooks.release(db, webhook_id, now=now)


def renew_secret(db: Connection, sealer: Sealer, *, now: int, account_id: int, webhook_id: int) -> str:
    """Sign with another secret from now on, and return it; it isn't shown again.

    Raises NotFound unless the webhook is the account's own.
    """
    queries.existing(db, webhook_id, account_id=account_id)
    renewed = secret.new()
    sealed = sealer.seal(renewed, PURPOSE, webhook_id)
    db.execute(CHANGE.values(sealed_secret=sealed), {"the_webhook_id": webhook_id})
    security_events.record(db, "webhook_secret_renewed", now=now, account_id=account_id)
    return renewed


def opened_secret(sealer: Sealer, of: queries.Webhook) -> str | None:
    """Return the secret that a webhook's requests are signed with; None when the server's key has changed."""
    return sealer.open(of.sealed_secret, PURPOSE, of.id)


def remove(db: Connection, *, account_id: int, webhook_id: int) -> None:
    """Remove a webhook with what it was told. Raises NotFound unless it is the account's own."""
    queries.existing(db, webhook_id, account_id=account_id)
    db.execute(REMOVE, {"the_webhook_id": webhook_id})


def remove_all(db: Connection, *, account_id: int) -> None:
    """Remove all of an account's webhooks."""
    db.execute(REMOVE_ALL, {"of_account_id": account_id})


def _encoded(events: Collection[str]) -> str:
    return msgspec.json.encode([event for event in queries.EVENTS if event in events]).decode()


def _check_url(settings: Settings, url: str) -> None:
    if not is_receiver(settings, url):
        sentence = _("This isn't an address that can be called, such as https://example.org/hook.")
        raise Invalid(sentence, {"url": [("ERR_INVALID", sentence)]})


def _check_events(events: Collection[str]) -> None:
    unknown = sorted(set(events) - set(queries.EVENTS))
    if unknown or not events:
        sentence = _("Please choose what the webhook is told of.")
        if unknown:
            sentence = _(
                "There is no event %(name)s. There are: %(names)s.",
                name=unknown[0][:50],
                names=", ".join(queries.EVENTS),
            )
        raise Invalid(sentence, {"events": [("ERR_INVALID", sentence)]})
