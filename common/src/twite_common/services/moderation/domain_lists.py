"""Subscribing to lists of domains that others keep: a task fetches each daily, and staff see what would change.

A list counts as it was last taken over. Whoever changes one needs the permission for rules, and is recorded.
"""

import re
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import BigInteger, Connection, Select, UpdateBase, bindparam, delete, func, insert, select, update

from twite_common import clock, domains, ids, outbox, permissions, text
from twite_common.database import Database
from twite_common.errors import Conflict, Invalid, NotFound
from twite_common.queries.moderation import domain_lists as queries
from twite_common.queries.moderation.domain_lists import Change, DomainList
from twite_common.queries.viewers import Viewer
from twite_common.services import audit_log
from twite_common.sql.dialects import among, upsert
from twite_common.tables import domain_list, listed_domain
from twite_common.translations import gettext as _

PERMISSION = "manage_rules"
EVENT = "domain_list.due"
"""The event by which a list is fetched."""
MAX_LISTS = 20
MAX_DOMAINS = 200_000
MAX_BYTES = 8 * 1024 * 1024
"""Bytes of a list that is fetched; one that is longer is refused, as its end would be missing."""
AT_ONCE = 2_000
"""Domains that are written in one transaction, for which others who write wait."""
AGAIN_MS = clock.DAY
MAX_LENGTH = 100
MAX_URL_LENGTH = 1000
SHOWN = 50
"""Domains of a change that are shown, and kept."""
_ADDRESSES = re.compile(r"(?:0\.0\.0\.0|127\.0\.0\.1|::1?|255\.255\.255\.255)\s+", re.ASCII)
"""How lines of a hosts file begin that keep a domain away."""
_OWN = frozenset({"localhost.localdomain", "ip6-localhost.localdomain"})

_ID = bindparam("the_id", type_=BigInteger)
ADD = insert(domain_list)
CHANGE = update(domain_list).where(domain_list.c.id == _ID)
DROP = delete(domain_list).where(domain_list.c.id == _ID)
# One after the other: a slow server occupies one of the threads that act on events.
DUE = (
    select(domain_list.c.id)
    .where(domain_list.c.due_at <= bindparam("now", type_=BigInteger))
    .order_by(domain_list.c.due_at)
    .limit(1)
)
_see = upsert(listed_domain)
SEE = _see.on_conflict_do_update(
    index_elements=list(listed_domain.primary_key), set_={"seen_at": bindparam("at", type_=BigInteger)}
)
_SEEN_AT = bindparam("fetched_at", type_=BigInteger)
_OF_LIST = listed_domain.c.list_id == _ID
NEW = (
    select(listed_domain.c.domain)
    .where(_OF_LIST, ~listed_domain.c.taken, listed_domain.c.seen_at == _SEEN_AT)
    .limit(AT_ONCE)
)
GONE = select(listed_domain.c.domain).where(_OF_LIST, listed_domain.c.seen_at < _SEEN_AT).limit(AT_ONCE)
LEFT = GONE.where(~listed_domain.c.taken)
ANY = select(listed_domain.c.domain).where(_OF_LIST).limit(AT_ONCE)
TAKE = update(listed_domain).where(_OF_LIST, among(listed_domain.c.domain, "names")).values(taken=True)
FORGET = delete(listed_domain).where(_OF_LIST, among(listed_domain.c.domain, "names"))
COUNT = select(func.count()).select_from(listed_domain).where(_OF_LIST, listed_domain.c.taken)


def subscribe(db: Connection, *, now: int, viewer: Viewer, name: str, url: str) -> int:
    """Subscribe to a list and return its id; a task fetches it soon, and nothing of it counts until it is taken over.

    Raises NotAllowed without the permission, Invalid for a name or address that can't be, and beyond 20.
    """
    permissions.check(viewer, PERMISSION)
    name, url = text.clean_line(name), url.strip()
    lists = queries.all_lists(db)
    if not name or len(name) > MAX_LENGTH:
        raise _invalid("name", _("Please give the list a name, of %(count)s characters at most.", count=MAX_LENGTH))
    if not _is_address(url):
        raise _invalid("url", _("Please give the address of a text file, with http:// or https:// before it."))
    if any(one.url == url for one in lists):
        raise _invalid("url", _("This list is there already."))
    if len(lists) >= MAX_LISTS:
        raise _invalid("", _("There are too many lists. Please remove one first."))
    id = ids.new(now)
    db.execute(ADD, {"id": id, "name": name, "url": url, "due_at": now + AGAIN_MS})
    outbox.add(db, EVENT, now=now, list_id=id)
    audit_log.record(db, viewer, "create", "domain_list", now=now, target_id=id, target_name=name)
    return id


def set_automatic(db: Connection, *, now: int, viewer: Viewer, list_id: int, automatic: bool) -> None:
    """Say whether what changes in a list is taken over each day by itself. Raises NotAllowed and NotFound."""
    permissions.check(viewer, PERMISSION)
    found = get(db, list_id)
    db.execute(CHANGE.values(automatic=automatic), {"the_id": list_id})
    audit_log.record(db, viewer, "update", "domain_list", now=now, target_id=list_id, target_name=found.name)


def fetch_again(db: Connection, *, now: int, viewer: Viewer, list_id: int) -> None:
    """Have a list fetched now. Raises NotAllowed and NotFound."""
    permissions.check(viewer, PERMISSION)
    get(db, list_id)
    outbox.add(db, EVENT, now=now, list_id=list_id)


