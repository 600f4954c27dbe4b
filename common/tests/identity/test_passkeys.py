"""Passkeys: adding them, logging in with them, and what attackers try with them."""

import json
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from sqlalchemy import select, update

from support import authenticator
from support.moment import NOW
from support.passkeys import Device, encoded
from twite_common import clock, secret
from twite_common.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from twite_common.passwords import Passwords
from twite_common.queries import viewers
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.identity import passkeys as queries
from twite_common.queries.identity import second_factors as factor_queries
from twite_common.services.identity import (
    passkey_challenges,
    passkeys,
    passwordless_logins,
    registrations,
    second_factors,
    sessions,
    step_up,
)
from twite_common.services.identity import passwords as password_services
from twite_common.services.identity.pending_logins import SecondFactorNeeded
from twite_common.services.identity.registrations import SignUp
from twite_common.tables import attempt, credentials, mail, security_event

PASSWORD = "correct horse battery"
HERE = {"address": "192.0.2.1", "browser": "Firefox/140.0"}
BROWSER = "the secret in a cookie"


@pytest.fixture
def passwords(settings):
    return Passwords(settings)


@pytest.fixture
def signer(settings):
    return secret.signer(settings)


@pytest.fixture
def make(database, passwords):
    def make(name, role=""):
        sign_up = SignUp(username=name, email=f"{name}@mail.example", password_hash=passwords.hash(PASSWORD, about=()))
        with database.writing() as db:
            return registrations.create(db, now=NOW, sign_up=sign_up, role=role, confirmed=True, smtp_utf8=False)

    return make


@pytest.fixture
def ann(make):
    return make("ann")


@pytest.fixture
def options(database, signer, settings):
    """What a page asks a browser for a new passkey with."""

    def options(account_id, *, now=NOW, tied_to=BROWSER):
        with database.reading() as db:
            present = queries.of_account(db, account_id)
        return passkeys.options_to_add(
            signer, settings, now=now, account_id=account_id, username="x", tied_to=tied_to, present=present
        )

    return options


@pytest.fixture
def check_new(database, signer, settings):
    def check_new(account_id, answer, *, now=NOW, tied_to=BROWSER):
        return passkeys.check_new(
            database, signer, settings, now=now, account_id=account_id, tied_to=tied_to, answer=answer
        )

    return check_new


@pytest.fixture
def add(database, options, check_new):
    """Add a device's passkey to an account, and return the recovery codes that come with it."""

    def add(account_id, device, name="phone", *, now=NOW):
        new = check_new(account_id, device.make(options(account_id, now=now)), now=now)
        with database.writing() as db:
            return second_factors.add_passkey(db, now=now, account_id=account_id, new=new, name=name)

    return add


@pytest.fixture
def device(ann, add):
    """Ann's phone."""
    device = Device()
    add(ann, device)
    return device


@pytest.fixture
def asked(signer, settings):
    def asked(purpose=passkey_challenges.LOGIN, *, now=NOW, tied_to=BROWSER, of=()):
        return passkeys.options_to_prove(signer, settings, purpose, now=now, tied_to=tied_to, of=of)

    return asked


@pytest.fixture
def log_in(database, settings):
    def log_in(answer, *, now=NOW, tied_to=BROWSER, **changes):
        return passwordless_logins.log_in_with_passkey(
            database, settings, now=now, answer=answer, tied_to=tied_to, **{**HERE, **changes}
        )

    return log_in


@pytest.fixture
def type_password(database, passwords, settings):
    def type_password():
        with pytest.raises(SecondFactorNeeded) as needed:
            sessions.log_in(database, passwords, settings, now=NOW, name="ann", password=PASSWORD, **HERE)
        return needed.value.pending

    return type_password


@pytest.fixture
def second_step(database, settings):
    def second_step(pending, **given):
        return sessions.pass_second_step(
            database,
            secret.sealer(settings),
            settings,
            now=NOW,
            pending=pending,
            tied_to=BROWSER,
            **HERE,
            **given,
        )

    return second_step


@pytest.fixture
def own(database):
    def own(account_id):
        with database.reading() as db:
            return queries.of_account(db, account_id)

    return own


