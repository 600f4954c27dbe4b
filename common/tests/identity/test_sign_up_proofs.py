"""Proofs that a sign-up isn't one of a flood: when one is asked for, what counts as one, and what doesn't."""

import msgspec
import pytest
from sqlalchemy import insert

from support.moment import NOW
from support.puzzle import solved
from twite_common import ids
from twite_common.clock import HOUR, MINUTE
from twite_common.errors import Invalid
from twite_common.secret import Signer
from twite_common.services.identity import sign_up_proofs
from twite_common.services.identity.sign_up_proofs import FLOOD, MAX_BITS, MIN_BITS, Proof
from twite_common.tables import account, credentials, sign_up_question

SIGNER = Signer(b"a test's key")


@pytest.fixture
def always(settings):
    return msgspec.structs.replace(settings, sign_up_puzzle="always")


@pytest.fixture
def sign_ups(db):
    """Have accounts made at a time."""

    def sign_ups(number, now=NOW, address="192.0.2.1"):
        for _ in range(number):
            id = ids.new(now)
            mail = f"n{id}@mail.example"
            private = {"account_id": id, "email": mail, "email_key": mail, "password_hash": ""}
            db.execute(insert(account), {"id": id, "username": f"n{id}", "username_key": f"n{id}"})
            db.execute(insert(credentials), private | {"sign_up_address": address})

    return sign_ups


@pytest.fixture
def bits(db, settings):
    """Say how hard the puzzle is; 0 where there is none."""

    def bits(now=NOW, **changes):
        challenge = sign_up_proofs.challenge(db, msgspec.structs.replace(settings, **changes), SIGNER, now=now)
        return challenge.bits if challenge is not None else 0

    return bits


@pytest.fixture
def check(db, always):
    def check(solution="", answer="", now=NOW, by=SIGNER):
        return sign_up_proofs.check(db, always, by, now=now, proof=Proof(solution=solution, answer=answer))

    return check


@pytest.fixture
def challenge(db, always):
    return lambda now=NOW, by=SIGNER: sign_up_proofs.challenge(db, always, by, now=now).text


def test_nothing_is_asked_until_there_is_a_flood(sign_ups, bits):
    sign_ups(FLOOD - 1)
    sign_ups(FLOOD, address="")
    before = bits()
    sign_ups(1)

    assert (before, bits()) == (0, MIN_BITS)
    assert bits(now=NOW + HOUR + MINUTE) == 0


def test_the_puzzle_is_harder_the_more_sign_up_and_stays_solvable(sign_ups, bits):
    found = []
    for more in (FLOOD, FLOOD, 2 * FLOOD, 4 * FLOOD, 8 * FLOOD):
        sign_ups(more)
        found.append(bits())

    assert found == [MIN_BITS, MIN_BITS + 1, MIN_BITS + 2, MIN_BITS + 3, MIN_BITS + 3]
    assert found[-1] == MAX_BITS


def test_operators_choose_when_it_is_asked(sign_ups, bits):
    calm = bits(sign_up_puzzle="always")
    sign_ups(FLOOD)

    assert (calm, bits(sign_up_puzzle="off")) == (MIN_BITS, 0)
    assert [bits(registration=kind) for kind in ("approval", "invitation", "closed")] == [MIN_BITS, 0, 0]


def test_a_solution_counts_once(database, always):
    with database.reading() as db:
        text = sign_up_proofs.challenge(db, always, SIGNER, now=NOW).text
        solution = sign_up_proofs.check(db, always, SIGNER, now=NOW, proof=Proof(solution=solved(text)))
    sign_up_proofs.use(database, solution, now=NOW)

    with pytest.raises(Invalid, match="very many sign-ups"):
        sign_up_proofs.use(database, solution, now=NOW + 59 * MINUTE)


@pytest.mark.parametrize("solution", ["", "x", "1.2.3.4.5", "....", "\ud800.1.2.3.4", "1" * 10_000])
def test_what_is_no_solution_proves_nothing(check, solution):
    with pytest.raises(Invalid, match="very many sign-ups"):
        check(solution)


def test_a_challenge_is_the_sites_own_and_good_for_a_while(check, challenge):
    text = challenge()
    made_easy = text.replace(f".{MIN_BITS}.", ".0.", 1)

    for solution, now in (
        (solved(challenge(by=Signer(b"another key"))), NOW),
        (solved(made_easy), NOW),
        (f"{text}.no", NOW),
        (solved(text), NOW + HOUR),
        (solved(challenge(now=NOW + 2 * HOUR)), NOW),
    ):
        with pytest.raises(Invalid, match="very many sign-ups"):
            check(solution, now=now)
    assert check(solved(text), now=NOW + HOUR - 1)


def test_challenges_from_before_a_great_flood_are_too_easy_in_it(check, challenge, sign_ups):
    solution = solved(challenge())
    sign_ups(4 * FLOOD)
    assert check(solution)
    sign_ups(4 * FLOOD)

    with pytest.raises(Invalid, match="very many sign-ups"):
        check(solution)


@pytest.mark.parametrize("answer", ["The Finch", "the finch", " finch. ", "THE-FINCH", "ｆｉｎｃｈ"])
def test_a_right_answer_counts_however_it_is_written(db, check, answer):
    db.execute(insert(sign_up_question), {"id": 1, "question": "Which bird?", "answers": "The Finch\nFinch"})

    assert check(answer=answer) is None


@pytest.mark.parametrize("answer", ["sparrow", "...", "fin"])
def test_a_wrong_answer_does_not(db, check, answer):
    db.execute(insert(sign_up_question), {"id": 1, "question": "Which bird?", "answers": "The Finch\nFinch"})

    with pytest.raises(Invalid, match="This isn't the answer"):
        check(answer=answer)


def test_without_a_question_no_answer_is_right(check):
    with pytest.raises(Invalid, match="This isn't the answer"):
        check(answer="finch")
