"""Signing up: for whom the site is open, what is refused, and what nobody learns."""

import msgspec
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, insert, select

from twite_common import clock
from twite_common.passwords import Passwords
from twite_common.queries.accounts import credentials
from twite_common.secret import signer
from twite_common.services import one_time_links
from twite_common.services.identity import confirmations, invitations
from twite_common.tables import account, mail, rule

DOT = {"username": "dot", "email": "dot@mail.example", "password": "a long enough one"}


@pytest.fixture
def settings(settings, request):
    return msgspec.structs.replace(settings, **getattr(request, "param", {}))


def registration(kind, **changes):
    """Run a test on a site with that kind of registration."""
    return pytest.mark.parametrize("settings", [{"registration": kind, **changes}], indirect=True, ids=[kind])


def known(database, name="dot"):
    with database.reading() as db:
        return credentials.by_login(db, name)


def mails(database):
    with database.reading() as db:
        return [tuple(row) for row in db.execute(select(mail.c.kind, mail.c.address).order_by(mail.c.id))]


@pytest.mark.parametrize(("said", "zone"), [("Europe/Berlin", "Europe/Berlin"), ("", "UTC"), ("Nowhere", "UTC")])
def test_a_new_account_has_the_time_zone_of_its_browser(database, stranger, said, zone):
    stranger.open("/signup?agreed=1")
    stranger.submit("/signup", {**DOT, "time_zone": said})
    with database.reading() as db:
        found = credentials.preferences_of(db, known(database).account_id)

    assert found.time_zone == zone


def test_a_new_account_waits_for_its_address_to_be_confirmed(database, stranger):
    stranger.open("/signup?agreed=1")
    stranger.submit("/signup", DOT)

    assert stranger.path == "/signup/sent"
    assert known(database).confirmed_at is None
    assert mails(database) == [("confirm", "dot@mail.example")]


@pytest.mark.parametrize(
    ("settings", "changes", "found"),
    [
        ({}, {}, True),
        ({}, {"indexable": None}, False),
        ({"search_by_default": False}, {}, False),
        ({"search_by_default": False}, {"indexable": "1"}, True),
    ],
    indirect=["settings"],
)
def test_members_find_the_posts_of_new_ones_unless_these_say_no(database, stranger, changes, found):
    stranger.open("/signup?agreed=1")
    stranger.submit("/signup", DOT | changes)
    with database.reading() as db:
        row = db.execute(select(account.c.indexable, account.c.noindex).where(account.c.username == "dot")).one()

    assert (row.indexable, row.noindex) == (found, True)