@pytest.fixture
def remove(database, settings):
    def remove(account_id, passkey_id, role=""):
        with database.writing() as db:
            second_factors.remove_passkey(
                db, settings, now=NOW, account_id=account_id, role=role, passkey_id=passkey_id
            )

    return remove


@pytest.fixture
def remove_password(database):
    def remove_password(account_id):
        with database.writing() as db:
            password_services.remove(db, now=NOW, account_id=account_id)

    return remove_password


def owner(database, account_id):
    with database.reading() as db:
        return credential_queries.get(db, account_id)


def kinds(database):
    with database.reading() as db:
        return list(db.scalars(select(mail.c.kind).order_by(mail.c.id)))


def events(database):
    with database.reading() as db:
        return [tuple(row) for row in db.execute(select(security_event.c.kind, security_event.c.detail))]


def changed(answer, **changes):
    """Return an answer whose parts somebody has changed."""
    parsed = json.loads(answer)
    parsed["response"] |= changes
    return json.dumps(parsed)


def test_a_passkey_alone_logs_in_and_is_two_factors(database, ann, device, asked, log_in, own):
    login = log_in(device.sign(asked()), now=NOW + 1)
    with database.reading() as db:
        session = viewers.by_session(db, login.secret, now=NOW + 1)

    assert session.viewer.account_id == ann
    assert session.viewer.has_second_factor
    assert session.authenticated_at == NOW + 1
    assert events(database)[-1] == ("login", "passkey_alone")
    [one] = own(ann)
    assert (one.name, one.used_at, one.sign_count, one.verifies_user) == ("phone", NOW + 1, 1, True)


def test_the_first_one_brings_recovery_codes_and_a_mail(database, ann, add):
    codes, none = add(ann, Device()), add(ann, Device(), "key")

    assert len(codes) == second_factors.RECOVERY_CODES
    assert none == []
    assert owner(database, ann).second_factor_at == NOW
    assert kinds(database) == ["passkey_added"] * 2
    assert events(database) == [("passkey_added", "phone"), ("passkey_added", "key")]


def test_what_browsers_are_asked_for_names_the_site_and_nobody(ann, device, options, asked, settings):
    new, known = json.loads(options(ann)), json.loads(asked())

    assert new["rp"] == {"id": "twite.example", "name": settings.site_name}
    assert new["excludeCredentials"] == [{"type": "public-key", "id": encoded(device.id)}]
    assert str(ann) not in json.dumps(new["user"])
    assert known["rpId"] == "twite.example"
    assert (known["allowCredentials"], known["userVerification"]) == ([], "required")


@pytest.mark.parametrize(
    ("base_url", "available"),
    [
        ("https://twite.example", True),
        ("http://twite.example", False),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", False),
        ("https://[2001:db8::1]", False),
    ],
)
def test_passkeys_need_a_name_and_a_safe_way_to_it(settings, base_url, available):
    assert passkeys.available(msgspec.structs.replace(settings, base_url=base_url)) == available


def test_with_the_password_a_passkey_is_the_second_factor(database, ann, add, asked, type_password, second_step, own):
    device = Device(verifies=False, counts=False)
    add(ann, device)
    for _time in range(2):
        answer = device.sign(asked(passkey_challenges.SECOND_STEP, of=own(ann)))
        assert second_step(type_password(), passkey=answer).secret

    assert events(database)[-1] == ("login", "passkey")


def test_recovery_codes_stand_in_for_a_passkey(database, ann, add, type_password, second_step):
    [code, *_rest] = add(ann, Device())

    assert second_step(type_password(), code=code).secret
    with pytest.raises(Invalid):
        second_step(type_password(), code=code)
    assert events(database)[-1] == ("login", "recovery_code")


def test_one_that_checks_nobody_is_no_way_in_alone(ann, add, asked, log_in):
    device = Device(verifies=False)
    add(ann, device)

    with pytest.raises(Invalid):
        log_in(device.sign(asked()))


@pytest.mark.parametrize(
    "origin",
    ["https://twite.example.evil.example", "http://twite.example", "https://twite.example:444", "https://evil.example"],
)
def test_a_page_elsewhere_gets_nothing_signed_that_counts(ann, device, asked, log_in, options, check_new, origin):
    device.origin = origin
    new = Device(origin=origin)

    with pytest.raises(Invalid):
        log_in(device.sign(asked()))
    with pytest.raises(Invalid):
        check_new(ann, new.make(options(ann)))


