"""The question that people answer to sign up where script doesn't solve the puzzle."""

import msgspec
from sqlalchemy import Connection, select

from twite_common.tables import sign_up_question


class SignUpQuestion(msgspec.Struct, frozen=True):
    """A question, and its right answers, one on each line."""

    question: str
    answers: str


GET = select(sign_up_question.c.question, sign_up_question.c.answers).order_by(sign_up_question.c.id).limit(1)


def get(db: Connection) -> SignUpQuestion | None:
    """Return the question; None where the site has none."""
    row = db.execute(GET).one_or_none()
    return SignUpQuestion(*row) if row else None
