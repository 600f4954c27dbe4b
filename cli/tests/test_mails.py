import pytest
from sqlalchemy import update

from twite_common.queries.accounts import credentials as credential_queries
from twite_common.secret import Signer
from twite_common.services.notifications import mail_bounces, mails
from twite_common.settings import Settings
from twite_common.tables import credentials


def test_without_a_mail_server_a_test_mail_is_a_file(twite, data):
    sent = twite("mail test ann@mail.example")
    written = [path.read_text() for path in (data / "mail").glob("*.eml")]

    assert sent.exit_code == 0
    assert ["To: ann@mail.example" in content for content in written] == [True]


def test_a_mail_server_that_is_not_there_is_explained(twite, environment):
    environment.setenv("TWITE_SMTP", "smtp://127.0.0.1:1")
    sent = twite("mail test ann@mail.example")

    assert sent.exit_code == 1
    assert "Please check the setting smtp" in sent.stderr


def test_a_test_mail_that_no_file_can_be_made_of_is_explained(twite, data):
    (data / "mail").touch()
    sent = twite("mail test ann@mail.example")

    assert (sent.exit_code, sent.stdout) == (1, "")
    assert "can't store files" in sent.stderr


@pytest.fixture
def refused(database, twite, ann):
    """Ann and Bob, whose addresses the mail server refused again and again."""
    twite("account create bob --email bob@mail.example --confirmed --password-stdin", input="correct horse battery\n")
    with database.writing() as db:
        values = {"mail_failed_at": 1_790_000_000_000, "mail_failure": "550 Gone.", "mail_refusals": 3}
        db.execute(update(credentials).values(values))


@pytest.mark.usefixtures("refused")
def test_addresses_that_take_no_mail_are_listed_and_written_to_again(twite):
    listed = twite("mail failures").stdout.splitlines()
    shown = twite("account show ann").stdout
    one = twite("mail clear-failures ann")
    left = twite("mail failures").stdout.splitlines()
    every = twite("mail clear-failures --all")

    assert sorted(listed) == [
        f"{name}\t{name}@mail.example\t2026-09-21 14:13 UTC\t550 Gone." for name in ("ann", "bob")
    ]
    assert "no longer sent, because the address was refused: 550 Gone." in shown
    assert (one.stdout, every.stdout) == ("Resumed mail to 1 account.\n",) * 2
    assert [line.partition("\t")[0] for line in left] == ["bob"]
    assert twite("mail failures").stdout == ""


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize("given", ["", "ann --all"])
def test_either_accounts_are_named_or_all_are_meant(twite, given):
    refused = twite(f"mail clear-failures {given}")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "use --all" in refused.stderr


def test_what_comes_back_is_read_from_a_pipe(twite, database, ann, environment):
    environment.setenv("TWITE_MAIL_BOUNCES", "bounces@twite.example")
    environment.setenv("TWITE_SECRET_KEY", "a test's key")
    with database.writing() as db:
        account_id = credential_queries.by_login(db, "ann").account_id
        mail_id = mails.add(db, "digest", now=1, address="ann@mail.example", account_id=account_id)
    settings = Settings(mail_bounces="bounces@twite.example")
    address = mail_bounces.return_address(settings, Signer(b"a test's key"), mail_id)
    report = (
        f"To: {address}\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx\n\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 Gone\n\n--b--\n"
    )
    forged = twite("mail bounce", input=report.replace("-", "-0", 1))
    other = twite("mail bounce", input="Subject: I am away\n\nBye")
    noted = twite("mail bounce", input=report)

    assert [one.exit_code for one in (forged, other, noted)] == [0, 0, 0]
    assert "no report" in other.stderr
    assert "Noted (hard): 550 Gone" in noted.stderr
    assert "550 Gone" in twite("mail failures").stdout
