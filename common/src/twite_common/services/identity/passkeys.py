"""Passkeys (WebAuthn): keys that people's devices keep, which prove who they are to this site alone.

One that checks who uses it, by a fingerprint or a PIN, stands for both factors. Signatures are verified by the library
`webauthn`; what a passkey signs is in `passkey_challenges`.
"""

import base64
import binascii
from collections.abc import Collection
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import BigInteger, Boolean, Connection, and_, bindparam, delete, or_, update

from twite_common import ids, secret, text
from twite_common.database import Database
from twite_common.errors import Conflict, Invalid, NotFound
from twite_common.queries.identity import passkeys as queries
from twite_common.queries.identity.passkeys import Passkey
from twite_common.secret import Signer
from twite_common.services.identity import passkey_challenges
from twite_common.settings import Settings
from twite_common.sql.dialects import upsert
from twite_common.tables import passkey
from twite_common.translations import gettext as _

PASSKEY = "passkey"
MAX_PASSKEYS = 20
MAX_NAME_LENGTH = 50
MAX_ANSWER_LENGTH = 20_000
ALGORITHMS = (-8, -7, -257)
"""Of signatures, as COSE numbers them: Ed25519, ECDSA on P-256 with SHA-256, and RSA with SHA-256."""

_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
_ID = bindparam("passkey_id", type_=BigInteger)
_COUNT = bindparam("new_count", type_=BigInteger)
_add = upsert(passkey)
ADD = _add.on_conflict_do_nothing(index_elements=[passkey.c.credential_id])
USE = (
    update(passkey)
    .where(
        passkey.c.id == _ID,
        passkey.c.account_id == _ACCOUNT,
        or_(passkey.c.sign_count < _COUNT, and_(passkey.c.sign_count == 0, _COUNT == 0)),
    )
    .values(
        sign_count=_COUNT,
        used_at=bindparam("now", type_=BigInteger),
        verifies_user=or_(passkey.c.verifies_user, bindparam("user_verified", type_=Boolean)),
    )
)
REMOVE = delete(passkey).where(passkey.c.account_id == _ACCOUNT, passkey.c.id == _ID).returning(passkey.c.name)
REMOVE_ALL = delete(passkey).where(
    passkey.c.account_id == _ACCOUNT, passkey.c.id >= bindparam("since_id", type_=BigInteger)
)