def test_nor_does_a_page_of_another_site_within_a_frame(ann, device, asked, log_in):
    with pytest.raises(Invalid):
        log_in(device.sign(asked(), crossOrigin=True))


def test_nor_does_a_key_for_another_site(ann, device, asked, log_in):
    elsewhere = json.dumps(json.loads(asked()) | {"rpId": "evil.example"})

    with pytest.raises(Invalid):
        log_in(device.sign(elsewhere))


def test_an_answer_works_once(database, ann, device, asked, log_in):
    answer = device.sign(asked())
    log_in(answer)

    with pytest.raises(Invalid, match="took too long"):
        log_in(answer)


def test_a_challenge_is_used_up_by_what_fails_too(ann, device, asked, log_in):
    page = asked()
    with pytest.raises(Invalid):
        log_in(changed(device.sign(page), signature=encoded(b"forged")))

    with pytest.raises(Invalid, match="took too long"):
        log_in(device.sign(page))


def test_of_two_who_answer_one_challenge_at_once_one_gets_in(ann, add, asked, log_in):
    device = Device(counts=False)
    add(ann, device)
    answer = device.sign(asked())

    def attempt_it(_number):
        try:
            return bool(log_in(answer).secret)
        except Invalid:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt_it, range(4))) == [False, False, False, True]


def test_a_challenge_is_for_the_browser_that_was_given_it(ann, device, asked, log_in, options, check_new):
    for tied_to in ("another browser", ""):
        with pytest.raises(Invalid):
            log_in(device.sign(asked()), tied_to=tied_to)
        with pytest.raises(Invalid):
            check_new(ann, Device().make(options(ann)), tied_to=tied_to)


@pytest.mark.parametrize("off_by", [-2 * clock.MINUTE, passkey_challenges.LIFETIME_MS])
def test_a_challenge_is_for_some_minutes(ann, device, asked, log_in, off_by):
    with pytest.raises(Invalid):
        log_in(device.sign(asked()), now=NOW + off_by)


@pytest.mark.parametrize("purpose", [passkey_challenges.SECOND_STEP, passkey_challenges.STEP_UP, "add 1"])
def test_a_challenge_is_for_one_purpose(ann, device, asked, log_in, purpose):
    with pytest.raises(Invalid):
        log_in(device.sign(asked(purpose)))


@pytest.mark.parametrize("challenge", ["", "x", "1.2.3", f"{NOW + 1000}.number.", "9" * 300, "\xff"])
def test_a_challenge_that_somebody_made_up_is_worth_nothing(database, ann, device, asked, log_in, challenge):
    page = json.dumps(json.loads(asked()) | {"challenge": encoded(challenge.encode("latin-1"))})

    with pytest.raises(Invalid):
        log_in(device.sign(page))
    with database.reading() as db:
        used = [subject for subject in db.scalars(select(attempt.c.subject)) if subject.startswith("passkey:")]
    assert len(used) == 1, "but for that with which the passkey was added"


def test_pages_with_a_challenge_write_nothing(database, ann, asked, options):
    asked()
    options(ann)

    with database.reading() as db:
        assert db.execute(select(attempt)).all() == []


def test_another_ones_passkey_is_not_ones_own(ann, make, add, device, asked, type_password, second_step, own):
    bobs = Device()
    add(make("bob"), bobs)
    answer = bobs.sign(asked(passkey_challenges.SECOND_STEP, of=own(ann)))

    with pytest.raises(Invalid, match="another account"):
        second_step(type_password(), passkey=answer)


def test_a_passkey_says_whose_it_is(ann, make, add, device, asked, log_in):
    bobs = Device()
    add(make("bob"), bobs)

    with pytest.raises(Invalid, match="another account"):
        log_in(bobs.sign(asked(), handle=device.handle))


def test_a_passkey_is_added_to_the_account_it_was_asked_for(ann, make, options, check_new):
    bob = make("bob")

    with pytest.raises(Invalid):
        check_new(bob, Device().make(options(ann)))


def test_nobody_takes_over_anothers_passkey(database, ann, make, device, options, check_new):
    bob = make("bob")
    new = check_new(bob, device.make(options(bob)))

    with database.writing() as db, pytest.raises(Conflict):
        second_factors.add_passkey(db, now=NOW, account_id=bob, new=new, name="stolen")


