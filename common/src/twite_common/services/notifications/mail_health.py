"""How mail fares: asking DNS about the sender's domain, and keeping what it says."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from twite_common import outbox
from twite_common.queries.notifications.mail_log import Finding, Findings
from twite_common.sql.dialects import upsert
from twite_common.tables import mail_domain_check

EVENT = "mail.check_domain"
"""The event by which DNS is asked."""

_keep = upsert(mail_domain_check)
KEEP = _keep.on_conflict_do_update(
    index_elements=[mail_domain_check.c.id],
    set_={"checked_at": _keep.excluded.checked_at, "findings": _keep.excluded.findings},
)


def ask(db: Connection, *, now: int) -> None:
    """Have DNS asked soon."""
    outbox.add(db, EVENT, now=now)


def keep(db: Connection, *, now: int, domain: str, findings: Sequence[Finding]) -> None:
    """Write down what DNS said."""
    encoded = msgspec.json.encode(Findings(domain, tuple(findings))).decode()
    db.execute(KEEP, {"id": 1, "checked_at": now, "findings": encoded})
