"""Private notes about accounts."""

from sqlalchemy import BigInteger, Connection, bindparam, delete

from twite_common import text
from twite_common.errors import Invalid
from twite_common.sql.dialects import upsert
from twite_common.tables import account_note
from twite_common.translations import ngettext

MAX_LENGTH = 2000
_put = upsert(account_note)
PUT = _put.on_conflict_do_update(
    index_elements=[account_note.c.account_id, account_note.c.about_id], set_={"text": _put.excluded.text}
)
DROP = delete(account_note).where(
    account_note.c.account_id == bindparam("by_account_id", type_=BigInteger),
    account_note.c.about_id == bindparam("other_id", type_=BigInteger),
)


def write(db: Connection, *, account_id: int, about_id: int, comment: str) -> None:
    """Keep a note about an account, in place of the one before; an empty one takes it away.

    Raises Invalid for one that is too long.
    """
    note = text.clean(comment)
    if len(note) > MAX_LENGTH:
        raise Invalid(
            ngettext(
                "Validation failed: Comment is too long (maximum is %(count)s character)",
                "Validation failed: Comment is too long (maximum is %(count)s characters)",
                MAX_LENGTH,
            )
        )
    if note:
        db.execute(PUT, {"account_id": account_id, "about_id": about_id, "text": note})
    else:
        db.execute(DROP, {"by_account_id": account_id, "other_id": about_id})
