"""Passkeys: adding them, logging in with them, and removing them."""

import json

import msgspec
import pytest
from sqlalchemy import select, update

from support import authenticator
from support.moment import NOW
from support.passkeys import BROWSER, Device, encoded
from support.site_under_test import PASSWORD
from twite_common import clock
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.identity import second_factors as factor_queries
from twite_common.services.identity import (
    passkey_challenges,
    passkeys,
    second_factors,
    sessions,
    step_up,
)
from twite_common.tables import credentials, mail, security_event

HERE = {"address": "192.0.2.1", "browser": "Firefox/140.0"}


def owner(database, account_id):
    with database.reading() as db:
        return credential_queries.get(db, account_id)


def kinds(database):
    with database.reading() as db:
        return list(db.scalars(select(mail.c.kind).order_by(mail.c.id)))


def events(database):
    with database.reading() as db:
        return [tuple(row) for row in db.execute(select(security_event.c.kind, security_event.c.detail))]


def test_a_passkey_alone_logs_in_and_is_two_factors(database, ann_id, device, asked, log_in, own):
    login = log_in(device.sign(asked()), now=NOW + 1)
    with database.reading() as db:
        session = viewers.by_session(db, login.secret, now=NOW + 1)

    assert session.viewer.account_id == ann_id
    assert session.viewer.has_second_factor
    assert session.authenticated_at == NOW + 1
    assert events(database)[-1] == ("login", "passkey_alone")
    [one] = own(ann_id)
    assert (one.name, one.used_at, one.sign_count, one.verifies_user) == ("phone", NOW + 1, 1, True)


def test_the_first_one_brings_recovery_codes_and_a_mail(database, ann_id, add):
    codes, none = add(ann_id, Device()), add(ann_id, Device(), "key")

    assert len(codes) == second_factors.RECOVERY_CODES
    assert none == []
    assert owner(database, ann_id).second_factor_at == NOW
    assert kinds(database) == ["passkey_added"] * 2
    assert events(database) == [("passkey_added", "phone"), ("passkey_added", "key")]


def test_what_browsers_are_asked_for_names_the_site_and_nobody(ann_id, device, options, asked, settings):
    new, known = json.loads(options(ann_id)), json.loads(asked())

    assert new["rp"] == {"id": "twite.example", "name": settings.site_name}
    assert new["excludeCredentials"] == [{"type": "public-key", "id": encoded(device.id)}]
    assert str(ann_id) not in json.dumps(new["user"])
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


def test_with_the_password_a_passkey_is_the_second_factor(
    database, ann_id, add, asked, type_password, second_step, own
):
    device = Device(verifies=False, counts=False)
    add(ann_id, device)
    for _time in range(2):
        answer = device.sign(asked(passkey_challenges.SECOND_STEP, of=own(ann_id)))
        assert second_step(type_password(), passkey=answer).secret

    assert events(database)[-1] == ("login", "passkey")


def test_recovery_codes_stand_in_for_a_passkey(database, ann_id, add, type_password, second_step):
    [code, *_rest] = add(ann_id, Device())

    assert second_step(type_password(), code=code).secret
    with pytest.raises(Invalid):
        second_step(type_password(), code=code)
    assert events(database)[-1] == ("login", "recovery_code")


def test_one_that_checks_nobody_is_no_way_in_alone(ann_id, add, asked, log_in):
    device = Device(verifies=False)
    add(ann_id, device)

    with pytest.raises(Invalid):
        log_in(device.sign(asked()))


def test_accounts_that_cannot_be_used_are_not_opened(database, ann_id, device, asked, log_in):
    with database.writing() as db:
        db.execute(update(credentials).where(credentials.c.account_id == ann_id).values(disabled_at=NOW))

    with pytest.raises(NotAllowed):
        log_in(device.sign(asked()))


def test_there_are_only_so_many_and_each_has_a_name(database, ann_id, add, own):
    for number in range(passkeys.MAX_PASSKEYS):
        add(ann_id, Device(), f" key\n{number} ")

    with pytest.raises(Invalid):
        add(ann_id, Device())
    assert own(ann_id)[1].name == "key 1"
    with pytest.raises(Invalid):
        add(ann_id, Device(), " ")