def announce_due(db: Connection, *, now: int) -> None:
    """Have the list fetched whose day has been over for longest."""
    for list_id in db.scalars(DUE, {"now": now}).all():
        db.execute(CHANGE.values(due_at=now + AGAIN_MS), {"the_id": list_id})
        outbox.add(db, EVENT, now=now, list_id=list_id)


def remove(database: Database, *, now: int, viewer: Viewer, list_id: int) -> None:
    """End a subscription: nothing of the list counts any more. Raises NotAllowed and NotFound."""
    permissions.check(viewer, PERMISSION)
    with database.writing() as db:
        found = get(db, list_id)
        # Nobody takes over meanwhile what is left of it.
        db.execute(CHANGE.values(fetched_at=None), {"the_id": list_id})
    while _step(database, ANY, FORGET, {"the_id": list_id}):
        continue
    with database.writing() as db:
        db.execute(DROP, {"the_id": list_id})
        audit_log.record(db, viewer, "delete", "domain_list", now=now, target_id=list_id, target_name=found.name)


def names_in(lines: str) -> list[str]:
    """Return the domains of a text file: one on each line, or a hosts file; lines with anything else are passed over.

    Raises Invalid where there is none, or more than 200,000.
    """
    names = {name for name in map(_name_in, lines.removeprefix("\ufeff").splitlines()) if name}
    if not names:
        raise Invalid(_("There is no domain in this text."))
    if len(names) > MAX_DOMAINS:
        raise Invalid(_("A list can have at most %(limit)s domains.", limit=MAX_DOMAINS))
    return sorted(names)


def keep(database: Database, *, now: int, list_id: int, names: list[str]) -> None:
    """Write down what a list has now; what changes in it is taken over at once where its `automatic` says so."""
    for start in range(0, len(names), AT_ONCE):
        with database.writing() as db:
            if queries.get(db, list_id) is None:
                return
            rows = [{"list_id": list_id, "domain": name, "seen_at": now, "at": now} for name in names[start:][:AT_ONCE]]
            db.execute(SEE, rows)
    with database.writing() as db:
        db.execute(CHANGE.values(fetched_at=now, due_at=now + AGAIN_MS, error=""), {"the_id": list_id})
        found = queries.get(db, list_id)
    while _step(database, LEFT, FORGET, {"the_id": list_id, "fetched_at": now}):
        continue
    if found is not None and found.automatic and found.taken_at is not None:
        _take(database, found, now)


def fail(db: Connection, *, list_id: int, error: str) -> None:
    """Note why a list couldn't be fetched; what counts of it stays."""
    db.execute(CHANGE.values(error=error[:500]), {"the_id": list_id})


def take(database: Database, *, now: int, viewer: Viewer, list_id: int, fetched_at: int) -> None:
    """Have a list count as it was fetched at a time, which whoever decides has seen.

    Raises NotAllowed and NotFound, and Conflict when it has been fetched again since.
    """
    permissions.check(viewer, PERMISSION)
    with database.reading() as db:
        found = get(db, list_id)
    if found.fetched_at is None or found.fetched_at != fetched_at:
        raise Conflict(_("The list has been fetched again since. Please look at what changes now."))
    _take(database, found, now)
    with database.writing() as db:
        audit_log.record(db, viewer, "update", "domain_list", now=now, target_id=list_id, target_name=found.name)


def get(db: Connection, list_id: int) -> DomainList:
    """Return a list. Raises NotFound when there is none."""
    found = queries.get(db, list_id)
    if found is None:
        raise NotFound(_("There is no such list."))
    return found


def last_change(found: DomainList) -> Change | None:
    """Return what changed when a list was last taken over; None where it never was."""
    return None if found.last_change is None else msgspec.json.decode(found.last_change, type=Change)


def _take(database: Database, found: DomainList, now: int) -> None:
    """Have a list count as it was last fetched, a part of it after the other."""
    with database.reading() as db:
        change = queries.change(db, found, shown=SHOWN)
    parameters: dict[str, object] = {"the_id": found.id, "fetched_at": found.fetched_at}
    while _step(database, NEW, TAKE, parameters) or _step(database, GONE, FORGET, parameters):
        continue
    with database.writing() as db:
        number = db.scalars(COUNT, {"the_id": found.id}).one()
        encoded = msgspec.json.encode(change).decode()
        db.execute(CHANGE.values(taken_at=now, domains_count=number), {"the_id": found.id})
        if change.added or change.removed:
            db.execute(CHANGE.values(last_change=encoded), {"the_id": found.id})


def _step(database: Database, select_some: Select[tuple[str]], act: UpdateBase, parameters: dict[str, object]) -> bool:
    """Do something with the next domains of a list, in a transaction of its own; say whether there were any."""
    with database.writing() as db:
        names = list(db.scalars(select_some, parameters))
        if names:
            db.execute(act, {"the_id": parameters["the_id"], "names": names})
    return bool(names)


def _name_in(line: str) -> str:
    """Return the domain on a line; empty where there is none."""
    name = _ADDRESSES.sub("", line.partition("#")[0].strip(), count=1).removeprefix("*.").removeprefix("www.")
    try:
        encoded = domains.to_ascii(name.rstrip(".")) if name else ""
    except ValueError:
        return ""
    is_number = encoded.rpartition(".")[2].isdigit()
    return encoded if "." in encoded and not is_number and encoded not in _OWN else ""


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and url.isascii() and len(url) <= MAX_URL_LENGTH
        )
    except ValueError:
        return False


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: [("ERR_INVALID", sentence)]})
