"""Asking DNS what it says of the domain that mail comes from: MX, SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489)."""

import logging
from collections.abc import Callable, Sequence
from functools import partial

import dns.exception
import dns.name
import dns.resolver

from twite_common.database import Connection
from twite_common.outbox import Event
from twite_common.queries.notifications.mail_log import Finding
from twite_common.services.notifications import mail_health
from twite_common.settings import Settings
from twite_tasks.context import Context

log = logging.getLogger(__name__)

SECONDS = 5.0
"""How long each question may take."""
SELECTORS = ("default", "mail", "dkim", "selector1", "selector2", "s1", "s2", "k1", "google", "mx")
"""Names under which mail servers commonly publish their key, asked for where the settings name none."""
LOOSE = frozenset({"+all", "all", "?all"})
"""Ends of an SPF record that let everybody send."""


class _Unknown(Exception):
    """DNS didn't answer."""


def check(context: Context, _event: Event, now: int) -> Callable[[Connection], None]:
    """Ask DNS, and return what writes down what it said."""
    settings = context.settings
    found = findings(settings, dns.resolver.Resolver())
    log.info("mail_domain_checked %s", {found_one.kind: found_one.state for found_one in found})
    return partial(mail_health.keep, now=now, domain=domain_of(settings), findings=found)


def domain_of(settings: Settings) -> str:
    """Return the domain that mail comes from."""
    return settings.sender.rpartition("@")[2]


def findings(settings: Settings, resolver: dns.resolver.Resolver) -> tuple[Finding, ...]:
    """Return what DNS says of the sender's domain."""
    domain = domain_of(settings)
    selectors = [settings.dkim_selector] if settings.dkim_selector else SELECTORS
    asked = (("mx", _mx), ("spf", _spf), ("dkim", partial(_dkim, selectors=selectors)), ("dmarc", _dmarc))
    found = []
    for kind, ask in asked:
        try:
            found.append(ask(resolver, domain))
        except _Unknown as error:
            found.append(Finding(kind, "unknown", record=str(error)))
    return tuple(found)


def _mx(resolver: dns.resolver.Resolver, domain: str) -> Finding:
    records = _ask(resolver, domain, "MX")
    return Finding("mx", "good", record=", ".join(records)) if records else Finding("mx", "missing")


def _spf(resolver: dns.resolver.Resolver, domain: str) -> Finding:
    records = [text for text in _ask(resolver, domain, "TXT") if f"{text} ".lower().startswith("v=spf1 ")]
    if not records:
        return Finding("spf", "missing")
    if len(records) > 1:
        return Finding("spf", "wrong", "several", " | ".join(records))
    terms = records[0].lower().split()[1:]
    if any(term in LOOSE for term in terms):
        return Finding("spf", "wrong", "everybody", records[0])
    ends = any(term in {"-all", "~all"} or term.startswith("redirect=") for term in terms)
    return Finding("spf", "good" if ends else "weak", "" if ends else "open", records[0])


def _dkim(resolver: dns.resolver.Resolver, domain: str, *, selectors: Sequence[str]) -> Finding:
    for selector in selectors:
        for text in _ask(resolver, f"{selector}._domainkey.{domain}", "TXT"):
            tags = _tags(text)
            if "p" in tags:
                state, detail = ("good", "") if tags["p"] else ("wrong", "revoked")
                return Finding("dkim", state, detail, f"{selector}: {text}")
    return Finding("dkim", "missing" if len(selectors) == 1 else "unknown", "selector", ", ".join(selectors))


def _dmarc(resolver: dns.resolver.Resolver, domain: str) -> Finding:
    """Look at the domain, and at those above it, whose record counts where it has none."""
    labels = domain.split(".")
    for start in range(max(len(labels) - 1, 1)):
        name = ".".join(labels[start:])
        for text in _ask(resolver, f"_dmarc.{name}", "TXT"):
            tags = _tags(text)
            if tags.get("v", "").upper() == "DMARC1":
                policy = tags.get("sp" if start and "sp" in tags else "p", "").lower()
                state, detail = ("good", "") if policy in {"quarantine", "reject"} else ("weak", "none")
                return Finding("dmarc", state, detail, text)
    return Finding("dmarc", "missing")


def _tags(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs if name.strip()}


def _ask(resolver: dns.resolver.Resolver, name: str, kind: str) -> list[str]:
    """Return the records of a name, as text. Raises _Unknown when nobody answers."""
    try:
        answer = resolver.resolve(dns.name.from_text(name), kind, lifetime=SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise _Unknown(type(error).__name__) from error
    if kind == "TXT":
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
    return sorted(str(record) for record in answer)
