"""The one place that reads, creates and compares secrets.

What is stored of a secret is its SHA-256 (they are random and long, so a slow hash would add nothing); what can
be made again from a row and the server's key (links in mails, form tokens) isn't stored at all.
"""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from twite_common.errors import Unavailable
from twite_common.settings import Settings

KEY_FILE = "secret.key"
CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody takes for another when they copy a code from paper."""
CODE_GROUPS, CODE_GROUP_LENGTH = 4, 4
SHARED_BYTES = 20
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def new() -> str:
    """Return a fresh secret of 256 random bits, safe in addresses and headers."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """Return a fresh secret of 79 random bits that can be typed, in groups."""
    groups = ["".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_GROUP_LENGTH)) for _ in range(CODE_GROUPS)]
    return "-".join(groups)


def new_shared() -> str:
    """Return a fresh secret that an app for one-time codes shares, in base32 as these write it (RFC 4226)."""
    return base64.b32encode(secrets.token_bytes(SHARED_BYTES)).decode()


def digest(secret: str) -> bytes:
    """Return what is stored of a secret, 32 bytes."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def equal_bytes(one: bytes, other: bytes) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(one, other)


def equal(one: str, other: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


class Signer:
    """Makes and checks signatures with the server's key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, purpose: str, *parts: str | int) -> str:
        """Return the signature of `parts` for one purpose; it is good for no other."""
        message = "\0".join([purpose, *map(str, parts)])
        mac = hmac.new(self._key, message.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()

    def verify(self, signature: str, purpose: str, *parts: str | int) -> bool:
        """Say whether a signature was made by `sign` with the same purpose and parts."""
        return equal(signature, self.sign(purpose, *parts))


class Sealer:
    """Encrypts what has to be stored and read again, such as the token that a pushed message names.

    What it is for and whose it is can be named as `purpose`: it opens for nothing else then.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(_derived(key, "seal", 32))

    def seal(self, text: str, *purpose: str | int) -> bytes:
        """Return a text encrypted, which `open` undoes; another result each time."""
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, text.encode(), _joined(purpose))

    def open(self, sealed: bytes, *purpose: str | int) -> str | None:
        """Return a text that `seal` encrypted with the same key for the same purpose.

        None when it is damaged, or the key has changed.
        """
        try:
            return self._cipher.decrypt(sealed[:12], sealed[12:], _joined(purpose)).decode()
        except (InvalidTag, ValueError):
            return None


def _joined(purpose: tuple[str | int, ...]) -> bytes:
    return "\0".join(map(str, purpose)).encode()


def sealer(settings: Settings) -> Sealer:
    """Return the sealer of a site.

    Raises Unavailable when the key's file can't be read or written.
    """
    return Sealer(key(settings))


def push_key(settings: Settings) -> ec.EllipticCurvePrivateKey:
    """Return the key by which push services know the site (RFC 8292); it follows from the server's key.

    Raises Unavailable when the key's file can't be read or written.
    """
    # 16 bytes more than the scalar has, so that taking the remainder makes no number likelier than another.
    number = int.from_bytes(_derived(key(settings), "vapid", 48))
    return ec.derive_private_key(1 + number % (_P256_ORDER - 1), ec.SECP256R1())


def public_point(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public half of a key as push services and devices know it: a point of 65 bytes, not compressed."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def signer(settings: Settings) -> Signer:
    """Return the signer of a site; its key is made on first use.

    Raises Unavailable when the key's file can't be read or written.
    """
    return Signer(key(settings))


def key(settings: Settings) -> bytes:
    """Return the server's key, as set or as kept in the data folder.

    Raises Unavailable when the key's file can't be read or written.
    """
    if settings.secret_key:
        return settings.secret_key.encode()
    path = settings.data / KEY_FILE
    try:
        return _existing(path) or _made(path)
    except OSError as error:
        raise Unavailable(f"The secret key in {path} can't be used: {error.strerror}.") from error


def backup_signature(key: bytes, manifest: bytes) -> str:
    """Return the signature that a site's key gives the list of what is in a backup."""
    return hmac.new(_derived(key, "backup", 32), manifest, hashlib.sha256).hexdigest()


def read_key(path: Path) -> bytes:
    """Return the key that a file holds.

    Raises Unavailable when it can't be read or holds none.
    """
    try:
        key = _existing(path)
    except OSError as error:
        raise Unavailable(f"The secret key in {path} can't be used: {error.strerror}.") from error
    if key is None:
        raise Unavailable(f"There is no secret key in {path}.")
    return key


def _derived(key: bytes, purpose: str, length: int) -> bytes:
    """Return a key for one purpose, made from the server's (RFC 5869)."""
    return HKDF(hashes.SHA256(), length, salt=None, info=f"twite {purpose}".encode()).derive(key)


def _existing(path: Path) -> bytes | None:
    try:
        return path.read_bytes().strip() or None
    except FileNotFoundError:
        return None


def _made(path: Path) -> bytes:
    """Write a new key, unless another process just did: linking fails where the name is taken."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(new().encode())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes().strip()
