"""The list of providers of mail addresses that work for a few minutes only: nobody signs up with those.

It is fed with text files that others keep, a domain on each line. A viewer of None is the command line.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, Text, bindparam, delete

from twite_common import permissions
from twite_common.database import Database
from twite_common.errors import Invalid, NotFound
from twite_common.queries.accounts.credentials import email_key
from twite_common.queries.moderation import disposable_domains as queries
from twite_common.queries.viewers import Viewer
from twite_common.services import audit_log
from twite_common.services.validators import checked_domain
from twite_common.sql.dialects import upsert
from twite_common.tables import disposable_email_domain
from twite_common.translations import gettext as _

PERMISSION = "manage_blocks"
MAX_DOMAINS = 500_000
AT_ONCE = 2_000
"""Domains that are written in one transaction, for which others who write wait."""
ADD = upsert(disposable_email_domain).on_conflict_do_nothing()
DROP = delete(disposable_email_domain).where(disposable_email_domain.c.domain == bindparam("the_domain", type_=Text))
DROP_ALL = delete(disposable_email_domain)


def check_email(db: Connection, email: str) -> None:
    """Raise Invalid for a mail address whose provider, or one above it, is on the list."""
    if queries.any_of(db, domains_above(email)):
        sentence = _("Addresses that only work for a short time can't be used here. Please give another one.")
        raise Invalid(sentence, {"email": [("ERR_BLOCKED", sentence)]})


def domains_above(email: str) -> list[str]:
    """Return the domain of a mail address and all above it."""
    parts = email_key(email).rpartition("@")[2].split(".")
    return [".".join(parts[start:]) for start in range(len(parts))]


def add_lines(database: Database, *, now: int, viewer: Viewer | None, lines: str) -> int:
    """Add the domains of a text file, one on each line, and return how many are new.

    Empty lines and those that begin with # count for nothing. Raises NotAllowed without the permission, Invalid, which
    names the first line that is no domain; then nothing is added.
    """
    if viewer is not None:
        permissions.check(viewer, PERMISSION)
    domains = sorted(set(_domains(lines)))
    if not domains:
        raise _invalid(_("There is no domain in this text."))
    if len(domains) > MAX_DOMAINS:
        raise _invalid(_("A list can have at most %(limit)s domains.", limit=MAX_DOMAINS))
    with database.reading() as db:
        before = queries.count(db)
    for start in range(0, len(domains), AT_ONCE):
        with database.writing() as db:
            db.execute(ADD, [{"domain": domain} for domain in domains[start : start + AT_ONCE]])
    with database.writing() as db:
        added = queries.count(db) - before
        audit_log.record(
            db, viewer, "create", "disposable_email_domains", now=now, target_id=None, target_name=str(added)
        )
    return added


def remove(db: Connection, *, now: int, viewer: Viewer | None, domain: str) -> None:
    """Take a domain off the list. Raises NotFound when it isn't on it."""
    if viewer is not None:
        permissions.check(viewer, PERMISSION)
    name = checked_domain(domain)
    if not db.execute(DROP, {"the_domain": name}).rowcount:
        raise NotFound(_("%(domain)s isn't on the list.", domain=name))
    audit_log.record(db, viewer, "delete", "disposable_email_domain", now=now, target_id=None, target_name=name)


def remove_all(db: Connection, *, now: int, viewer: Viewer | None) -> int:
    """Empty the list, and return how many domains were on it."""
    if viewer is not None:
        permissions.check(viewer, PERMISSION)
    removed = db.execute(DROP_ALL).rowcount
    audit_log.record(
        db, viewer, "delete", "disposable_email_domains", now=now, target_id=None, target_name=str(removed)
    )
    return removed


def _domains(lines: str) -> Iterator[str]:
    for number, line in enumerate(lines.removeprefix("\ufeff").splitlines(), 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            yield checked_domain(text)
        except Invalid as error:
            raise _invalid(
                _("Nothing was added: line %(number)s is no domain: %(line)s", number=number, line=text[:80])
            ) from error


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, {"domains": [("ERR_INVALID", sentence)]})
