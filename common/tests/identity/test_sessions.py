import pytest
from sqlalchemy import select

from support.moment import NOW
from support.site_under_test import PASSWORD
from twite_common import secret
from twite_common.errors import NotAllowed, NotAuthenticated, NotFound, TooMany
from twite_common.passwords import Passwords
from twite_common.queries import viewers
from twite_common.queries.accounts import credentials
from twite_common.services import attempts, one_time_links
from twite_common.services.accounts import accounts
from twite_common.services.identity import applications, grants, registrations, sessions, tokens
from twite_common.services.identity import passwords as password_services
from twite_common.services.identity.registrations import SignUp
from twite_common.settings import Settings
from twite_common.tables import link, mail

CODE = {"redirect_uri": "", "scopes": "read", "code_challenge": None, "code_challenge_method": None}
HERE = {"address": "192.0.2.1", "browser": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


@pytest.fixture
def passwords(settings):
    return Passwords(settings)


@pytest.fixture
def ann(database, passwords):
    sign_up = SignUp(username="Ann", email="Ann@mail.example", password_hash=passwords.hash(PASSWORD, about=()))
    with database.writing() as db:
        return registrations.create(db, now=NOW, sign_up=sign_up, confirmed=True, smtp_utf8=False)


@pytest.fixture
def log_in(database, passwords, settings):
    def log_in(name="ann", password=PASSWORD, *, now=NOW, using=None, **changes):
        made = sessions.log_in(
            database, using or passwords, settings, now=now, name=name, password=password, **{**HERE, **changes}
        )
        return made.secret

    return log_in


@pytest.fixture
def make_application():
    def make(db):
        return applications.register(
            db, now=NOW, name="App", redirect_uris=["https://app.example/"], scopes="read", website=None
        )[0]

    return make


def mails(database):
    with database.reading() as db:
        return list(db.scalars(select(mail.c.kind).order_by(mail.c.id)))


def viewer(database, session_secret, now=NOW):
    with database.reading() as db:
        found = viewers.by_session(db, session_secret, now=now)
    return found.viewer.account_id if found else None


@pytest.mark.parametrize("name", ["ann", "ANN", "@ann", " ann ", "ann@MAIL.example"])
def test_a_name_or_address_in_any_case_and_the_password_open_a_session(database, ann, log_in, name):
    assert viewer(database, log_in(name)) == ann


def test_whoever_logs_in_is_looked_up_by_index(db):
    if db.dialect.name == "postgresql":
        db.exec_driver_sql("SET LOCAL enable_seqscan = off")
    written = str(credentials.BY_LOGIN.params(name="ann").compile(db.engine, compile_kwargs={"literal_binds": True}))
    explain = "EXPLAIN QUERY PLAN" if db.dialect.name == "sqlite" else "EXPLAIN"
    plan = "\n".join(str(row) for row in db.exec_driver_sql(f"{explain} {written}"))

    # Of SQLite; PostgreSQL would read every account and its credentials together, and then look.
    assert "SCAN account" not in plan
    assert "Join Filter" not in plan


@pytest.mark.parametrize(("name", "password"), [("ann", "wrong horse"), ("nobody", PASSWORD), ("ann", "")])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(ann, log_in, name, password):
    with pytest.raises(NotAuthenticated, match=r"The username or password is wrong\."):
        log_in(name, password)


def test_logging_in_ends_the_session_that_was_there_before(database, ann, log_in):
    first = log_in()
    second = log_in(earlier_secret=first)

    assert viewer(database, first) is None
    assert viewer(database, second) == ann
    assert first != second


def test_a_session_ends_after_its_days_and_use_prolongs_it(database, settings, ann, log_in):
    session_secret = log_in()
    days = settings.session_days * 24 * 3600 * 1000
    with database.writing() as db:
        found = viewers.by_session(db, session_secret, now=NOW)
        sessions.touch(db, settings, now=NOW + 1000, session_id=found.id, account_id=ann)

    assert viewer(database, session_secret, NOW + days) == ann
    assert viewer(database, session_secret, NOW + days + 1000) is None


def test_attempts_are_limited_for_one_account_from_anywhere(ann, log_in, settings):
    for n in range(settings.login_attempts):
        with pytest.raises(NotAuthenticated):
            log_in(password="wrong horse", address=f"192.0.2.{n}")

    with pytest.raises(TooMany) as refused:
        log_in(address="198.51.100.1")
    assert 0 < refused.value.retry_after_seconds <= 300
    assert log_in(now=NOW + 300_001)


def test_attempts_are_limited_from_one_address_for_any_account(ann, log_in, settings):
    for n in range(settings.login_attempts):
        with pytest.raises(NotAuthenticated):
            log_in(f"nobody{n}", "wrong horse")

    with pytest.raises(TooMany):
        log_in()
    assert log_in(address="198.51.100.1")


@pytest.mark.parametrize(
    ("address", "subject"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_a_household_counts_as_one_address(address, subject):
    assert attempts.counted_as(address) == subject


def test_attempts_are_limited_from_one_network_of_ipv6(ann, log_in, settings):
    for n in range(settings.login_attempts):
        with pytest.raises(NotAuthenticated):
            log_in(f"somebody{n}", "wrong horse", address=f"2001:db8::{n:x}")

    with pytest.raises(TooMany):
        log_in(address="2001:db8::ffff:1")


@pytest.mark.parametrize("written", ["@{}ann", "@ {}ann"])
def test_what_is_counted_as_another_name_opens_no_account(ann, log_in, written):
    for mark in ("@", " ", "\u00a0"):
        with pytest.raises(NotAuthenticated):
            log_in(written.format(mark))


def test_a_hash_of_another_cost_is_renewed_at_log_in(database, ann, log_in):
    dearer = Passwords(Settings(password_time_cost=2, password_memory_kib=16))
    with database.reading() as db:
        before = credentials.get(db, ann).password_hash
    log_in(using=dearer)
    with database.reading() as db:
        after = credentials.get(db, ann).password_hash

    assert "m=8,t=1" in before
    assert "m=16,t=2" in after
    assert log_in(using=dearer)


@pytest.mark.parametrize("reason", ["suspended", "unconfirmed"])
def test_an_account_that_cannot_be_used_says_why_only_to_its_owner(database, passwords, ann, log_in, reason):
    with database.writing() as db:
        if reason == "suspended":
            accounts.suspend(db, now=NOW, account_id=ann)
            name = "ann"
        else:
            sign_up = SignUp(username="new", email="new@mail.example", password_hash=passwords.hash(PASSWORD, about=()))
            registrations.create(db, now=NOW, sign_up=sign_up, smtp_utf8=False)
            name = "new"

    with pytest.raises(NotAllowed):
        log_in(name)
    with pytest.raises(NotAuthenticated):
        log_in(name, "wrong horse")


def test_a_log_in_from_a_new_place_is_told_by_mail_and_the_first_one_is_not(database, ann, log_in):
    log_in()
    log_in(address="192.0.2.200")
    known = mails(database)
    log_in(address="198.51.100.1")
    log_in(browser="Mozilla/5.0 (iPhone) Safari/604.1")
    log_in(now=NOW + 91 * 24 * 3600 * 1000)

    assert known == []
    assert mails(database) == ["new_login"] * 3


def test_neither_the_password_nor_the_session_is_in_the_database(database, ann, log_in, database_url):
    from twite_common.tables import metadata

    session_secret = log_in()
    with database.reading() as db:
        everything = "".join(str(row) for table in metadata.tables.values() for row in db.execute(select(table)))

    assert PASSWORD not in everything
    assert session_secret not in everything
    assert str(secret.digest(session_secret)) in everything


def test_a_reset_sets_the_password_once_and_ends_every_session(database, passwords, settings, ann, log_in):
    session_secret = log_in()
    signer = secret.signer(settings)
    with database.writing() as db:
        password_services.ask_to_reset(db, now=NOW, email="ANN@mail.example")
        password_services.ask_to_reset(db, now=NOW, email="nobody@mail.example")
        link_id = one_time_links.add(db, "reset", now=NOW, account_id=ann)
        token = one_time_links.token(signer, link_id, "reset")
        password_services.reset(
            db,
            signer,
            now=NOW,
            token=token,
            password_hash=passwords.hash("another password", about=()),
            end_tokens=True,
        )

    assert mails(database) == ["reset", "password_changed"]
    assert viewer(database, session_secret) is None
    assert log_in(password="another password")
    with pytest.raises(NotFound), database.writing() as db:
        password_services.reset(db, signer, now=NOW, token=token, password_hash="x", end_tokens=True)


def asked_for_new_address(db, settings, account_id, email="evil@mail.example"):
    password_services.ask_to_change_email(db, now=NOW, account_id=account_id, email=email, smtp_utf8=False)
    link_id = db.scalars(select(link.c.id).where(link.c.purpose == "change_email").order_by(link.c.id.desc())).first()
    return one_time_links.token(secret.signer(settings), link_id, "change_email")


def test_a_new_password_ends_what_was_asked_for_with_the_old_one(database, settings, ann):
    with database.writing() as db:
        token = asked_for_new_address(db, settings, ann)
        password_services.change(db, now=NOW, account_id=ann, password_hash="new", end_tokens=True)

    with pytest.raises(NotFound), database.writing() as db:
        password_services.change_email(db, secret.signer(settings), now=NOW, token=token)


def test_a_new_address_ends_the_links_that_were_sent_to_the_old_one(database, settings, ann):
    signer = secret.signer(settings)
    with database.writing() as db:
        reset = one_time_links.token(signer, one_time_links.add(db, "reset", now=NOW, account_id=ann), "reset")
        other = asked_for_new_address(db, settings, ann, "other@mail.example")
        password_services.change_email(
            db, signer, now=NOW, token=asked_for_new_address(db, settings, ann, "new@mail.example")
        )

    with pytest.raises(NotFound), database.writing() as db:
        password_services.reset(db, signer, now=NOW, token=reset, password_hash="x", end_tokens=True)
    with pytest.raises(NotFound), database.writing() as db:
        password_services.change_email(db, signer, now=NOW, token=other)


@pytest.mark.faults
@pytest.mark.parametrize("way", ["changed", "reset"])
@pytest.mark.parametrize("end_tokens", [True, False], ids=["signing apps out", "leaving apps signed in"])
def test_a_new_password_ends_what_may_act_for_the_account_if_that_is_asked(
    database, settings, ann, make_application, way, end_tokens
):
    signer = secret.signer(settings)
    with database.writing() as db:
        bearer = tokens.create_personal(db, now=NOW, account_id=ann, name="script", scopes="read")
        application_id, code = make_application(db), "a code"
        grants.add(db, now=NOW, code=code, application_id=application_id, account_id=ann, **CODE)
        if way == "changed":
            password_services.change(db, now=NOW, account_id=ann, password_hash="new", end_tokens=end_tokens)
        else:
            token = one_time_links.token(signer, one_time_links.add(db, "reset", now=NOW, account_id=ann), "reset")
            password_services.reset(db, signer, now=NOW, token=token, password_hash="newer", end_tokens=end_tokens)

        assert (viewers.by_token(db, bearer, now=NOW) is None) == end_tokens
        assert (grants.find(db, now=NOW, code=code, application_id=application_id) is None) == end_tokens


class ChangingPasswords(Passwords):
    """Changes an account's password while the old one is being checked, which takes its time."""

    def __init__(self, settings, database, account_id):
        super().__init__(settings)
        self.database = database
        self.account_id = account_id

    def verify(self, stored, password):
        if stored == "new":
            return super().verify(stored, password)
        with self.database.writing() as db:
            password_services.change(db, now=NOW, account_id=self.account_id, password_hash="new", end_tokens=True)
        return super().verify(stored, password)


def test_the_old_password_opens_nothing_once_there_is_a_new_one(database, settings, ann, log_in):
    with pytest.raises(NotAuthenticated):
        log_in(using=ChangingPasswords(settings, database, ann))

    with database.reading() as db:
        assert credentials.sessions(db, ann, now=NOW) == []


@pytest.mark.parametrize("change", ["signature", "purpose", "age", "number"])
def test_a_link_works_only_as_it_was_made(db, settings, make_account, change):
    signer = secret.signer(settings)
    link_id = one_time_links.add(db, "confirm", now=NOW, account_id=make_account("bob").id)
    token = one_time_links.token(signer, link_id, "confirm")
    forged = {"signature": token[:-2] + "xx", "number": token.replace(str(link_id), str(link_id + 1))}.get(
        change, token
    )
    purpose = "reset" if change == "purpose" else "confirm"
    now = NOW + one_time_links.LIFETIMES_MS["confirm"] if change == "age" else NOW

    with pytest.raises(NotFound):
        one_time_links.use(db, signer, forged, purpose, now=now)
    assert one_time_links.use(db, signer, token, "confirm", now=NOW).id == link_id


def test_a_new_address_counts_only_when_its_owner_opens_the_link(database, settings, ann):
    signer = secret.signer(settings)
    with database.writing() as db:
        password_services.ask_to_change_email(db, now=NOW, account_id=ann, email="new@mail.example", smtp_utf8=False)
        before = credentials.get(db, ann).email
        link_id = one_time_links.add(db, "change_email", now=NOW, account_id=ann, detail="new@mail.example")
        password_services.change_email(db, signer, now=NOW, token=one_time_links.token(signer, link_id, "change_email"))
        after = credentials.get(db, ann).email

    assert (before, after) == ("Ann@mail.example", "new@mail.example")
    assert mails(database) == ["change_email_asked", "change_email", "email_changed"]


def test_ending_one_session_leaves_the_others(database, ann, log_in):
    first, second = log_in(), log_in()
    with database.writing() as db:
        found = viewers.by_session(db, first, now=NOW)
        sessions.end_one(db, account_id=ann, session_id=found.id)
        left = credentials.sessions(db, ann, now=NOW)

    assert (viewer(database, first), viewer(database, second), len(left)) == (None, ann, 1)
    with pytest.raises(NotFound), database.writing() as db:
        sessions.end_one(db, account_id=ann, session_id=found.id)


def test_a_session_secret_is_worth_nothing_as_a_token(database, ann, log_in):
    with database.reading() as db:
        assert viewers.by_token(db, log_in(), now=NOW) is None
