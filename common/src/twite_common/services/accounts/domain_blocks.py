"""Servers that a user has blocked. There are no other servers here, so they are only stored."""

from sqlalchemy import BigInteger, Connection, Text, bindparam, delete

from twite_common import ids
from twite_common.services.validators import checked_domain
from twite_common.sql.dialects import upsert
from twite_common.tables import account_domain_block

ADD = upsert(account_domain_block).on_conflict_do_nothing()
DROP = delete(account_domain_block).where(
    account_domain_block.c.account_id == bindparam("by_account_id", type_=BigInteger),
    account_domain_block.c.domain == bindparam("the_domain", type_=Text),
)


def block_domain(db: Connection, *, now: int, account_id: int, domain: str) -> None:
    """Keep that an account blocks a server; asking twice changes nothing.

    Raises Invalid for what can't be a server's name.
    """
    db.execute(ADD, {"account_id": account_id, "domain": checked_domain(domain), "id": ids.new(now)})


def unblock_domain(db: Connection, *, account_id: int, domain: str) -> None:
    """Take the block of a server back; where there is none nothing changes.

    Raises Invalid for what can't be a server's name.
    """
    db.execute(DROP, {"by_account_id": account_id, "the_domain": checked_domain(domain)})
