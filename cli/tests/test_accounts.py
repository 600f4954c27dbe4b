import pytest
from sqlalchemy import select

from support import authenticator
from support.deletion import finish_deletions
from twite_common import outbox, secret
from twite_common.passwords import Passwords
from twite_common.queries import usernames
from twite_common.queries.accounts import credentials
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.identity import registrations
from twite_common.services.identity.registrations import SignUp
from twite_common.settings import load
from twite_common.tables import account, audit_entry, mail, session

CREATE = "account create ann --email ann@mail.example --password-stdin"
NEW = "a fresh battery staple"


def private(database, name):
    with database.reading() as db:
        return credentials.by_login(db, name)


def test_an_account_is_made_with_the_password_from_standard_input(twite, database):
    made = twite(f"{CREATE} --role admin --confirmed", input="correct horse battery\n")
    found = private(database, "ann")

    assert (made.exit_code, made.output) == (0, "Created @ann.\n")
    assert Passwords(load()).verify(found.password_hash, "correct horse battery")
    assert (found.role, found.email, found.confirmed_at is not None) == ("admin", "ann@mail.example", True)


def test_an_address_is_stored_in_one_form_and_shown_readably(twite, database):
    twite("account create ann --email ann@münchen.example --password-stdin", input=f"{NEW}\n")

    assert private(database, "ann@xn--mnchen-3ya.example").email == "ann@xn--mnchen-3ya.example"
    for shown in (twite("account list"), twite("account show ann@münchen.example"), twite("account show ann")):
        assert "ann@münchen.example" in shown.output


@pytest.mark.parametrize(("setting", "exit_code"), [("false", 1), ("true", 0)])
def test_letters_before_the_at_need_a_mail_server_that_takes_them(twite, environment, setting, exit_code):
    environment.setenv("TWITE_SMTP_UTF8", setting)
    made = twite("account create ann --email jörg@mail.example --password-stdin", input=f"{NEW}\n")

    assert made.exit_code == exit_code
    assert ("mail server only accepts" in made.output) == bool(exit_code)


def test_an_account_that_is_not_confirmed_gets_a_mail(twite, database):
    twite(CREATE, input="correct horse battery\n")
    with database.reading() as db:
        kinds = list(db.scalars(select(mail.c.kind)))

    assert (private(database, "ann").confirmed_at, kinds) == (None, ["confirm"])


@pytest.mark.parametrize(
    ("typed", "password"),
    [
        (CREATE, b"short\n"),
        (CREATE, b""),
        (CREATE, b"\xff\xfe not text \xff\n"),
        ("account create a-b --email ann@mail.example --password-stdin", b"correct horse battery\n"),
        ("account create ann --email nowhere --password-stdin", b"correct horse battery\n"),
    ],
)
def test_an_account_that_breaks_a_rule_is_not_made(twite, database, typed, password):
    refused = twite(typed, input=password)

    assert (refused.exit_code, refused.stderr.startswith("Error: ")) == (1, True)
    with database.reading() as db:
        assert db.scalar(select(account.c.id)) is None


def test_a_name_or_address_that_is_taken_is_refused(twite, ann):
    name = twite("account create ANN --email other@mail.example --password-stdin", input=f"{NEW}\n")
    address = twite("account create bob --email ANN@mail.example --password-stdin", input=f"{NEW}\n")

    assert (name.exit_code, "taken" in name.stderr) == (1, True)
    assert (address.exit_code, "already an account" in address.stderr) == (1, True)


def test_a_password_is_neither_an_argument_nor_repeated(twite):
    refused = twite("account create ann --email ann@mail.example", input="correct horse battery\n")
    made = twite(CREATE, input="correct horse battery\n")

    assert (refused.exit_code, made.exit_code) == (2, 0)
    assert "horse" not in refused.output + made.output


def test_accounts_are_listed_by_name_with_their_state(twite, database, ann):
    twite("account create Zoe --email zoe@mail.example --password-stdin --role moderator", input=f"{NEW}\n")
    twite("account create bob --email bob@mail.example --password-stdin --confirmed", input=f"{NEW}\n")
    twite("account suspend bob")
    shown = twite("account list")

    assert [line.split("\t") for line in shown.output.splitlines()] == [
        ["ann", "ann@mail.example", "-", "active"],
        ["bob", "bob@mail.example", "-", "suspended"],
        ["Zoe", "zoe@mail.example", "moderator", "unconfirmed"],
    ]


