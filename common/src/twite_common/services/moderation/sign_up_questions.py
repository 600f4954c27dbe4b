"""The question that people answer to sign up where script doesn't solve the puzzle."""

import unicodedata

from sqlalchemy import Connection, delete, insert

from twite_common import ids, permissions, text
from twite_common.errors import Invalid
from twite_common.queries.moderation.sign_up_questions import SignUpQuestion
from twite_common.queries.viewers import Viewer
from twite_common.services import audit_log
from twite_common.services.validators import within
from twite_common.tables import sign_up_question
from twite_common.translations import gettext as _
from twite_common.translations import marked

PERMISSION = "manage_blocks"
MAX_LENGTH = 200
MAX_ANSWERS_LENGTH = 1000
ADD = insert(sign_up_question)
DROP = delete(sign_up_question)
TOO_LONG = marked("The text can have at most %(limit)s.")


def change(db: Connection, *, now: int, viewer: Viewer, question: str, answers: str) -> None:
    """Have people asked a question from now on; an empty one asks nobody.

    Raises NotAllowed without the permission, Invalid for a question without answers, or answers without a question.
    """
    permissions.check(viewer, PERMISSION)
    clean_question = within(text.clean_line(question), MAX_LENGTH, "question", TOO_LONG)
    clean_answers = within(text.clean(answers), MAX_ANSWERS_LENGTH, "answers", TOO_LONG)
    right = [line.strip() for line in clean_answers.splitlines() if _plain(line)]
    if clean_question and not right:
        raise _blank("answers", _("Please give at least one right answer."))
    if right and not clean_question:
        raise _blank("question", _("Please write the question, or remove the answers."))
    db.execute(DROP)
    if clean_question:
        db.execute(ADD, {"id": ids.new(now), "question": clean_question, "answers": "\n".join(right)})
    audit_log.record(db, viewer, "update", "sign_up_question", now=now, target_id=None, target_name=clean_question)


def is_right(question: SignUpQuestion, answer: str) -> bool:
    """Say whether an answer is right, whatever case, spaces and full stops it was written with."""
    return bool(_plain(answer)) and _plain(answer) in {_plain(line) for line in question.answers.splitlines()}


def _plain(answer: str) -> str:
    folded = unicodedata.normalize("NFKC", answer).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def _blank(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: [("ERR_BLANK", sentence)]})