def test_one_that_was_removed_opens_nothing(database, ann_id, device, asked, log_in, own, remove, signer, settings):
    answer = device.sign(asked())
    checked = passkeys.check(
        database, signer, settings, passkey_challenges.LOGIN, now=NOW, tied_to=BROWSER, answer=answer
    )
    remove(ann_id, own(ann_id)[0].id)

    with pytest.raises(Invalid, match="isn't known here"):
        log_in(device.sign(asked()))
    with database.writing() as db, pytest.raises(Invalid):
        passkeys.use(db, checked, now=NOW)
    assert kinds(database)[-1] == "passkey_removed"
    assert events(database)[-1] == ("passkey_removed", "phone")


def test_the_last_one_takes_the_recovery_codes_along(database, ann_id, device, own, remove):
    remove(ann_id, own(ann_id)[0].id)

    assert owner(database, ann_id).second_factor_at is None
    with database.reading() as db:
        assert factor_queries.count_recovery_codes(db, ann_id) == 0


def test_an_app_stays_when_passkeys_go_and_the_other_way_round(database, settings, ann_id, device, own, remove):
    authenticator.set_up(database, settings, ann_id, now=NOW)
    remove(ann_id, own(ann_id)[0].id)
    with database.reading() as db:
        left = (credential_queries.get(db, ann_id).second_factor_at, factor_queries.count_recovery_codes(db, ann_id))

    assert left == (NOW - clock.HOUR, 10)


def test_turning_off_the_app_leaves_passkeys(database, settings, ann_id, device, own):
    authenticator.set_up(database, settings, ann_id, now=NOW)
    with database.writing() as db:
        second_factors.turn_off(db, settings, now=NOW, account_id=ann_id, role="")

    assert len(own(ann_id)) == 1
    assert owner(database, ann_id).second_factor_at is not None
    with database.writing() as db, pytest.raises(NotFound):
        second_factors.turn_off(db, settings, now=NOW, account_id=ann_id, role="")


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


def test_staff_help_those_who_have_lost_it(database, make, ann_id, device, own):
    boss = make("boss", role="admin")
    with database.writing() as db:
        second_factors.remove_of_other(db, now=NOW, viewer=viewers.by_account(db, boss), account_id=ann_id)

    assert own(ann_id) == []
    assert owner(database, ann_id).second_factor_at is None


def test_who_is_logged_in_proves_it_again(database, settings, signer, ann_id, device, asked, own, make, add):
    def prove(answer):
        step_up.check_passkey(database, signer, settings, now=NOW, account_id=ann_id, tied_to=BROWSER, answer=answer)

    prove(device.sign(asked(passkey_challenges.STEP_UP, of=own(ann_id))))
    bobs = Device()
    add(make("bob"), bobs)
    for wrong in (bobs.sign(asked(passkey_challenges.STEP_UP)), device.sign(asked())):
        with pytest.raises(Invalid):
            prove(wrong)


def test_an_account_does_without_a_password(
    database, passwords, settings, ann_id, device, asked, log_in, own, remove, remove_password
):
    remove_password(ann_id)

    assert not owner(database, ann_id).has_password
    assert kinds(database)[-1] == "password_removed"
    for typed in (PASSWORD, "", "!"):
        with pytest.raises(Exception, match="username or password is wrong"):
            sessions.log_in(database, passwords, settings, now=NOW, name="ann", password=typed, **HERE)
    assert log_in(device.sign(asked())).secret
    with pytest.raises(Invalid, match="set a password first"):
        remove(ann_id, own(ann_id)[0].id)


@pytest.mark.parametrize("verifies", [None, False])
def test_it_needs_a_passkey_that_stands_for_both_factors(ann_id, add, remove_password, verifies):
    if verifies is not None:
        add(ann_id, Device(verifies=verifies))

    with pytest.raises(Invalid):
        remove_password(ann_id)


def test_a_key_without_a_pin_that_gets_one_counts_from_then_on(ann_id, add, asked, log_in, remove_password):
    device = Device(verifies=False)
    add(ann_id, device)
    device.verifies = True
    log_in(device.sign(asked()))

    remove_password(ann_id)


def test_a_session_knows_whether_there_is_a_password(database, ann_id, device, asked, log_in, remove_password):
    login = log_in(device.sign(asked()))
    has_password = []
    for step in (lambda: None, lambda: remove_password(ann_id)):
        step()
        with database.reading() as db:
            has_password.append(viewers.by_session(db, login.secret, now=NOW).viewer.has_password)

    assert has_password == [True, False]


def test_who_has_neither_password_nor_factor_sets_one_first(database, ann_id):
    with database.reading() as db:
        viewer = msgspec.structs.replace(viewers.by_account(db, ann_id), has_password=False)

    assert step_up.needed(viewer, None, now=NOW) == step_up.NOTHING