def test_an_address_that_has_an_account_gets_the_same_answer_and_its_owner_a_mail(database, ann, stranger):
    stranger.open("/signup?agreed=1")
    stranger.submit("/signup", DOT | {"email": "ANN@mail.example"})
    known_address = stranger.path, stranger.text
    stranger.open("/signup?agreed=1")
    stranger.submit("/signup", DOT)

    assert (stranger.path, stranger.text) == known_address
    assert mails(database) == [("already_registered", "ann@mail.example"), ("confirm", "dot@mail.example")]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"username": ""}, "Please choose a username."),
        ({"username": "no spaces"}, "letters (a-z), digits and underscores."),
        ({"username": "d\0t"}, "letters (a-z), digits and underscores."),
        ({"username": "d\u202eot"}, "letters (a-z), digits and underscores."),
        ({"username": "d" * 31}, "The username can have at most 30 characters."),
        ({"username": "admin"}, "The name admin is reserved."),
        ({"username": "ANN"}, "The name ANN is taken."),
        ({"email": ""}, "Please enter your e-mail address."),
        ({"email": "dot"}, "This isn't an e-mail address"),
        ({"email": "d\0t@mail.example"}, "This isn't an e-mail address"),
        ({"email": "dot@mail.example\nBcc: eve@mail.example"}, "This isn't an e-mail address"),
        ({"password": "short"}, "The password must have 8 to 1024 characters."),
        ({"password": "x" * 1025}, "The password must have 8 to 1024 characters."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_rest_stays_typed(database, ann, stranger, changes, sentence):
    stranger.open("/signup?agreed=1")
    response = stranger.submit("/signup", DOT | changes)
    [field] = changes
    sent = DOT | changes

    assert response.status_code == 422
    assert sentence in stranger.page.find(id=f"{field}-problem").get_text()
    assert stranger.value("email") == sent["email"]
    assert stranger.value("password") == ""
    assert mails(database) == []
    with database.reading() as db:
        assert credentials.count_accounts(db) == 1


@pytest.fixture
def hashes(monkeypatch):
    """The passwords that were hashed."""
    passwords = []
    hash_one = Passwords.hash_again
    monkeypatch.setattr(
        Passwords, "hash_again", lambda self, password: passwords.append(password) or hash_one(self, password)
    )
    return passwords


EVERYTHING_WRONG = {"username": "ANN", "email": "dot", "password": "short"}


@pytest.mark.parametrize("changes", [*({field: wrong} for field, wrong in EVERYTHING_WRONG.items()), EVERYTHING_WRONG])
def test_everything_that_is_wrong_is_said_at_once_and_nothing_hashed(ann, stranger, hashes, changes):
    stranger.open("/signup?agreed=1")
    response = stranger.submit("/signup", DOT | changes)
    marked = [field for field in DOT if stranger.page.find(id=f"{field}-problem")]

    assert (response.status_code, marked) == (422, list(changes))
    assert hashes == []


@pytest.mark.parametrize(
    ("settings", "status"),
    [({"registration": "closed"}, 403), ({"registration": "invitation"}, 403)],
    indirect=["settings"],
)
def test_whoever_cannot_sign_up_costs_no_hash(stranger, hashes, status):
    token = stranger.open("/login") and stranger.value("form_token")
    response = stranger.client.post("/signup", data=DOT | {"form_token": token, "invitation": "x"})

    assert (response.status_code, hashes) == (status, [])


def test_a_password_is_never_in_the_page_that_refuses_it(stranger):
    stranger.open("/signup?agreed=1")
    stranger.submit("/signup", DOT | {"username": "", "password": "an unmistakable password"})

    assert "unmistakable" not in stranger.response.text


def test_the_first_step_says_what_one_agrees_to(database, stranger):
    with database.writing() as db:
        db.execute(insert(rule).values(id=1, text="Be <kind>.", hint="", position=1))
    stranger.open("/signup")

    assert "Be <kind>." in stranger.text
    assert stranger.value("agreed") == "1"
    assert stranger.page.find("input", attrs={"name": "username"}) is None


def test_nobody_signs_up_without_having_agreed(database, stranger):
    stranger.open("/signup?agreed=1")
    response = stranger.client.post("/signup", data=DOT | {"form_token": stranger.value("form_token")})

    assert response.status_code == 422
    assert "Agreement must be accepted" in response.text
    assert known(database) is None


def test_the_invitation_goes_with_one_to_the_second_step(stranger):
    stranger.open("/signup?invitation=abc")
    first = stranger.value("invitation")
    stranger.open("/signup?invitation=abc&agreed=1")

    assert (first, stranger.value("invitation")) == ("abc", "abc")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("username", "dot", "This name is free."),
        ("username", "ANN", "The name ANN is taken."),
        ("username", "admin", "The name admin is reserved."),
        ("username", "d t", "The username can only contain"),
        ("email", "ann@mail.example", "This looks like an address."),
        ("email", "ann", "This isn't an e-mail address"),
        ("password", "a long enough one", "This password is hard to guess."),
        ("password", "password1", "This password is too easy to guess."),
    ],
)
def test_fields_are_checked_while_one_types(ann, stranger, field, typed, said):
    stranger.open("/signup?agreed=1")
    form = {"form_token": stranger.value("form_token"), "field": field, field: typed}
    response = stranger.client.post("/signup/check", data=form, headers={"Twite-Part": "1"})

    assert response.status_code == 200
    assert said in BeautifulSoup(response.text, "html.parser").find(id=f"{field}-check").text
    assert typed not in response.text or field == "username"


@registration("open", signups=1)
def test_checks_are_limited_like_signing_up(stranger):
    stranger.open("/signup?agreed=1")
    form = {"form_token": stranger.value("form_token"), "field": "username", "username": "dot"}
    answers = [stranger.client.post("/signup/check", data=form).text for _ in range(21)]

    assert "This name is free." in answers[19]
    assert "Too many attempts." in answers[20]


