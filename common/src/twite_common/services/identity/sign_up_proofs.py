"""Proofs that a sign-up isn't one of a flood: a puzzle that a browser's script solves, or the answer to a question.

The puzzle is to find a number that, appended to a challenge, has a hash with enough zero bits at its beginning
(hashcash). The challenge is signed, good for a while, and works once. Nothing about it is stored before it is used.
"""

import hashlib

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, func, select

from twite_common import clock, ids, secret
from twite_common.database import Database
from twite_common.errors import Invalid, TooMany
from twite_common.queries.moderation import sign_up_questions as question_queries
from twite_common.secret import Signer
from twite_common.services import attempts
from twite_common.services.moderation import sign_up_questions
from twite_common.settings import Settings
from twite_common.tables import credentials
from twite_common.translations import gettext as _
from twite_common.translations import marked

WINDOW_MS = clock.HOUR
FLOOD = 20
"""New accounts of the last hour from which on it is a flood, as far as a small site can tell."""
MIN_BITS, MAX_BITS = 15, 18
"""How many bits of a hash must be zero: each one more doubles the work."""
MOST_COUNTED = FLOOD << (MAX_BITS - MIN_BITS)
LENIENCE_BITS = 2
"""By how much a challenge from before a flood may be easier than one from now."""
LIFETIME_MS = clock.HOUR
MAX_LENGTH = 200
NEEDED = marked(
    "There are very many sign-ups at the moment. Please wait until your browser has shown that you aren't a robot, or "
    "answer the question."
)
ON_THE_SITE = marked("There are very many sign-ups at the moment. Please sign up on the website: %(address)s")
WRONG_ANSWER = marked("This isn't the answer.")

RECENT = select(func.count()).select_from(
    select(credentials.c.account_id)
    .where(credentials.c.account_id >= bindparam("first_id", type_=BigInteger), credentials.c.sign_up_address != "")
    .limit(MOST_COUNTED)
    .subquery()
)
"""Those that staff or a command made have no address on the network."""


class Challenge(msgspec.Struct, frozen=True):
    """What a sign-up has to prove: the puzzle with its difficulty, or the answer to the question, if there is one."""

    text: str
    bits: int
    question: str


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What came with a sign-up: the challenge with the number that solves it, or an answer."""

    solution: str = ""
    answer: str = ""


def challenge(db: Connection, settings: Settings, signer: Signer, *, now: int) -> Challenge | None:
    """Return what who signs up now has to prove; None where nothing is asked."""
    bits = _bits(db, settings, now)
    if not bits:
        return None
    begin = f"{now + LIFETIME_MS}.{bits}.{secret.new()}"
    question = question_queries.get(db)
    return Challenge(f"{begin}.{signer.sign('sign-up challenge', begin)}", bits, question.question if question else "")


def check(db: Connection, settings: Settings, signer: Signer, *, now: int, proof: Proof) -> str | None:
    """Check what came with a sign-up, where something is asked; return the solution whose challenge is to be used
    up, if any.

    Raises Invalid when it proves nothing.
    """
    bits = _bits(db, settings, now)
    if not bits:
        return None
    if proof.answer.strip():
        question = question_queries.get(db)
        if question is None or not sign_up_questions.is_right(question, proof.answer):
            raise Invalid(_(WRONG_ANSWER), {"answer": [("ERR_INVALID", _(WRONG_ANSWER))]})
        return None
    if not _solves(signer, proof.solution[:MAX_LENGTH], now=now, bits=bits - LENIENCE_BITS):
        raise needed()
    return proof.solution


def use(database: Database, solution: str, *, now: int) -> None:
    """Use the challenge of a solution up, in a transaction of its own. Raises Invalid when it was used before."""
    _expires_at, _bits, name, *_ = solution.split(".")
    try:
        attempts.count(database, [f"sign-up challenge:{name}"], now=now, window_ms=2 * LIFETIME_MS, limit=1)
    except TooMany as error:
        raise needed() from error


def needed() -> Invalid:
    """Return what is said where a proof is missing, was used, or is too old."""
    return Invalid(_(NEEDED), {"": [("ERR_INVALID", _(NEEDED))]})


def on_the_site(settings: Settings) -> Invalid:
    """Return what applications are told, which show neither puzzle nor question."""
    address = f"{settings.base_url}/signup"
    return Invalid(_(ON_THE_SITE, address=address))


def _bits(db: Connection, settings: Settings, now: int) -> int:
    """Return how hard the puzzle is now; 0: nothing is asked. It grows with the number of new accounts."""
    if settings.sign_up_puzzle == "off" or settings.registration in {"closed", "invitation"}:
        return 0
    recent = db.scalars(RECENT, {"first_id": ids.first_at(now - WINDOW_MS)}).one()
    if recent < FLOOD:
        return MIN_BITS if settings.sign_up_puzzle == "always" else 0
    return min(MIN_BITS + (recent // FLOOD).bit_length() - 1, MAX_BITS)


def _solves(signer: Signer, solution: str, *, now: int, bits: int) -> bool:
    challenge, _dot, _number = solution.rpartition(".")
    begin, _dot, signature = challenge.rpartition(".")
    if not signer.verify(signature, "sign-up challenge", begin):
        return False
    expires_at, issued_bits, _name = begin.split(".")
    if not now < int(expires_at) <= now + LIFETIME_MS + clock.SKEW_MS or int(issued_bits) < bits:
        return False
    digest = hashlib.sha256(solution.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest) >> (256 - int(issued_bits)) == 0
