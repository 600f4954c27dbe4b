"""What whoever runs a new site has to see to, and what of it is done."""

import msgspec
from sqlalchemy import Connection, select

from twite_common import clock
from twite_common.queries.accounts import credentials
from twite_common.queries.moderation import rules, site_texts
from twite_common.settings import Settings
from twite_common.tables import checklist_mark, mail

BACKUP, REGISTRATION, DISMISSED = "backup", "registration", "dismissed"
"""Marks: that a backup was made, that who may sign up was decided on, that the list is to be shown no more."""
BY_HAND = frozenset({REGISTRATION, DISMISSED})
"""Marks that people make; the others come from what was done."""
BACKUP_MS = 31 * clock.DAY
"""A backup older than this is none."""

MARKS = select(checklist_mark.c.name, checklist_mark.c.marked_at)
SENT = select(mail.c.id).where(mail.c.state == "sent").limit(1)


class Checklist(msgspec.Struct, frozen=True):
    """Items in the order in which one sees to them, by name, and whether each is done; `dismissed` hides it all."""

    items: dict[str, bool]
    dismissed: bool

    @property
    def done_count(self) -> int:
        """How many items are done."""
        return sum(self.items.values())


def checklist(db: Connection, settings: Settings, *, now: int) -> Checklist:
    """Return what is done, from how the site is set and what is there."""
    marks: dict[str, int] = {row.name: row.marked_at for row in db.execute(MARKS)}
    usual = Settings()
    items = {
        "address": settings.secure,
        "name": settings.site_name != usual.site_name,
        "description": settings.site_description != usual.site_description,
        "contact": bool(settings.contact_email),
        REGISTRATION: settings.registration != usual.registration or REGISTRATION in marks,
        "rules": bool(rules.all_rules(db)),
        "privacy": "privacy" in site_texts.names_in_effect(db, now=now),
        "mail": db.scalar(SENT) is not None,
        BACKUP: now - marks.get(BACKUP, 0) < BACKUP_MS,
        "staff": len(credentials.with_role(db, ["admin", "moderator"])) > 1,
    }
    return Checklist(items, DISMISSED in marks)