def test_a_copy_shows_by_its_count(ann, device, asked, log_in, own):
    for _time in range(3):
        log_in(device.sign(asked()))
    device.uses = 1
    with pytest.raises(Invalid):
        log_in(device.sign(asked()))
    device.uses, device.counts = 0, False
    with pytest.raises(Invalid):
        log_in(device.sign(asked()))

    assert own(ann)[0].sign_count == 3


def test_of_two_copies_used_at_once_one_gets_in(database, ann, device, asked, signer, settings):
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


def test_one_that_was_removed_opens_nothing(database, ann, device, asked, log_in, own, remove, signer, settings):
    answer = device.sign(asked())
    checked = passkeys.check(
        database, signer, settings, passkey_challenges.LOGIN, now=NOW, tied_to=BROWSER, answer=answer
    )
    remove(ann, own(ann)[0].id)

    with pytest.raises(Invalid, match="isn't known here"):
        log_in(device.sign(asked()))
    with database.writing() as db, pytest.raises(Invalid):
        passkeys.use(db, checked, now=NOW)
    assert kinds(database)[-1] == "passkey_removed"
    assert events(database)[-1] == ("passkey_removed", "phone")


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
def test_broken_answers_are_refused(ann, device, log_in, check_new, broken):
    with pytest.raises(Invalid):
        log_in(broken)
    with pytest.raises(Invalid):
        check_new(ann, broken)


@pytest.mark.parametrize("part", ["authenticatorData", "signature", "attestationObject"])
@pytest.mark.parametrize(
    "broken", ["", "AAAA", "ä", encoded(bytes(37)), encoded(bytes([255] * 90)), None, 7, {"a": []}]
)
def test_broken_parts_of_answers_are_refused(ann, device, asked, options, log_in, check_new, part, broken):
    if part == "attestationObject":
        with pytest.raises(Invalid):
            check_new(ann, changed(Device().make(options(ann)), **{part: broken}))
    else:
        with pytest.raises(Invalid):
            log_in(changed(device.sign(asked()), **{part: broken}))


def test_accounts_that_cannot_be_used_are_not_opened(database, ann, device, asked, log_in):
    with database.writing() as db:
        db.execute(update(credentials).where(credentials.c.account_id == ann).values(disabled_at=NOW))

    with pytest.raises(NotAllowed):
        log_in(device.sign(asked()))


def test_attempts_of_one_address_are_limited(ann, device, asked, log_in, settings):
    for _time in range(settings.login_attempts):
        with pytest.raises(Invalid):
            log_in(changed(device.sign(asked()), signature=encoded(b"forged")))

    with pytest.raises(TooMany):
        log_in(device.sign(asked()))
    assert log_in(device.sign(asked()), address="198.51.100.7").secret


def test_there_are_only_so_many_and_each_has_a_name(database, ann, add, own):
    for number in range(passkeys.MAX_PASSKEYS):
        add(ann, Device(), f" key\n{number} ")

    with pytest.raises(Invalid):
        add(ann, Device())
    assert own(ann)[1].name == "key 1"
    with pytest.raises(Invalid):
        add(ann, Device(), " ")


def test_the_last_one_takes_the_recovery_codes_along(database, ann, device, own, remove):
    remove(ann, own(ann)[0].id)

    assert owner(database, ann).second_factor_at is None
    with database.reading() as db:
        assert factor_queries.count_recovery_codes(db, ann) == 0


def test_an_app_stays_when_passkeys_go_and_the_other_way_round(database, settings, ann, device, own, remove):
    authenticator.set_up(database, settings, ann, now=NOW)
    remove(ann, own(ann)[0].id)
    with database.reading() as db:
        left = (credential_queries.get(db, ann).second_factor_at, factor_queries.count_recovery_codes(db, ann))

    assert left == (NOW - clock.HOUR, 10)


def test_turning_off_the_app_leaves_passkeys(database, settings, ann, device, own):
    authenticator.set_up(database, settings, ann, now=NOW)
    with database.writing() as db:
        second_factors.turn_off(db, settings, now=NOW, account_id=ann, role="")

    assert len(own(ann)) == 1
    assert owner(database, ann).second_factor_at is not None
    with database.writing() as db, pytest.raises(NotFound):
        second_factors.turn_off(db, settings, now=NOW, account_id=ann, role="")