@pytest.mark.parametrize("name", ["ann", "@ann", "ANN", "ann@mail.example"])
def test_an_account_is_shown_by_name_or_address(twite, ann, name):
    shown = twite("account show", name)

    assert "@ann" in shown.output
    assert "ann@mail.example" in shown.output
    assert "argon2" not in shown.output


def test_an_account_is_confirmed(twite, database):
    twite(CREATE, input=f"{NEW}\n")
    twite("account confirm ann")

    assert private(database, "ann").confirmed_at is not None


def test_an_account_is_approved(twite, database, environment):
    environment.setenv("TWITE_REGISTRATION", "approval")
    with database.writing() as db:
        form = SignUp(username="ann", email="ann@mail.example", password_hash="x")
        registrations.add(db, load(), now=1_700_000_000_000, sign_up=form)
    before = twite("account show ann").output
    twite("account confirm ann")
    waiting = twite("account show ann").output
    twite("account approve ann")
    after = twite("account show ann").output

    assert ["unconfirmed" in before, "waiting" in waiting, "active" in after] == [True, True, True]


def test_a_role_is_given_and_taken(twite, database, ann):
    twite("account set-role ann admin")
    given = private(database, "ann").role
    twite("account set-role ann none")

    assert (given, private(database, "ann").role) == ("admin", "")


def test_a_new_password_ends_log_ins(twite, database, ann):
    with database.writing() as db:
        found = credentials.by_login(db, "ann")
        values = {"id": 1, "secret_hash": secret.digest("x"), "account_id": found.account_id, "seen_at": 0}
        db.execute(session.insert(), {**values, "expires_at": 0})
    changed = twite("account set-password ann --password-stdin", input=f"{NEW}\n")

    assert changed.output == "Set the password of @ann.\n"
    assert Passwords(load()).verify(private(database, "ann").password_hash, NEW)
    with database.reading() as db:
        assert db.scalar(select(session.c.id)) is None


def test_a_suspended_account_is_hidden_until_it_no_longer_is(twite, database, ann):
    def shown():
        with database.reading() as db:
            return usernames.ids_by_username(db, ["ann"]) != {}

    twite("account suspend ann")
    during = (private(database, "ann").suspended_at is not None, shown())
    twite("account unsuspend ann")

    assert (during, private(database, "ann").suspended_at, shown()) == ((True, False), None, True)


def test_a_deleted_account_leaves_no_rows_and_a_task_removes_its_pictures(twite, database, ann):
    stored = f"00/{0:064}.webp"
    with database.writing() as db:
        found = credentials.by_login(db, "ann")
        profiles.change_profile(db, now=1, account_id=found.account_id, changes=ProfileChanges(avatar=stored))
    deleted = twite("account delete ann")

    assert (deleted.output, private(database, "ann")) == ("Deleted @ann.\n", None)
    with database.writing() as db:
        finish_deletions(db)
        assert stored in [name for one in outbox.pending(db) for name in one.details().get("names", [])]


def test_what_is_done_is_recorded(twite, database, ann):
    twite(f"{CREATE.replace('ann', 'bob')}", input=f"{NEW}\n")
    for command in ("confirm bob", "approve bob", "set-role bob moderator", "suspend bob", "unsuspend bob"):
        assert twite(f"account {command}").exit_code == 0
    twite("account set-password bob --password-stdin", input=f"{NEW}\n")
    twite("account delete bob")
    twite("account suspend bob")
    with database.reading() as db:
        found = db.execute(select(audit_entry).order_by(audit_entry.c.id)).all()

    done = ["create", "confirm", "approve", "change_role", "suspend", "unsuspend", "change_password", "delete"]
    assert [row.action for row in found if row.target_name == "bob"] == done
    assert {(row.by_command, row.account_id, row.target_kind) for row in found} == {(True, None, "account")}


def test_who_lost_everything_logs_in_with_the_password_alone_and_is_told(twite, database, ann):
    without = twite("account remove-second-factor ann")
    authenticator.set_up(database, load(), private(database, "ann").account_id)
    shown = twite("account show ann").output
    removed = twite("account remove-second-factor ann")
    with database.reading() as db:
        kinds = list(db.scalars(select(mail.c.kind).order_by(mail.c.id)))
        actions = list(db.scalars(select(audit_entry.c.action).where(audit_entry.c.by_command)))

    assert (without.exit_code, without.output) == (1, "Error: This account has no second factor.\n")
    assert "2nd factor: since " in shown
    assert (removed.exit_code, removed.output) == (0, "@ann logs in with the password alone.\n")
    assert private(database, "ann").second_factor_at is None
    assert kinds[-1] == "second_factor_removed"
    assert actions[-1] == "remove_second_factor"
