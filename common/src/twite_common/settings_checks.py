"""What is expected of a setting, in words, and checks that types can't express."""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Any, Literal, get_args, get_origin
from urllib.parse import SplitResult, urlsplit

from twite_common import domains

ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
BOUNCES = re.compile(r"[A-Za-z0-9._-]{1,16}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
"""Short before the @, where RFC 5321 lets 64 characters be, because a mail's number and signature follow."""
SELECTOR = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
HOST = re.compile(r"(?!-)[\w.-]+|[0-9a-f:]+", re.ASCII | re.IGNORECASE)
"""A name as browsers send it: in ASCII, an IPv6 address without its brackets."""
PLACE = re.compile(r"((?!-)[\w.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
BUCKET_PATH = re.compile(r"/[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*/?")
MEDIA_BASE_URL = re.compile(rf"https?://{PLACE.pattern}(/[A-Za-z0-9._~-]+)*", re.ASCII | re.IGNORECASE)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
STAFF = ("administrators", "moderators")
SEVERAL_LINES = frozenset({"site_description"})


def expected(hint: Any) -> str:
    """Return the words for what a setting's type and bounds let through."""
    kind, bounds = hint.__origin__, hint.__metadata__[0]
    if get_origin(kind) is Literal:
        return _either(get_args(kind))
    if kind is bool:
        return "true or false"
    if kind is int:
        return f"a whole number {_from_to(bounds.ge, bounds.le)}".rstrip()
    if kind is str and bounds.max_length is not None:
        return f"text of {bounds.min_length or 0} to {bounds.max_length} characters"
    return "text" if kind is str else "texts, separated by commas or as a list in twite.toml"


def _either(choices: tuple[str, ...]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}"


def _from_to(minimum: int | None, maximum: int | None) -> str:
    if maximum is None:
        return "" if minimum is None else f"of {minimum} or more"
    return f"from {minimum or 0} to {maximum}"


def problems(values: Mapping[str, Any]) -> Iterator[str]:
    """Give a sentence for each value that can't be used although its type is right."""
    yield from _unprintable(values)
    yield from _base_url(values["base_url"])
    yield from _unfit(values, "hosts", HOST, "a host name such as www.example.org, without a port")
    yield from _unfit(values, "languages", LANGUAGE, "a language's code such as en")
    yield from _unfit(values, "mail_from", ADDRESS, "an e-mail address such as twite@example.org")
    yield from _unfit(values, "mail_bounces", BOUNCES, "an e-mail address in ASCII such as bounces@example.org")
    yield from _unfit(values, "dkim_selector", SELECTOR, "a selector such as mail2026")
    yield from _sender(values)
    yield from _unfit(values, "contact_email", ADDRESS, "an e-mail address such as name@example.org")
    yield from _roles(values.get("second_factor_for", []))
    if values.get("languages") == []:
        yield "languages: expected at least one, such as en."
    for network in values.get("trusted_proxies", []):
        try:
            ip_network(network)
        except ValueError:
            yield f"trusted_proxies: {network!r} is not a network such as 127.0.0.1/32."
    yield from _scheme(values, "smtp", ("smtp", "smtps", "smtp+starttls"))
    yield from _scheme(values, "mail_bounces_mailbox", ("imap", "imaps", "imap+starttls"))
    yield from _scheme(values, "broker", ("amqp", "amqps", "redis", "rediss"))
    yield from _scheme(values, "redis", ("redis", "rediss"))
    yield from _scheme(values, "database", ("sqlite", "postgresql", "postgresql+psycopg"))
    yield from _scheme(values, "database_replica", ("postgresql", "postgresql+psycopg"))
    yield from _replica(values)
    yield from _bucket(values, "media_storage")
    yield from _bucket(values, "media_fallback")
    yield from _media_base_url(values.get("media_base_url") or "")


def _unprintable(values: Mapping[str, Any]) -> Iterator[str]:
    """A line break in a name, say, would fail every mail that has it in its head."""
    for name, value in values.items():
        if any(CONTROL.search(line) for line in _lines(name, value)):
            yield f"{name}: must not contain line breaks, control characters or broken characters."


def _lines(name: str, value: object) -> list[str]:
    """Return the texts of a value, or their lines where the setting may have several."""
    texts = [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
    return [line for text in texts for line in text.split("\n")] if name in SEVERAL_LINES else texts


def _base_url(base: str) -> Iterator[str]:
    try:
        parts = urlsplit(base)
        fits = parts.scheme in {"http", "https"} and parts.port != 0 and PLACE.fullmatch(parts.netloc)
    except ValueError:
        fits = False
    if not fits or base != f"{parts.scheme}://{parts.netloc}":
        yield f"base_url: expected http:// or https:// and a host in ASCII, without a path (it is {base!r})."


def _unfit(values: Mapping[str, Any], name: str, shape: re.Pattern[str], description: str) -> Iterator[str]:
    value = values.get(name) or []
    for item in value if isinstance(value, list) else [value]:
        if not shape.fullmatch(item):
            yield f"{name}: expected {description} (it is {item!r})."


def _roles(names: list[str]) -> Iterator[str]:
    for name in names:
        if name not in STAFF:
            yield f"second_factor_for: expected {_either(STAFF)} (it is {name!r})."


def _sender(values: Mapping[str, Any]) -> Iterator[str]:
    address = values.get("mail_from") or ""
    if not ADDRESS.fullmatch(address):
        return
    mailbox, _, host = address.rpartition("@")
    try:
        domains.to_ascii(host)
    except ValueError:
        yield f"mail_from: {host!r} isn't a server's name."
    if not (mailbox.isascii() or values.get("smtp_utf8")):
        yield "mail_from: non-ASCII characters before the @ need the setting smtp_utf8 and a mail server for it."


def _scheme(values: Mapping[str, Any], name: str, schemes: tuple[str, ...]) -> Iterator[str]:
    value = values.get(name)
    if not value:
        return
    try:
        parts = urlsplit(value)
        # Reading the port checks it.
        fits = parts.scheme in schemes and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        starts = ", ".join(f"{scheme}://…" for scheme in schemes)
        yield f"{name}: expected an address that starts with one of {starts}."
    elif parts.scheme != "sqlite" and _torn(parts, name):
        # Part of the password would be taken for the host or what follows it, which messages name.
        yield f"{name}: in a username or password, write @ as %40, / as %2F, ? as %3F and # as %23."


def _replica(values: Mapping[str, Any]) -> Iterator[str]:
    if values.get("database_replica") and not str(values.get("database", "")).startswith("postgresql"):
        yield "database_replica: only PostgreSQL has replicas; set database to the PostgreSQL that it follows."


def _bucket(values: Mapping[str, Any], name: str) -> Iterator[str]:
    wrong = list(_scheme(values, name, ("s3", "s3+http")))
    yield from wrong
    if wrong or not values.get(name):
        return
    parts = urlsplit(values[name])
    if not (parts.username and parts.password and HOST.fullmatch(parts.hostname or "")):
        yield f"{name}: expected a key, its secret and a host, as in s3://key:secret@host/bucket."
    if not BUCKET_PATH.fullmatch(parts.path) or parts.fragment:
        yield f"{name}: expected a bucket's name behind the host, as in s3://key:secret@host/bucket."
    if not re.fullmatch(r"(region=[A-Za-z0-9-]+)?", parts.query):
        yield f"{name}: expected nothing behind a ? but the region, as in s3://key:secret@host/bucket?region=eu-west-1."


def _media_base_url(base: str) -> Iterator[str]:
    if base and not MEDIA_BASE_URL.fullmatch(base):
        yield f"media_base_url: expected http:// or https://, a host in ASCII and perhaps a path (it is {base!r})."


def _torn(parts: SplitResult, name: str) -> bool:
    """Say whether an address has an @ where none belongs; SQLAlchemy looks for the first one, the others the last."""
    after_host = f"{parts.path}{parts.query}{parts.fragment}"
    return "@" in after_host or (name == "database" and parts.netloc.count("@") > 1)
