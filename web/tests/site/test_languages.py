"""Pages and the API's errors in the reader's language."""

import re
from contextlib import ExitStack

import pytest

from support.catalogs import catalog
from twite_common import translations
from twite_common.errors import Invalid
from twite_common.queries.accounts import credentials
from twite_common.services.accounts import preferences
from twite_common.services.accounts.preferences import PreferenceChanges
from twite_web import cookies, errors

TEXTS = {
    "de": {
        "Explore": "Entdecken",
        "Home": "Start",
        "Settings": "Einstellungen",
        "Your changes have been saved.": "Gespeichert.",
        errors.NO_SUCH_ADDRESS: "Diese Seite gibt es nicht.",
        errors.SENTENCES[405]: "Diese Adresse nimmt solche Anfragen nicht an.",
    },
    "ar": {"Explore": "استكشف"},
}


@pytest.fixture(autouse=True)
def texts(tmp_path):
    """Have some texts in German and Arabic, and in no other language."""
    with ExitStack() as there:
        for code, messages in TEXTS.items():
            lines = "".join(f'\nmsgid "{message}"\nmsgstr "{text}"\n' for message, text in messages.items())
            there.enter_context(catalog(tmp_path / "locale" / code, code, lines))
        yield


@pytest.fixture
def choose(database):
    """Have somebody choose the language that they read the site in."""

    def choose(person, locale):
        with database.writing() as db:
            preferences.change_preferences(db, account_id=person.id, changes=PreferenceChanges(locale=locale))

    return choose


def language_of(answer):
    return re.search(r'<html lang="([a-z]+)" dir="([a-z]+)">', answer.text).groups()


def test_a_stranger_reads_the_site_in_the_language_of_their_browser(client):
    german = client.get("/about", headers={"Accept-Language": "pt-BR,de-AT;q=0.8,en;q=0.5"})
    english = client.get("/about", headers={"Accept-Language": "pt-BR"})

    assert language_of(german) == ("de", "ltr")
    assert "Entdecken" in german.text
    assert language_of(english) == ("en", "ltr")
    assert "Explore" in english.text
    assert "Accept-Language" in german.headers["Vary"]


def test_a_language_that_somebody_wants_least_of_all_is_not_taken(client):
    assert language_of(client.get("/about", headers={"Accept-Language": "de;q=0"})) == ("en", "ltr")


@pytest.mark.parametrize("header", ["", "*", "de" * 500, ";;,=", "\xff"])
def test_what_is_no_wish_is_answered_in_the_language_of_the_site(client, header):
    answer = client.get("/about", headers={"Accept-Language": header.encode("latin-1")})

    assert language_of(answer) == ("en", "ltr")


def test_an_address_may_ask_for_a_language(client):
    assert language_of(client.get("/about?lang=xx")) == ("en", "ltr")
    answer = client.get("/about?lang=ar", headers={"Accept-Language": "de"})

    assert language_of(answer) == ("ar", "rtl")
    assert "استكشف" in answer.text


def test_a_stranger_who_chose_a_language_reads_on_in_it(open_browser):
    browser = open_browser().client
    chosen = browser.get("/about?lang=ar")

    assert chosen.headers["Cache-Control"].startswith("private")
    assert language_of(browser.get("/public")) == ("ar", "rtl")
    assert language_of(browser.get("/about?lang=de")) == ("de", "ltr")
    assert language_of(browser.get("/public")) == ("de", "ltr")


def test_a_member_is_not_bound_by_what_a_stranger_chose(open_browser, logged_in, ann, settings):
    browser = logged_in(ann).client
    browser.cookies.set(cookies.language_name(settings), "de", domain="twite.example")

    assert language_of(browser.get("/settings"))[0] == "en"


def test_the_tag_of_a_page_tells_its_languages_apart(client):
    german = client.get("/about", headers={"Accept-Language": "de"})
    headers = {"If-None-Match": german.headers["ETag"]}

    assert client.get("/about", headers={"Accept-Language": "de", **headers}).status_code == 304
    assert client.get("/about", headers={"Accept-Language": "en", **headers}).status_code == 200


