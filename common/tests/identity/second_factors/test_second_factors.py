"""Second factors: setting one up, logging in with it, and what happens to codes that are wrong or come twice."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pyotp
import pytest
from sqlalchemy import select, update

from support import authenticator
from support.moment import NOW
from support.site_under_test import PASSWORD
from twite_common import clock, secret
from twite_common.errors import Invalid, NotAllowed, NotFound, TooMany
from twite_common.queries import viewers
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.identity import second_factors as queries
from twite_common.services.accounts import accounts
from twite_common.services.identity import passwords as password_services
from twite_common.services.identity import (
    pending_logins,
    second_factors,
    sessions,
    step_up,
    tokens,
)
from twite_common.services.identity.pending_logins import LoginOver, SecondFactorNeeded
from twite_common.tables import audit_entry, mail, recovery_code, second_factor

ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
HERE = {"address": "192.0.2.1", "browser": "Firefox/140.0"}
LATER = NOW + second_factors.PERIOD_MS


@pytest.fixture
def sealer(settings):
    return secret.sealer(settings)


@pytest.fixture
def set_up(database, settings):
    return lambda account_id: authenticator.set_up(database, settings, account_id, now=NOW)


@pytest.fixture
def type_password(database, passwords, settings):
    """Type name and password, and return what the browser keeps then."""

    def type_password(name="ann", *, now=NOW, **changes):
        with pytest.raises(SecondFactorNeeded) as needed:
            sessions.log_in(database, passwords, settings, now=now, name=name, password=PASSWORD, **{**HERE, **changes})
        return needed.value.pending

    return type_password


@pytest.fixture
def type_code(database, sealer, settings):
    def type_code(pending, code, *, now=NOW, **changes):
        return sessions.pass_second_step(
            database, sealer, settings, now=now, pending=pending, code=code, **{**HERE, **changes}
        )

    return type_code


def kinds(database):
    with database.reading() as db:
        return list(db.scalars(select(mail.c.kind).order_by(mail.c.id)))


def viewer(database, session_secret, now=NOW):
    with database.reading() as db:
        return viewers.by_session(db, session_secret, now=now)


def test_an_app_knows_whose_account_it_is_for_and_at_which_site(settings, sealer, ann_id):
    begun = second_factors.begin(sealer, settings, now=NOW, account_id=ann_id, username="ann")

    assert begun.address.startswith("otpauth://totp/Twite:ann?")
    assert f"secret={begun.secret}" in begun.address
    assert len(begun.secret) == 32


def test_who_has_a_second_factor_logs_in_with_password_and_code(database, ann_id, set_up, type_password, type_code):
    app = set_up(ann_id)
    pending = type_password()
    before = viewer(database, pending)
    session = viewer(database, type_code(pending, app.code(NOW)).secret)

    assert before is None
    assert session.viewer.account_id == ann_id
    assert session.viewer.has_second_factor
    assert session.authenticated_at == NOW


@pytest.mark.parametrize("wrong", ["", "000000", "12345", "x" * 200, "\ud800", "123456\0"])
def test_a_wrong_code_opens_nothing(database, ann_id, set_up, type_password, type_code, wrong):
    app = set_up(ann_id)
    wrong = wrong if wrong != app.code(NOW) else "000001"

    with pytest.raises(Invalid):
        type_code(type_password(), wrong)
    assert kinds(database) == ["second_factor_added"]


@pytest.mark.parametrize("spell", [lambda code: f" {code[:3]} {code[3:]} ", lambda code: code.translate(ARABIC)])
def test_a_code_may_be_spelt_as_apps_and_keyboards_do(ann_id, set_up, type_password, type_code, spell):
    app = set_up(ann_id)

    assert type_code(type_password(), spell(app.code(NOW))).secret


@pytest.mark.parametrize(("off_by", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phones_clock_may_be_wrong_by_half_a_minute(ann_id, set_up, type_password, type_code, off_by, fits):
    app = set_up(ann_id)
    code = app.code(NOW + off_by * second_factors.PERIOD_MS)

    if fits:
        assert type_code(type_password(), code).secret
    else:
        with pytest.raises(Invalid):
            type_code(type_password(), code)


def test_a_code_works_once_and_no_older_one_after_it(ann_id, set_up, type_password, type_code):
    app = set_up(ann_id)
    type_code(type_password(), app.code(LATER))

    for used in (app.code(LATER), app.code(NOW)):
        with pytest.raises(Invalid):
            type_code(type_password(), used, now=LATER)


def test_the_code_that_set_the_app_up_does_not_log_in(database, settings, ann_id, type_password, type_code):
    app = authenticator.set_up(database, settings, ann_id, now=NOW + clock.HOUR)

    with pytest.raises(Invalid):
        type_code(type_password(), app.code(NOW))


@pytest.mark.faults
@pytest.mark.parametrize("kind", ["totp", "recovery_code"])
def test_of_many_who_send_a_code_at_once_one_gets_in(ann_id, set_up, type_password, type_code, kind):
    app = set_up(ann_id)
    code = app.code(NOW) if kind == "totp" else app.recovery_codes[0]
    waiting = [type_password() for _ in range(8)]

    def attempt(pending):
        try:
            return bool(type_code(pending, code))
        except Invalid:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, waiting)) == 1


def test_a_recovery_code_works_once_and_its_owner_is_told(database, ann_id, set_up, type_password, type_code):
    app = set_up(ann_id)
    code = app.recovery_codes[3]
    first = type_code(type_password(), code.upper().replace("-", " "))

    with pytest.raises(Invalid):
        type_code(type_password(), code)
    assert viewer(database, first.secret).viewer.account_id == ann_id
    assert kinds(database) == ["second_factor_added", "recovery_code_used"]
    with database.reading() as db:
        assert queries.count_recovery_codes(db, ann_id) == second_factors.RECOVERY_CODES - 1


def test_anothers_codes_open_nothing(ann_id, make, set_up, type_password, type_code):
    bobs = set_up(make("bob"))
    set_up(ann_id)

    for code in (bobs.code(NOW), bobs.recovery_codes[0]):
        with pytest.raises(Invalid):
            type_code(type_password(), code)


def test_neither_secret_nor_codes_are_stored_as_they_are(database, ann_id, set_up):
    app = set_up(ann_id)
    with database.reading() as db:
        stored = [*db.execute(select(second_factor)), *db.execute(select(recovery_code))]
    cells = b" ".join(cell if isinstance(cell, bytes) else str(cell).encode() for row in stored for cell in row)

    assert len(stored) == 1 + second_factors.RECOVERY_CODES
    assert app.shared.encode() not in cells
    assert not any(code.encode() in cells or code.replace("-", "").encode() in cells for code in app.recovery_codes)


def test_where_the_sites_key_has_changed_recovery_codes_still_open(
    database, settings, ann_id, set_up, passwords, type_code
):
    app = set_up(ann_id)
    settings = msgspec.structs.replace(settings, secret_key="another one")
    with pytest.raises(SecondFactorNeeded) as needed:
        sessions.log_in(database, passwords, settings, now=NOW, name="ann", password=PASSWORD, **HERE)

    def type_there(code):
        return sessions.pass_second_step(
            database, secret.sealer(settings), settings, now=NOW, pending=needed.value.pending, code=code, **HERE
        )

    with pytest.raises(Invalid):
        type_there(app.code(NOW))
    assert type_there(app.recovery_codes[0]).secret


def test_a_stored_secret_is_of_no_use_to_another_account(database, ann_id, make, set_up, type_password, type_code):
    app, bob = set_up(ann_id), make("bob")
    set_up(bob)
    with database.writing() as db:
        sealed = db.scalar(select(second_factor.c.sealed_secret).where(second_factor.c.account_id == ann_id))
        db.execute(update(second_factor).where(second_factor.c.account_id == bob).values(sealed_secret=sealed))

    with pytest.raises(Invalid):
        type_code(type_password("bob"), app.code(NOW))


@pytest.mark.parametrize("forge", [lambda _p: "", lambda p: p[:-1] + "x", lambda p: f"1{p}", lambda _p: "1.2.3.4"])
def test_nobody_comes_to_the_second_step_without_the_password(ann_id, set_up, type_password, type_code, forge):
    app = set_up(ann_id)

    with pytest.raises(LoginOver):
        type_code(forge(type_password()), app.code(NOW))


def test_who_takes_too_long_types_the_password_again(ann_id, set_up, type_password, type_code):
    app, late = set_up(ann_id), NOW + pending_logins.LIFETIME_MS

    with pytest.raises(LoginOver):
        type_code(type_password(), app.code(late), now=late)


def test_a_new_password_ends_a_log_in_that_waits(database, ann_id, set_up, type_password, type_code):
    app = set_up(ann_id)
    pending = type_password()
    with database.writing() as db:
        password_services.change(db, now=NOW, account_id=ann_id, password_hash="y", end_tokens=False)

    with pytest.raises(LoginOver):
        type_code(pending, app.code(NOW))


def test_a_suspended_account_does_not_come_past_the_second_step(database, ann_id, set_up, type_password, type_code):
    app = set_up(ann_id)
    pending = type_password()
    with database.writing() as db:
        accounts.suspend(db, now=NOW, account_id=ann_id)

    with pytest.raises(NotAllowed):
        type_code(pending, app.code(NOW))


def test_after_a_few_wrong_codes_the_password_is_asked_for_again(ann_id, set_up, type_password, type_code):
    app = set_up(ann_id)
    pending = type_password()
    for _ in range(pending_logins.MAX_CODES):
        with pytest.raises(Invalid):
            type_code(pending, "000000")

    with pytest.raises(LoginOver):
        type_code(pending, app.code(NOW))
    assert type_code(type_password(), app.code(NOW))


@pytest.mark.faults
def test_who_knows_the_password_guesses_few_codes_and_locks_nobody_out_of_a_known_browser(
    ann_id, set_up, type_password, type_code
):
    app = set_up(ann_id)
    device = type_code(type_password(), app.code(NOW)).device
    for _ in range(second_factors.MAX_WRONG):
        with pytest.raises(Invalid):
            type_code(type_password(), "000000", address="198.51.100.1")

    with pytest.raises(TooMany):
        type_code(type_password(), app.recovery_codes[0], address="198.51.100.1")
    assert type_code(type_password(device=device), app.code(LATER), now=LATER, device=device).secret


def test_log_ins_and_tokens_that_are_there_stay_when_it_is_turned_on(database, passwords, settings, ann_id, set_up):
    here = sessions.log_in(database, passwords, settings, now=NOW, name="ann", password=PASSWORD, **HERE)
    with database.writing() as db:
        token = tokens.create_personal(db, now=NOW, account_id=ann_id, name="bot", scopes="read")
    set_up(ann_id)

    assert viewer(database, here.secret).viewer.has_second_factor
    with database.reading() as db:
        assert viewers.by_token(db, token, now=NOW) is not None


def test_a_set_up_is_its_accounts_alone_and_does_not_last(database, settings, sealer, ann_id, make):
    begun = second_factors.begin(sealer, settings, now=NOW, account_id=ann_id, username="ann")
    late = NOW + second_factors.SET_UP_MS
    again = second_factors.begin(sealer, settings, now=NOW, account_id=ann_id, username="ann", sealed=begun.sealed)

    assert again == begun
    for account_id, sealed, now in ((make("bob"), begun.sealed, NOW), (ann_id, begun.sealed, late), (ann_id, "é", NOW)):
        code = pyotp.TOTP(begun.secret).at(now // clock.SECOND)
        with pytest.raises(Invalid), database.writing() as db:
            second_factors.turn_on(db, sealer, now=now, account_id=account_id, sealed=sealed, code=code)


def test_another_app_takes_the_place_of_the_first(ann_id, set_up, type_password, type_code):
    first, second = set_up(ann_id), set_up(ann_id)

    for old in (first.code(NOW), first.recovery_codes[0]):
        with pytest.raises(Invalid):
            type_code(type_password(), old)
    assert type_code(type_password(), second.code(NOW)).secret


def test_new_recovery_codes_replace_the_old_ones(database, ann_id, make, set_up, type_password, type_code):
    app, bob = set_up(ann_id), make("bob")
    with database.writing() as db:
        new = second_factors.renew_recovery_codes(db, now=NOW, account_id=ann_id)

    with pytest.raises(Invalid):
        type_code(type_password(), app.recovery_codes[0])
    assert type_code(type_password(), new[0]).secret
    with pytest.raises(NotFound), database.writing() as db:
        second_factors.renew_recovery_codes(db, now=NOW, account_id=bob)


def test_turned_off_the_password_is_enough(database, passwords, settings, ann_id, set_up):
    set_up(ann_id)
    with database.writing() as db:
        second_factors.turn_off(db, settings, now=NOW, account_id=ann_id, role="")

    assert sessions.log_in(database, passwords, settings, now=NOW, name="ann", password=PASSWORD, **HERE).secret
    assert kinds(database) == ["second_factor_added", "second_factor_removed"]
    with database.reading() as db:
        assert db.execute(select(recovery_code)).all() == []


@pytest.fixture
def strict(settings):
    return msgspec.structs.replace(settings, second_factor_for=["administrators"])


def staff(database, account_id):
    with database.reading() as db:
        return viewers.by_account(db, account_id)


def test_a_role_that_needs_it_rests_after_the_days_of_grace(database, make, strict, set_up):
    admin, moderator = make("ann", "admin"), make("bob", "moderator")
    for _ in range(2):
        with database.writing() as db:
            second_factors.ask_staff(db, strict, now=NOW)
    late = NOW + strict.second_factor_grace_days * clock.DAY
    roles = [
        second_factors.with_role(staff(database, id), strict, now=now).role
        for id, now in ((admin, late - 1), (admin, late), (moderator, late))
    ]
    set_up(admin)

    assert roles == ["admin", "", "moderator"]
    assert kinds(database) == ["second_factor_asked", "second_factor_added"]
    assert second_factors.with_role(staff(database, admin), strict, now=late).role == "admin"


def test_a_role_that_no_longer_needs_it_gives_the_days_of_grace_anew(database, make, settings, strict):
    admin = make("ann", "admin")
    for site, now in ((strict, NOW), (settings, NOW), (strict, NOW + clock.DAY)):
        with database.writing() as db:
            second_factors.ask_staff(db, site, now=now)

    assert staff(database, admin).second_factor_asked_at == NOW + clock.DAY
    with database.writing() as db:
        accounts.set_role(db, account_id=admin, role="moderator")
    assert staff(database, admin).second_factor_asked_at is None


def test_who_needs_it_cannot_turn_it_off(database, make, strict, set_up):
    admin = make("ann", "admin")
    set_up(admin)

    with pytest.raises(Invalid), database.writing() as db:
        second_factors.turn_off(db, strict, now=NOW, account_id=admin, role="admin")


def test_staff_remove_it_for_those_below_them_and_that_is_recorded(database, ann_id, make, set_up):
    boss, other, moderator = staff(database, make("eve", "admin")), make("fay", "admin"), make("gus", "moderator")
    for account_id in (ann_id, other):
        set_up(account_id)

    for by, whom, error in (
        (boss, other, NotAllowed),
        (staff(database, moderator), ann_id, NotAllowed),
        (boss, moderator, NotFound),
    ):
        with pytest.raises(error), database.writing() as db:
            second_factors.remove_of_other(db, now=NOW, viewer=by, account_id=whom)
    with database.writing() as db:
        second_factors.remove_of_other(db, now=NOW, viewer=boss, account_id=ann_id)
    with database.reading() as db:
        recorded = [(row.action, row.target_name) for row in db.execute(select(audit_entry))]
        assert recorded == [("remove_second_factor", "ann")]
        assert credential_queries.get(db, ann_id).second_factor_at is None
    assert kinds(database)[-1] == "second_factor_removed"


@pytest.mark.parametrize(
    ("ago", "needed"), [(None, "password"), (0, ""), (step_up.FRESH_MS - 1, ""), (step_up.FRESH_MS, "password")]
)
def test_who_has_just_proved_who_they_are_need_not_again(database, ann_id, ago, needed):
    at = NOW - ago if ago is not None else None

    assert step_up.needed(staff(database, ann_id), at, now=NOW) == needed
    with_factor = msgspec.structs.replace(staff(database, ann_id), has_second_factor=True)
    assert step_up.needed(with_factor, at, now=NOW) == ("factor" if needed else "")


def test_codes_of_somebody_who_is_logged_in_are_limited_too(database, settings, sealer, ann_id, set_up):
    app = set_up(ann_id)

    def check(code):
        step_up.check_code(database, sealer, settings, now=NOW, account_id=ann_id, code=code)

    for _ in range(second_factors.MAX_WRONG - 1):
        with pytest.raises(Invalid):
            check("000000")
    check(app.code(NOW))
    for _ in range(second_factors.MAX_WRONG):
        with pytest.raises(Invalid):
            check("000000")
    with pytest.raises(TooMany):
        check(app.recovery_codes[0])
