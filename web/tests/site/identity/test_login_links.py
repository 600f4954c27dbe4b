"""Logging in with a link from a mail on the website."""

import msgspec
import pytest
from sqlalchemy import select

from support import authenticator
from twite_common import clock
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.secret import signer
from twite_common.services import one_time_links
from twite_common.tables import mail

ASK = "/login/link"


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, login_links=True)


@pytest.fixture
def link_in_mail(database, settings):
    """Return the path of the link in the only mail that has one."""

    def link_in_mail():
        with database.reading() as db:
            detail = db.scalars(select(mail.c.detail).where(mail.c.kind == "login_link")).one()
        return f"{ASK}/{one_time_links.token(signer(settings), msgspec.json.decode(detail)['link_id'], 'login_link')}"

    return link_in_mail


def sessions(database, person):
    with database.reading() as db:
        return credential_queries.sessions(db, person.id, now=clock.now())


def ask(browser, email="ann@mail.example", next=""):
    browser.open(f"/login?next={next}")
    browser.open(browser.page.find("a", string="Log in with a link by e-mail")["href"])
    return browser.submit(ASK, {"email": email})


def test_opening_it_does_nothing_and_the_button_logs_in(database, ann, stranger, link_in_mail):
    ask(stranger, next="/settings/security")
    sent = stranger.path
    link = link_in_mail()
    for _scanner in range(3):
        stranger.client.get(link)
        stranger.client.head(link)
    before = sessions(database, ann)
    stranger.open(link)
    stranger.submit(link)

    assert sent == "/login/link/sent"
    assert before == []
    assert stranger.path == "/settings/security"
    assert "Login with a link from an e-mail" in stranger.text
    assert len(sessions(database, ann)) == 1
    assert stranger.client.cookies.get("twite-device")


def test_it_works_once(ann, stranger, open_browser, link_in_mail):
    ask(stranger)
    link = link_in_mail()
    stranger.open(link)
    form = {"form_token": stranger.value("form_token")}
    stranger.submit(link)
    stranger.client.cookies.delete("twite")
    again = stranger.client.post(link, data=form)

    assert again.status_code == 404


def test_in_another_browser_it_says_where_it_works(database, ann, stranger, open_browser, link_in_mail):
    ask(stranger)
    link, other = link_in_mail(), open_browser()
    other.open(link)
    said = other.text
    forms = [action for action in other.actions() if action == link]
    other.open(ASK)
    refused = other.client.post(link, data={"form_token": other.value("form_token")})

    assert "You asked for this link in another browser" in said
    assert forms == []
    assert refused.status_code == 403
    assert sessions(database, ann) == []
    stranger.open(link)
    assert stranger.submit(link).url.path == "/"


def test_the_second_factor_is_asked_for(database, settings, ann, stranger, link_in_mail):
    app = authenticator.set_up(database, settings, ann.id)
    ask(stranger, next="/settings")
    link = link_in_mail()
    stranger.open(link)
    stranger.submit(link)
    between = (stranger.path, sessions(database, ann))
    stranger.submit("/login/code", {"code": app.code()})

    assert between == ("/login/code", [])
    assert stranger.path == "/settings"


def test_nobody_learns_who_has_an_account(ann, stranger, open_browser):
    answers = []
    for browser, email in ((stranger, "ann@mail.example"), (open_browser(), "nobody@mail.example")):
        ask(browser, email)
        answers.append((browser.path, browser.text))

    assert answers[0] == answers[1]


def test_a_link_does_not_lead_to_other_sites(ann, stranger, link_in_mail):
    stranger.open(ASK)
    stranger.submit(ASK, {"email": "ann@mail.example", "next": "https://evil.example/"})
    link = link_in_mail()
    stranger.open(link)

    assert str(stranger.submit(link).url) == "http://twite.example/"


class TestFewMails:
    @pytest.fixture
    def settings(self, settings):
        return msgspec.structs.replace(settings, limit_mails=2)

    def test_an_address_asks_for_a_few_only(self, ann, stranger):
        statuses = [ask(stranger, f"name{number}@mail.example").status_code for number in range(3)]

        assert statuses == [200, 200, 429]


class TestWhereItIsOff:
    @pytest.fixture
    def settings(self, settings):
        return msgspec.structs.replace(settings, login_links=False)

    def test_it_is_not_offered(self, ann, stranger):
        stranger.open("/login")
        links = [link["href"] for link in stranger.page.select(".gate-links a")]

        assert not [link for link in links if link.startswith(ASK)]
        assert stranger.open(ASK).status_code == 404
