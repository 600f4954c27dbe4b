"""The order of work in which accounts take turns.

What an account causes while it has work waiting stands behind that, a step each: so a flood of one account lets single
pieces of work of others go first, and is done at once where nobody else has any.
"""

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, select

from twite_common import clock

STEP_MS = clock.SECOND
"""How far behind an account's last piece of work the next one is put."""


def place(account_id: ColumnElement[int], turn_at: ColumnElement[int]) -> ColumnElement[int]:
    """Return the place of a new row: behind the account's last one in the table, or else at `turn_from`."""
    behind_the_last = (
        select(func.max(turn_at) + STEP_MS)
        .where(
            account_id == bindparam("of_account_id", type_=BigInteger),
            turn_at > bindparam("turns_after", type_=BigInteger),
        )
        .scalar_subquery()
    )
    return func.coalesce(behind_the_last, bindparam("turn_from", type_=BigInteger))


def parameters(account_id: int | None, *, now: int, turn_from: int | None = None) -> dict[str, int | None]:
    """Return the parameters of `place` for what an account causes, or nobody."""
    return {
        "of_account_id": account_id,
        "turns_after": now - STEP_MS,
        "turn_from": now if turn_from is None else turn_from,
    }