def test_a_field_that_is_not_checked_is_refused(stranger):
    stranger.open("/signup?agreed=1")
    form = {"form_token": stranger.value("form_token"), "field": "reason"}

    assert stranger.client.post("/signup/check", data=form).status_code == 404


def test_a_form_without_its_token_is_refused(client, database):
    client.get("/signup")
    response = client.post("/signup", data=DOT)

    assert response.status_code == 403
    assert known(database) is None


def test_a_form_with_somebody_elses_token_is_refused(open_browser, database):
    ours, theirs = open_browser(), open_browser()
    ours.open("/signup?agreed=1")
    theirs.open("/signup?agreed=1")
    response = theirs.client.post("/signup", data=DOT | {"form_token": ours.value("form_token")})

    assert response.status_code == 403
    assert known(database) is None


@registration("open", signups=2)
def test_sign_ups_from_one_address_are_limited_and_the_count_is_kept(database, stranger):
    for name in ("dot", "eve", "fay"):
        stranger.open("/signup?agreed=1")
        response = stranger.submit("/signup", DOT | {"username": name, "email": f"{name}@mail.example"})

    assert response.status_code == 429
    assert 0 < int(response.headers["retry-after"]) <= 1800
    assert "Please wait" in stranger.text
    assert stranger.value("username") == "fay"
    assert known(database, "eve") is not None
    assert known(database, "fay") is None


@registration("closed")
def test_a_closed_site_has_no_form_and_takes_nobody(database, stranger):
    stranger.open("/signup?agreed=1")
    no_form = "/signup" not in stranger.actions()
    token = stranger.open("/login") and stranger.value("form_token")
    response = stranger.client.post("/signup", data=DOT | {"form_token": token})

    assert no_form
    assert response.status_code == 403
    assert known(database) is None


@registration("invitation")
def test_an_invitation_lets_somebody_sign_up(database, settings, ann, stranger):
    with database.writing() as db:
        id = invitations.invite(db, signer(settings), settings, now=clock.now(), account_id=ann.id, uses=1)
    stranger.open("/signup?agreed=1")
    without = stranger.actions()
    stranger.open(f"/signup?agreed=1&invitation={invitations.code(signer(settings), id)}")
    stranger.submit("/signup", DOT)

    assert "/signup" not in without
    assert stranger.path == "/signup/sent"
    assert known(database).approved_at is not None


@registration("invitation")
def test_an_invitation_that_does_not_work_is_refused(database, stranger):
    stranger.open("/signup?agreed=1&invitation=x")
    response = stranger.submit("/signup", DOT)

    assert response.status_code == 403
    assert "This invitation doesn't work" in stranger.text
    assert known(database) is None


@registration("approval")
def test_where_approval_is_asked_for_a_reason_is_taken_and_the_account_waits(database, settings, stranger):
    stranger.open("/signup?agreed=1")
    stranger.submit("/signup", DOT | {"reason": "I like\r\nshort posts."})
    found = known(database)
    with database.reading() as db:
        token = one_time_links.token(signer(settings), _link_id(db), "confirm")
    stranger.open(f"/confirm/{token}")
    stranger.submit(f"/confirm/{token}")

    assert found.reason == "I like\nshort posts."
    assert "Staff will review your account next" in stranger.text
    assert known(database).approved_at is None


def _link_id(db):
    detail = db.scalars(select(mail.c.detail).where(mail.c.kind == "confirm")).all()[-1]
    return msgspec.json.decode(detail)["link_id"]


@registration("approval")
def test_a_reason_that_is_too_long_is_refused_and_stays_typed(database, stranger):
    stranger.open("/signup?agreed=1")
    response = stranger.submit("/signup", DOT | {"reason": "x" * 1001})

    assert response.status_code == 422
    assert stranger.value("reason") == "x" * 1001
    assert known(database) is None