def test_a_member_reads_the_site_in_the_language_that_they_chose(ann, logged_in, choose):
    browser = logged_in(ann).client
    browser.headers["Accept-Language"] = "ar"

    assert language_of(browser.get("/settings"))[0] == "ar"
    choose(ann, "de")
    page = browser.get("/settings")
    assert language_of(page)[0] == "de"
    assert "Einstellungen" in page.text
    assert language_of(browser.get("/settings?lang=ar"))[0] == "ar"


def test_a_page_about_a_failure_is_in_the_language_of_the_member(ann, logged_in, choose):
    choose(ann, "de")
    answer = logged_in(ann).client.get("/@nobody")

    assert answer.status_code == 404
    assert language_of(answer)[0] == "de"


@pytest.mark.parametrize("path", ["/styleguide", "/assets/1/none.js", "/statistics/1900"])
def test_whatever_is_not_there_is_told_in_the_language_of_the_reader(ann, logged_in, choose, path):
    choose(ann, "de")
    page = logged_in(ann).client.get(path, headers={"Accept-Language": "de"})

    assert page.status_code == 404
    assert "Diese Seite gibt es nicht." in page.text


def test_the_next_request_of_the_same_process_is_not_in_the_language_of_the_last(ann, logged_in, choose, client):
    choose(ann, "de")
    logged_in(ann).client.get("/settings")

    assert language_of(client.get("/about"))[0] == "en"


def test_a_member_chooses_by_the_names_that_languages_have_in_themselves(ann, logged_in, database):
    browser = logged_in(ann)
    page = browser.open("/settings/preferences")
    assert all(f">{name}</option>" in page.text for name in ("Deutsch", "العربية", "English"))

    saved = browser.submit("/settings/preferences", {"locale": "de"})

    assert language_of(saved)[0] == "de"
    assert "Gespeichert." in saved.text
    with database.reading() as db:
        assert credentials.preferences_of(db, ann.id).locale == "de"


def test_a_language_without_texts_can_not_be_chosen(ann, choose):
    with pytest.raises(Invalid):
        choose(ann, "tlh")


def test_strangers_find_the_other_languages_at_the_foot_of_a_page(client, ann, logged_in):
    page = client.get("/public?max_id=5").text

    assert '<a href="?max_id=5&amp;lang=de" lang="de" hreflang="de">Deutsch</a>' in page
    assert 'hreflang="en" aria-current="true">English</a>' in page
    assert "hreflang" not in logged_in(ann).client.get("/settings").text


def test_whoever_signs_up_keeps_the_language_that_they_do_it_in(client, open_browser, database):
    browser = open_browser()
    browser.client.headers["Accept-Language"] = "de"
    browser.open("/signup?agreed=1")
    browser.submit("/signup", {"username": "eva", "email": "eva@mail.example", "password": "a long passphrase 7"})

    with database.reading() as db:
        account = credentials.by_login(db, "eva")
        assert credentials.locale_of(db, account.account_id) == "de"


def test_an_application_is_told_of_failures_in_the_language_that_it_asks_for(api):
    stranger = api()
    german = "Diese Adresse nimmt solche Anfragen nicht an."

    assert stranger.delete("/api/v1/instance", headers={"Accept-Language": "de"}).json() == {"error": german}
    assert stranger.delete("/api/v1/instance?lang=de").json() == {"error": german}
    assert stranger.delete("/api/v1/instance").json() == {"error": errors.SENTENCES[405]}


def test_the_owner_of_a_token_is_told_of_failures_in_their_language(api, ann, choose, monkeypatch):
    choose(ann, "de")
    seen = []
    monkeypatch.setattr(errors, "record", lambda *_: seen.append(translations.language()))

    answer = api(ann).get("/api/v1/statuses/1?lang=ar")

    assert answer.status_code == 404
    assert seen == ["de"]


def test_a_feed_is_in_the_language_of_the_site(client, ann, make_post):
    make_post(ann, "Hello")
    german = client.get("/@ann/feed.atom", headers={"Accept-Language": "de"})

    assert german.status_code == 200
    assert german.content == client.get("/@ann/feed.atom").content
    assert "Accept-Language" not in german.headers["Vary"]