def test_nobody_removes_anothers_passkey(ann, make, device, own, remove):
    with pytest.raises(NotFound):
        remove(make("bob"), own(ann)[0].id)
    assert len(own(ann)) == 1


def test_a_passkey_is_the_factor_that_a_role_needs(database, settings, make, add, own):
    settings = msgspec.structs.replace(settings, second_factor_for=["administrators"])
    boss = make("boss", role="admin")
    with database.writing() as db:
        second_factors.ask_staff(db, settings, now=NOW)
    add(boss, Device())
    late = NOW + 30 * clock.DAY
    with database.reading() as db:
        viewer = viewers.by_account(db, boss)

    assert second_factors.with_role(viewer, settings, now=late).role == "admin"
    with database.writing() as db, pytest.raises(Invalid, match="needs a second factor"):
        second_factors.remove_passkey(db, settings, now=late, account_id=boss, role="admin", passkey_id=own(boss)[0].id)


def test_staff_help_those_who_have_lost_it(database, make, ann, device, own):
    boss = make("boss", role="admin")
    with database.writing() as db:
        second_factors.remove_of_other(db, now=NOW, viewer=viewers.by_account(db, boss), account_id=ann)

    assert own(ann) == []
    assert owner(database, ann).second_factor_at is None


def test_who_is_logged_in_proves_it_again(database, settings, signer, ann, device, asked, own, make, add):
    def prove(answer):
        step_up.check_passkey(database, signer, settings, now=NOW, account_id=ann, tied_to=BROWSER, answer=answer)

    prove(device.sign(asked(passkey_challenges.STEP_UP, of=own(ann))))
    bobs = Device()
    add(make("bob"), bobs)
    for wrong in (bobs.sign(asked(passkey_challenges.STEP_UP)), device.sign(asked())):
        with pytest.raises(Invalid):
            prove(wrong)


def test_an_account_does_without_a_password(
    database, passwords, settings, ann, device, asked, log_in, own, remove, remove_password
):
    remove_password(ann)

    assert not owner(database, ann).has_password
    assert kinds(database)[-1] == "password_removed"
    for typed in (PASSWORD, "", "!"):
        with pytest.raises(Exception, match="username or password is wrong"):
            sessions.log_in(database, passwords, settings, now=NOW, name="ann", password=typed, **HERE)
    assert log_in(device.sign(asked())).secret
    with pytest.raises(Invalid, match="set a password first"):
        remove(ann, own(ann)[0].id)


@pytest.mark.parametrize("verifies", [None, False])
def test_it_needs_a_passkey_that_stands_for_both_factors(ann, add, remove_password, verifies):
    if verifies is not None:
        add(ann, Device(verifies=verifies))

    with pytest.raises(Invalid):
        remove_password(ann)


def test_a_key_without_a_pin_that_gets_one_counts_from_then_on(ann, add, asked, log_in, remove_password):
    device = Device(verifies=False)
    add(ann, device)
    device.verifies = True
    log_in(device.sign(asked()))

    remove_password(ann)


def test_a_missing_password_takes_as_long_as_a_wrong_one(passwords, monkeypatch):
    verified = []
    hasher = type(passwords._hasher)
    monkeypatch.setattr(hasher, "verify", lambda _self, stored, tried: verified.append(stored) or False)
    for stored in (None, "!"):
        passwords.verify(stored, PASSWORD)

    assert verified == [passwords._nobody] * 2


def test_a_session_knows_whether_there_is_a_password(database, ann, device, asked, log_in, remove_password):
    login = log_in(device.sign(asked()))
    has_password = []
    for step in (lambda: None, lambda: remove_password(ann)):
        step()
        with database.reading() as db:
            has_password.append(viewers.by_session(db, login.secret, now=NOW).viewer.has_password)

    assert has_password == [True, False]


def test_who_has_neither_password_nor_factor_sets_one_first(database, ann):
    with database.reading() as db:
        viewer = msgspec.structs.replace(viewers.by_account(db, ann), has_password=False)

    assert step_up.needed(viewer, None, now=NOW) == step_up.NOTHING
