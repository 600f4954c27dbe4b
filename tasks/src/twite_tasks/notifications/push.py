"""Web Push (RFC 8030): sending notifications to devices through their push services."""

import base64
import logging
import os
from urllib.parse import urlsplit

import http_ece
import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from msgspec import UNSET, UnsetType

from twite_common import clock, text, translations
from twite_common.queries.notifications import push as queries
from twite_common.queries.notifications.push import Push, Subscription
from twite_common.secret import public_point
from twite_common.services.notifications import push
from twite_common.settings import Settings
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_tasks import http_client
from twite_tasks.context import Context
from twite_tasks.notifications import languages

log = logging.getLogger(__name__)

LIFETIME_SECONDS = 48 * 3600
"""How long a push service keeps a message for a device that can't be reached."""
CLAIM_SECONDS = 12 * 3600
"""How long the proof of who we are is good; push services take at most a day (RFC 8292, section 2)."""
MAX_BODY_LENGTH = 140
MAX_BYTES = 3800
"""Of a message before it is encrypted: push services need not take more than 4096 afterwards."""
GONE = frozenset({404, 410})

TYPES = {
    "boost": "reblog",
    "post": "status",
    "report": "admin.report",
    "signup": "admin.sign_up",
    "warning": "moderation_warning",
}
"""Kinds of notification that the client API has another word for."""
TITLES = {
    "mention": marked("%(name)s mentioned you"),
    "follow": marked("%(name)s followed you"),
    "follow_request": marked("%(name)s would like to follow you"),
    "favourite": marked("%(name)s favourited your post"),
    "boost": marked("%(name)s boosted your post"),
    "post": marked("%(name)s posted"),
    "poll": marked("A poll has ended"),
    "update": marked("A post you boosted was edited"),
    "quote": marked("%(name)s quoted your post"),
    "quoted_update": marked("A post you quoted was edited"),
    "report": marked("%(name)s reported someone"),
    "signup": marked("%(name)s signed up"),
    "warning": marked("The site's staff sent you a warning"),
}


class Message(msgspec.Struct, frozen=True):
    """What the device reads, in the client API's words; the id is a number here, as applications for phones expect.

    `url` is the page that the site's own message opens, which needs no token.
    """

    access_token: str
    preferred_locale: str
    notification_id: int
    notification_type: str
    icon: str
    title: str
    body: str
    url: str | UnsetType = UNSET


def send(context: Context, message_id: int) -> None:
    """Push a message, if it is still to be pushed, and record what became of it."""
    with context.database.writing() as db:
        claimed = push.claim(db, message_id, now=clock.now())
    if claimed is None:
        return
    content = _content(context, claimed)
    with context.database.writing() as db:
        if content is None:
            push.drop(db, claimed.id)
            return
        push.begin(db, claimed.id)
    _hand_over(context, claimed, content)


def _hand_over(context: Context, sending: Push, content: bytes) -> None:
    body, headers = _encrypted(context.settings, context.push_key, sending.subscription, content)
    fields = {"message_id": sending.id, "host": urlsplit(sending.subscription.endpoint).hostname}
    status = 0
    try:
        answer = http_client.ask(
            context.settings, "POST", sending.subscription.endpoint, headers=headers, content=body, max_bytes=1000
        )
        status = answer.status
    except http_client.Refused as error:
        log.warning("push_refused %s", fields | {"error": str(error)})
        status = 400
    except http_client.Unreachable as error:
        log.warning("push_unreachable %s", fields | {"error": str(error)})
    with context.database.writing() as db:
        if status in GONE:
            push.forget_device(db, sending.subscription.id)
        elif status == 0 or status == 429 or status >= 500:
            push.postpone(db, sending, now=clock.now())
        else:
            push.drop(db, sending.id)
    log.info("pushed %s", fields | {"status": status})


def _content(context: Context, sending: Push) -> bytes | None:
    """Return what a message says, or None when there is nothing left to tell or nobody to tell it to."""
    account_id = sending.subscription.account_id
    with context.database.reading() as db:
        item = queries.told(db, sending.notification_id, account_id=account_id, now=clock.now())
    own = sending.subscription.session_id is not None
    token = "" if own else context.sealer.open(sending.subscription.sealed_token)
    if item is None or token is None:
        return None
    settings = context.settings
    with translations.using(languages.of_reader(settings, item.locale)):
        title = _(TITLES.get(item.kind, "%(name)s"), name=item.from_display_name or item.from_username)
    message = Message(
        access_token=token,
        preferred_locale=item.locale or item.language or (settings.languages or ["en"])[0],
        notification_id=sending.notification_id,
        notification_type=TYPES.get(item.kind, item.kind),
        icon=f"{settings.base_url}/{f'media/{item.from_avatar}' if item.from_avatar else 'static/avatar.png'}",
        title=title,
        body=text.plain_excerpt(item.spoiler_text or item.post_text or "", MAX_BODY_LENGTH),
        url=f"{settings.base_url}{_page(item)}" if own else UNSET,
    )
    encoded = msgspec.json.encode(message)
    return encoded if len(encoded) <= MAX_BYTES else msgspec.json.encode(msgspec.structs.replace(message, body=""))


def _page(item: queries.Told) -> str:
    """Return the path of the page on which one sees what a message is about."""
    if item.post_id is not None:
        return f"/posts/{item.post_id}"
    if item.report_id is not None:
        return f"/admin/reports/{item.report_id}"
    paths = {"follow": f"/@{item.from_username}", "follow_request": "/follow-requests"}
    return paths.get(item.kind, "/notifications")


def _encrypted(
    settings: Settings, key: ec.EllipticCurvePrivateKey, device: Subscription, content: bytes
) -> tuple[bytes, dict[str, str]]:
    """Return a message encrypted for a device, and the headers that go with it.

    As RFC 8291 and RFC 8292 say, or, for clients that are older, as their drafts said.
    """
    once = ec.generate_private_key(ec.SECP256R1())
    proof = _proof(settings, key, device.endpoint)
    known_as = encoded(public_point(key))
    salt = os.urandom(16)
    body: bytes = http_ece.encrypt(
        content,
        salt=salt,
        private_key=once,
        dh=push.decoded(device.p256dh),
        auth_secret=push.decoded(device.auth),
        version="aes128gcm" if device.standard else "aesgcm",
    )
    headers = {"TTL": str(LIFETIME_SECONDS), "Urgency": "normal", "Content-Type": "application/octet-stream"}
    if device.standard:
        return body, headers | {
            "Content-Encoding": "aes128gcm",
            "Authorization": f"vapid t={proof},k={known_as}",
        }
    return body, headers | {
        "Content-Encoding": "aesgcm",
        "Encryption": f"salt={encoded(salt)}",
        "Crypto-Key": f"dh={encoded(public_point(once))};p256ecdsa={known_as}",
        "Authorization": f"WebPush {proof}",
    }


def _proof(settings: Settings, key: ec.EllipticCurvePrivateKey, endpoint: str) -> str:
    """Return the signed statement of who sends, for one push service (RFC 8292, a JSON Web Token with ES256)."""
    parts = urlsplit(endpoint)
    subject = f"mailto:{settings.contact_email}" if settings.contact_email else settings.base_url
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": clock.now() // clock.SECOND + CLAIM_SECONDS,
        "sub": subject,
    }
    header = {"typ": "JWT", "alg": "ES256"}
    signed = f"{encoded(msgspec.json.encode(header))}.{encoded(msgspec.json.encode(claims))}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{encoded(r.to_bytes(32) + s.to_bytes(32))}"


def encoded(content: bytes) -> str:
    """Return bytes in base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
