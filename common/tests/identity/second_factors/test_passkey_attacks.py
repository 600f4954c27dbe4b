"""What attackers try with passkeys, and with the answers that browsers give."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from support.moment import NOW
from support.passkeys import BROWSER, Device, encoded
from support.site_under_test import PASSWORD
from twite_common import clock
from twite_common.errors import Conflict, Invalid, NotFound, TooMany
from twite_common.services.identity import (
    passkey_challenges,
    passkeys,
    second_factors,
)
from twite_common.tables import attempt


def changed(answer, **changes):
    """Return an answer whose parts somebody has changed."""
    parsed = json.loads(answer)
    parsed["response"] |= changes
    return json.dumps(parsed)


@pytest.mark.parametrize(
    "origin",
    ["https://twite.example.evil.example", "http://twite.example", "https://twite.example:444", "https://evil.example"],
)
def test_a_page_elsewhere_gets_nothing_signed_that_counts(ann_id, device, asked, log_in, options, check_new, origin):
    device.origin = origin
    new = Device(origin=origin)

    with pytest.raises(Invalid):
        log_in(device.sign(asked()))
    with pytest.raises(Invalid):
        check_new(ann_id, new.make(options(ann_id)))


def test_nor_does_a_page_of_another_site_within_a_frame(ann_id, device, asked, log_in):
    with pytest.raises(Invalid):
        log_in(device.sign(asked(), crossOrigin=True))


def test_nor_does_a_key_for_another_site(ann_id, device, asked, log_in):
    elsewhere = json.dumps(json.loads(asked()) | {"rpId": "evil.example"})

    with pytest.raises(Invalid):
        log_in(device.sign(elsewhere))


def test_an_answer_works_once(database, ann_id, device, asked, log_in):
    answer = device.sign(asked())
    log_in(answer)

    with pytest.raises(Invalid, match="took too long"):
        log_in(answer)


def test_a_challenge_is_used_up_by_what_fails_too(ann_id, device, asked, log_in):
    page = asked()
    with pytest.raises(Invalid):
        log_in(changed(device.sign(page), signature=encoded(b"forged")))

    with pytest.raises(Invalid, match="took too long"):
        log_in(device.sign(page))


def test_of_two_who_answer_one_challenge_at_once_one_gets_in(ann_id, add, asked, log_in):
    device = Device(counts=False)
    add(ann_id, device)
    answer = device.sign(asked())

    def attempt_it(_number):
        try:
            return bool(log_in(answer).secret)
        except Invalid:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt_it, range(4))) == [False, False, False, True]


def test_a_challenge_is_for_the_browser_that_was_given_it(ann_id, device, asked, log_in, options, check_new):
    for tied_to in ("another browser", ""):
        with pytest.raises(Invalid):
            log_in(device.sign(asked()), tied_to=tied_to)
        with pytest.raises(Invalid):
            check_new(ann_id, Device().make(options(ann_id)), tied_to=tied_to)


@pytest.mark.parametrize("off_by", [-2 * clock.MINUTE, passkey_challenges.LIFETIME_MS])
def test_a_challenge_is_for_some_minutes(ann_id, device, asked, log_in, off_by):
    with pytest.raises(Invalid):
        log_in(device.sign(asked()), now=NOW + off_by)


@pytest.mark.parametrize("purpose", [passkey_challenges.SECOND_STEP, passkey_challenges.STEP_UP, "add 1"])
def test_a_challenge_is_for_one_purpose(ann_id, device, asked, log_in, purpose):
    with pytest.raises(Invalid):
        log_in(device.sign(asked(purpose)))


@pytest.mark.parametrize("challenge", ["", "x", "1.2.3", f"{NOW + 1000}.number.", "9" * 300, "\xff"])
def test_a_challenge_that_somebody_made_up_is_worth_nothing(database, ann_id, device, asked, log_in, challenge):
    page = json.dumps(json.loads(asked()) | {"challenge": encoded(challenge.encode("latin-1"))})

    with pytest.raises(Invalid):
        log_in(device.sign(page))
    with database.reading() as db:
        used = [subject for subject in db.scalars(select(attempt.c.subject)) if subject.startswith("passkey:")]
    assert len(used) == 1, "but for that with which the passkey was added"


def test_pages_with_a_challenge_write_nothing(database, ann_id, asked, options):
    asked()
    options(ann_id)

    with database.reading() as db:
        assert db.execute(select(attempt)).all() == []


def test_another_ones_passkey_is_not_ones_own(ann_id, make, add, device, asked, type_password, second_step, own):
    bobs = Device()
    add(make("bob"), bobs)
    answer = bobs.sign(asked(passkey_challenges.SECOND_STEP, of=own(ann_id)))

    with pytest.raises(Invalid, match="another account"):
        second_step(type_password(), passkey=answer)


def test_a_passkey_says_whose_it_is(ann_id, make, add, device, asked, log_in):
    bobs = Device()
    add(make("bob"), bobs)

    with pytest.raises(Invalid, match="another account"):
        log_in(bobs.sign(asked(), handle=device.handle))


def test_a_passkey_is_added_to_the_account_it_was_asked_for(ann_id, make, options, check_new):
    bob = make("bob")

    with pytest.raises(Invalid):
        check_new(bob, Device().make(options(ann_id)))


def test_nobody_takes_over_anothers_passkey(database, ann_id, make, device, options, check_new):
    bob = make("bob")
    new = check_new(bob, device.make(options(bob)))

    with database.writing() as db, pytest.raises(Conflict):
        second_factors.add_passkey(db, now=NOW, account_id=bob, new=new, name="stolen")


def test_a_copy_shows_by_its_count(ann_id, device, asked, log_in, own):
    for _time in range(3):
        log_in(device.sign(asked()))
    device.uses = 1
    with pytest.raises(Invalid):
        log_in(device.sign(asked()))
    device.uses, device.counts = 0, False
    with pytest.raises(Invalid):
        log_in(device.sign(asked()))

    assert own(ann_id)[0].sign_count == 3


def test_of_two_copies_used_at_once_one_gets_in(database, ann_id, device, asked, signer, settings):
    def proof():
        purpose = passkey_challenges.LOGIN
        answer = device.sign(asked())
        device.uses -= 1
        return passkeys.check(database, signer, settings, purpose, now=NOW, tied_to=BROWSER, answer=answer)

    first, second = proof(), proof()
    with database.writing() as db:
        passkeys.use(db, first, now=NOW)
    with database.writing() as db, pytest.raises(Invalid):
        passkeys.use(db, second, now=NOW)


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "{}",
        "[]",
        "\ud800",
        "x" * 30_000,
        '{"id": "x", "response": {"clientDataJSON": "x"}}',
        '{"id": "ä", "response": {"clientDataJSON": "ä"}}',
        '{"id": 1, "response": []}',
    ],
)
def test_broken_answers_are_refused(ann_id, device, log_in, check_new, broken):
    with pytest.raises(Invalid):
        log_in(broken)
    with pytest.raises(Invalid):
        check_new(ann_id, broken)


@pytest.mark.parametrize("part", ["authenticatorData", "signature", "attestationObject"])
@pytest.mark.parametrize(
    "broken", ["", "AAAA", "ä", encoded(bytes(37)), encoded(bytes([255] * 90)), None, 7, {"a": []}]
)
def test_broken_parts_of_answers_are_refused(ann_id, device, asked, options, log_in, check_new, part, broken):
    if part == "attestationObject":
        with pytest.raises(Invalid):
            check_new(ann_id, changed(Device().make(options(ann_id)), **{part: broken}))
    else:
        with pytest.raises(Invalid):
            log_in(changed(device.sign(asked()), **{part: broken}))


def test_attempts_of_one_address_are_limited(ann_id, device, asked, log_in, settings):
    for _time in range(settings.login_attempts):
        with pytest.raises(Invalid):
            log_in(changed(device.sign(asked()), signature=encoded(b"forged")))

    with pytest.raises(TooMany):
        log_in(device.sign(asked()))
    assert log_in(device.sign(asked()), address="198.51.100.7").secret


def test_nobody_removes_anothers_passkey(ann_id, make, device, own, remove):
    with pytest.raises(NotFound):
        remove(make("bob"), own(ann_id)[0].id)
    assert len(own(ann_id)) == 1


def test_a_missing_password_takes_as_long_as_a_wrong_one(passwords, monkeypatch):
    verified = []
    hasher = type(passwords._hasher)
    monkeypatch.setattr(hasher, "verify", lambda _self, stored, tried: verified.append(stored) or False)
    for stored in (None, "!"):
        passwords.verify(stored, PASSWORD)

    assert verified == [passwords._nobody] * 2
