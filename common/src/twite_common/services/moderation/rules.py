"""The site's rules: adding, changing and removing them. Removed ones are kept for reports that refer to them."""

from sqlalchemy import BigInteger, Connection, bindparam, func, insert, select, update

from twite_common import ids, permissions, text
from twite_common.errors import Invalid, NotFound
from twite_common.queries.moderation import rules as queries
from twite_common.queries.viewers import Viewer
from twite_common.services import audit_log
from twite_common.tables import rule
from twite_common.translations import gettext as _
from twite_common.translations import ngettext

MAX_LENGTH = 300
MAX_HINT_LENGTH = 1000
MAX_POSITION = 10_000

ADD = insert(rule)
LAST = select(func.coalesce(func.max(rule.c.position), 0))
CHANGE = update(rule).where(rule.c.id == bindparam("rule_id", type_=BigInteger), rule.c.removed_at.is_(None))


def add(db: Connection, *, now: int, viewer: Viewer, words: str, hint: str) -> int:
    """Add a rule behind the others and return its id.

    Raises NotAllowed without the permission, Invalid for a text that can't be.
    """
    permissions.check(viewer, "manage_rules")
    values = _checked(words, hint)
    id = ids.new(now)
    db.execute(ADD, {"id": id, "position": db.scalars(LAST).one() + 1, **values})
    audit_log.record(db, viewer, "create", "rule", now=now, target_id=id, target_name=values["text"])
    return id


def change(db: Connection, *, now: int, viewer: Viewer, rule_id: int, words: str, hint: str, position: int) -> None:
    """Change what a rule says and where it stands.

    Raises NotAllowed without the permission, Invalid for what can't be, NotFound for no rule.
    """
    permissions.check(viewer, "manage_rules")
    values = _checked(words, hint)
    if not 0 <= position <= MAX_POSITION:
        raise Invalid(_("Please choose a smaller number for the rule's position."))
    if not db.execute(CHANGE.values(position=position, **values), {"rule_id": rule_id}).rowcount:
        raise NotFound(_("There is no such rule."))
    audit_log.record(db, viewer, "update", "rule", now=now, target_id=rule_id, target_name=values["text"])


def remove(db: Connection, *, now: int, viewer: Viewer, rule_id: int) -> None:
    """Remove a rule.

    Raises NotAllowed without the permission, NotFound for no rule.
    """
    permissions.check(viewer, "manage_rules")
    rule = queries.load(db, [rule_id]).get(rule_id)
    if rule is None or not db.execute(CHANGE.values(removed_at=now), {"rule_id": rule_id}).rowcount:
        raise NotFound(_("There is no such rule."))
    audit_log.record(db, viewer, "delete", "rule", now=now, target_id=rule_id, target_name=rule.text)


def _checked(words: str, hint: str) -> dict[str, str]:
    words, hint = text.clean(words), text.clean(hint)
    if not words:
        raise Invalid(_("Please write what the rule says."))
    if len(words) > MAX_LENGTH:
        raise Invalid(
            ngettext(
                "A rule can have at most %(count)s character. Put the rest into the explanation.",
                "A rule can have at most %(count)s characters. Put the rest into the explanation.",
                MAX_LENGTH,
            )
        )
    if len(hint) > MAX_HINT_LENGTH:
        raise Invalid(
            ngettext(
                "An explanation can have at most %(count)s character.",
                "An explanation can have at most %(count)s characters.",
                MAX_HINT_LENGTH,
            )
        )
    return {"text": words, "hint": hint}