class TestConfirming:
    @pytest.fixture
    def settings(self, settings):
        return msgspec.structs.replace(settings, limit_mails=5)

    @pytest.fixture
    def token(self, database, settings, stranger):
        stranger.open("/signup?agreed=1")
        stranger.submit("/signup", DOT)
        with database.reading() as db:
            return one_time_links.token(signer(settings), _link_id(db), "confirm")

    def test_opening_the_link_changes_nothing_until_the_button_is_pressed(self, database, stranger, token):
        stranger.open(f"/confirm/{token}")
        before = known(database).confirmed_at
        stranger.submit(f"/confirm/{token}")

        assert before is None
        assert known(database).confirmed_at is not None
        assert stranger.path == "/login"
        assert "Your e-mail address has been confirmed. You can log in now." in stranger.text

    def test_a_link_works_once(self, stranger, token):
        stranger.open(f"/confirm/{token}")
        stranger.submit(f"/confirm/{token}")

        assert stranger.open(f"/confirm/{token}").status_code == 404
        assert "This link doesn't work" in stranger.text

    @pytest.mark.parametrize("forged", ["x", "1.x", "99999999999999999999.x", "-1.x", "%00", "1.%ff"])
    def test_a_forged_link_does_not_work(self, stranger, forged):
        assert stranger.open(f"/confirm/{forged}").status_code == 404

    def test_a_link_for_something_else_does_not_work(self, stranger, token):
        assert stranger.open(f"/reset/{token}").status_code == 404

    def test_another_link_is_sent_to_an_address_that_waits_and_to_no_other(self, database, ann, stranger, token):
        before = len(mails(database))
        answers = set()
        for email in ("dot@mail.example", "ann@mail.example", "nobody@mail.example", "d\0t", ""):
            stranger.open("/confirm")
            stranger.submit("/confirm", {"email": email})
            answers.add((stranger.path, stranger.text))

        assert len(answers) == 1
        assert mails(database)[before:] == [("confirm", "dot@mail.example")]

    def test_links_are_not_sent_without_end(self, stranger, token):
        for _ in range(6):
            stranger.open("/confirm")
            response = stranger.submit("/confirm", {"email": "dot@mail.example"})

        assert response.status_code == 429


class TestTheFirstAccount:
    @pytest.fixture
    def token(self, database, settings):
        with database.writing() as db:
            return one_time_links.token(
                signer(settings), one_time_links.add(db, "first_account", now=clock.now()), "first_account"
            )

    def test_it_administrates_and_is_logged_in(self, database, stranger, token):
        stranger.open(f"/first/{token}")
        stranger.submit(f"/first/{token}", DOT)
        found = known(database)

        assert (found.role, found.confirmed_at is not None) == ("admin", True)
        assert stranger.open("/settings").status_code == 200
        assert "Administration" in stranger.text

    def test_the_link_works_once(self, stranger, token):
        stranger.open(f"/first/{token}")
        stranger.submit(f"/first/{token}", DOT)

        assert stranger.open(f"/first/{token}").status_code == 404

    def test_what_is_wrong_is_said_and_the_link_still_works(self, database, stranger, token):
        stranger.open(f"/first/{token}")
        response = stranger.submit(f"/first/{token}", DOT | {"username": "?"})
        kept = stranger.value("email")
        stranger.submit(f"/first/{token}", DOT)

        assert (response.status_code, kept) == (422, "dot@mail.example")
        assert known(database).role == "admin"

    def test_everything_that_is_wrong_is_said_at_once_and_nothing_hashed(self, stranger, hashes, token):
        stranger.open(f"/first/{token}")
        response = stranger.submit(f"/first/{token}", DOT | {"username": "?", "email": "dot", "password": "short"})
        marked = [field for field in DOT if stranger.page.find(id=f"{field}-problem")]

        assert (response.status_code, marked, hashes) == (422, ["username", "email", "password"], [])

    def test_it_is_refused_once_there_is_an_account(self, database, ann, stranger, token):
        stranger.open(f"/first/{token}")
        response = stranger.submit(f"/first/{token}", DOT)

        assert response.status_code == 403
        assert "This site already has an account." in stranger.text
        with database.reading() as db:
            assert db.scalar(select(func.count()).select_from(account)) == 1


def test_a_link_for_an_address_that_the_account_does_not_have_any_more_does_not_work(database, settings, ann, stranger):
    with database.writing() as db:
        confirmations.ask_to_confirm(db, now=clock.now(), account_id=ann.id, email="former@mail.example")
        token = one_time_links.token(signer(settings), _link_id(db), "confirm")
    stranger.open(f"/confirm/{token}")
    response = stranger.submit(f"/confirm/{token}")

    assert response.status_code == 404