class NewPasskey(msgspec.Struct, frozen=True):
    """A passkey that has just been made, with what is stored of it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    verifies_user: bool


class Proof(msgspec.Struct, frozen=True):
    """That a passkey of an account has signed a challenge of now; it counts once `use` has noted it."""

    passkey_id: int
    account_id: int
    sign_count: int
    user_verified: bool


class _Response(msgspec.Struct, frozen=True):
    clientDataJSON: str  # noqa: N815 - as WebAuthn calls it
    userHandle: str | None = None  # noqa: N815 - as WebAuthn calls it


class _Answer(msgspec.Struct, frozen=True):
    """What a browser gives, as far as it is read here (WebAuthn Level 3, section 5.1, `toJSON`)."""

    id: str
    response: _Response


class _ClientData(msgspec.Struct, frozen=True):
    challenge: str
    crossOrigin: bool = False  # noqa: N815 - as WebAuthn calls it


def available(settings: Settings) -> bool:
    """Say whether browsers make passkeys for a site.

    It must have a name, and be reached over TLS unless it is on the browser's own machine.
    """
    host = _relying_party(settings)
    try:
        ip_address(host)
    except ValueError:
        return settings.secure or host == "localhost" or host.endswith(".localhost")
    return False


def options_to_add(
    signer: Signer,
    settings: Settings,
    *,
    now: int,
    account_id: int,
    username: str,
    tied_to: str,
    present: Collection[Passkey],
) -> str:
    """Return what a browser makes a passkey from, as JSON (`PublicKeyCredential.parseCreationOptionsFromJSON`)."""
    challenge = passkey_challenges.make(signer, _to_add(account_id), tied_to, now=now)
    return _json(
        {
            "challenge": _encoded(challenge.encode()),
            "rp": {"id": _relying_party(settings), "name": settings.site_name},
            "user": {"id": _user_handle(account_id), "name": username, "displayName": username},
            "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in ALGORITHMS],
            "excludeCredentials": _described(present),
            "authenticatorSelection": {"residentKey": "preferred", "userVerification": "preferred"},
            "attestation": "none",
            "timeout": passkey_challenges.LIFETIME_MS,
        }
    )


def options_to_prove(
    signer: Signer, settings: Settings, purpose: str, *, now: int, tied_to: str, of: Collection[Passkey] = ()
) -> str:
    """Return what a browser asks for a passkey with, as JSON (`PublicKeyCredential.parseRequestOptionsFromJSON`).

    `of` are those of which one will do. Without them any of the site is offered, which must check who uses it.
    """
    challenge = passkey_challenges.make(signer, purpose, tied_to, now=now)
    return _json(
        {
            "challenge": _encoded(challenge.encode()),
            "rpId": _relying_party(settings),
            "allowCredentials": _described(of),
            "userVerification": "preferred" if of else "required",
            "timeout": passkey_challenges.LIFETIME_MS,
        }
    )


def check_new(
    database: Database, signer: Signer, settings: Settings, *, now: int, account_id: int, tied_to: str, answer: str
) -> NewPasskey:
    """Return the passkey that a browser has made, whose challenge is used up. Done with no transaction open.

    Raises Invalid when it isn't one for this site, account and browser.
    """
    challenge, _parsed = _challenge(answer)
    passkey_challenges.use(database, signer, challenge, _to_add(account_id), tied_to, now=now)
    # Imported here, as below: it takes 14 MB, which a process needs only when somebody uses a passkey.
    from webauthn import verify_registration_response

    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge.encode(),
            expected_rp_id=_relying_party(settings),
            expected_origin=_origin(settings),
        )
    except Exception as error:
        raise wrong() from error
    return NewPasskey(made.credential_id, made.credential_public_key, made.sign_count, made.user_verified)


def add(db: Connection, *, now: int, account_id: int, new: NewPasskey, name: str) -> str:
    """Store a passkey, and return the name that it got.

    Raises Invalid without a name and for too many, Conflict for one that is there.
    """
    clean_name = text.clean_line(name)[:MAX_NAME_LENGTH]
    if not clean_name:
        sentence = _("Please give the passkey a name, so that you know which one it is.")
        raise Invalid(sentence, {"name": [("ERR_BLANK", sentence)]})
    if len(queries.of_account(db, account_id)) >= MAX_PASSKEYS:
        raise Invalid(_("You can have up to %(limit)s passkeys. Please remove one first.", limit=MAX_PASSKEYS))
    row = msgspec.structs.asdict(new) | {"id": ids.new(now), "account_id": account_id, "name": clean_name}
    if not db.execute(ADD, row).rowcount:
        raise Conflict(_("This passkey has already been added."))
    return clean_name


def check(
    database: Database,
    signer: Signer,
    settings: Settings,
    purpose: str,
    *,
    now: int,
    tied_to: str,
    answer: str,
    account_id: int | None = None,
) -> Proof:
    """Return what a browser's answer proves, whose challenge is used up. Done with no transaction open.

    `account_id` is whose passkey it must be. Where it may be anybody's, it must have checked who uses it. Raises
    Invalid when it proves nothing: also when its count of uses shows that it was copied.
    """
    challenge, parsed = _challenge(answer)
    passkey_challenges.use(database, signer, challenge, purpose, tied_to, now=now)
    with database.reading() as db:
        known = queries.by_credential(db, _decoded(parsed.id))
    if known is None:
        raise Invalid(_("This passkey isn't known here, or was removed."))
    handle = parsed.response.userHandle
    its_owners = not handle or secret.equal(handle.rstrip("="), _user_handle(known.account_id))
    if (account_id is not None and known.account_id != account_id) or not its_owners:
        raise Invalid(_("This passkey is for another account."))
    from webauthn import verify_authentication_response

    try:
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge.encode(),
            expected_rp_id=_relying_party(settings),
            expected_origin=_origin(settings),
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
            require_user_verification=account_id is None,
        )
    except Exception as error:
        raise wrong() from error
    return Proof(known.id, known.account_id, verified.new_sign_count, verified.user_verified)


def use(db: Connection, proof: Proof, *, now: int) -> None:
    """Note that a passkey was used.

    Raises Invalid when it was removed meanwhile, or its count shows that it was used elsewhere at the same time.
    """
    parameters = {
        "passkey_id": proof.passkey_id,
        "of_account_id": proof.account_id,
        "new_count": proof.sign_count,
        "user_verified": proof.user_verified,
        "now": now,
    }
    if not db.execute(USE, parameters).rowcount:
        raise wrong()


def remove(db: Connection, *, account_id: int, passkey_id: int) -> str:
    """Remove one of an account's passkeys, and return its name.

    Raises NotFound when there is none.
    """
    row = db.execute(REMOVE, {"of_account_id": account_id, "passkey_id": passkey_id}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such passkey."))
    return str(row.name)


def remove_since(db: Connection, *, account_id: int, since: int) -> None:
    """Remove an account's passkeys that were added since a time, in milliseconds; all of them since 0."""
    db.execute(REMOVE_ALL, {"of_account_id": account_id, "since_id": ids.first_at(since)})


def wrong() -> Invalid:
    """Return what is raised for a passkey that doesn't work."""
    return Invalid(_("This passkey didn't work. Please try again, or another way."))


def _challenge(answer: str) -> tuple[str, _Answer]:
    """Return the challenge that an answer says it signs, and the answer's parts."""
    if len(answer) > MAX_ANSWER_LENGTH:
        raise wrong()
    try:
        parsed = msgspec.json.decode(answer, type=_Answer)
        client_data = msgspec.json.decode(_decoded(parsed.response.clientDataJSON), type=_ClientData)
        challenge = _decoded(client_data.challenge).decode("ascii")
    except (msgspec.MsgspecError, ValueError) as error:
        raise wrong() from error
    # Pages of other sites can't show ours, and have no business here.
    if client_data.crossOrigin:
        raise wrong()
    return challenge, parsed


def _to_add(account_id: int) -> str:
    return f"{passkey_challenges.ADD} {account_id}"


def _relying_party(settings: Settings) -> str:
    """Return the name that passkeys are for; they work at no other site."""
    return urlsplit(settings.base_url).hostname or ""


def _origin(settings: Settings) -> str:
    """Return the site's origin as browsers write it (HTML, section 7.1.1)."""
    parts = urlsplit(settings.base_url)
    usual = {"http": 80, "https": 443}[parts.scheme]
    port = f":{parts.port}" if parts.port not in {None, usual} else ""
    return f"{parts.scheme}://{parts.hostname}{port}"


def _user_handle(account_id: int) -> str:
    """Return how passkeys call the account: the same for all of it, and another than the site shows."""
    return _encoded(secret.digest(f"passkey user {account_id}"))


def _described(passkeys: Collection[Passkey]) -> list[dict[str, str]]:
    return [{"type": "public-key", "id": _encoded(one.credential_id)} for one in passkeys]


def _json(options: dict[str, Any]) -> str:
    return msgspec.json.encode(options).decode()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text.encode("ascii") + b"==")
    except (binascii.Error, ValueError) as error:
        raise wrong() from error
