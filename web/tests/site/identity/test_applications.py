"""The page with what may act for somebody."""

import pytest

from twite_common import clock
from twite_common.queries.identity import tokens as queries
from twite_common.services.identity import applications, tokens

PAGE = "/settings/applications"


def working(database, person):
    with database.reading() as db:
        return queries.of_account(db, person.id, now=clock.now())


@pytest.fixture
def let_in(database):
    """Let an application in, as the consent page does, and return its id and a token."""

    def let_in(person, name="Bird Watcher", scopes="read write:statuses"):
        now = clock.now()
        with database.writing() as db:
            id, _, _ = applications.register(
                db, now=now, name=name, redirect_uris=["https://app.example/"], scopes=scopes, website=None
            )
            tokens.add(
                db, now=now, access_token=f"{name} {person.id}", scopes=scopes, application_id=id, account_id=person.id
            )
        return id

    return let_in


@pytest.fixture
def make_token(as_ann):
    def make_token(**form):
        as_ann.open(PAGE)
        return as_ann.submit(f"{PAGE}/tokens", form)

    return make_token


def test_a_token_works_and_is_shown_once(client, ann, as_ann, make_token):
    response = make_token(name="Weather bot", read="1", write="")
    made = as_ann.page.find("code", class_="code").text
    posted = client.post("/api/v1/statuses", json={"status": "x"}, headers={"Authorization": f"Bearer {made}"})
    read = client.get("/api/v1/accounts/verify_credentials", headers={"Authorization": f"Bearer {made}"})

    assert response.headers["cache-control"] == "private, no-store"
    assert (read.status_code, read.json()["username"], posted.status_code) == (200, "ann", 403)
    as_ann.open(PAGE)
    assert made not in as_ann.page.text
    assert "Weather bot" in as_ann.page.text


@pytest.mark.parametrize(
    "form", [{"name": "", "read": "1"}, {"name": "\u200b\0", "read": "1"}, {"name": "bot", "read": ""}]
)
def test_a_token_needs_a_name_and_a_purpose(database, ann, make_token, form):
    assert make_token(**form).status_code == 422
    assert working(database, ann) == []


def test_a_token_can_be_ended(database, ann, as_ann, make_token):
    make_token(name="Weather bot", read="1")
    [one] = working(database, ann)
    as_ann.open(PAGE)
    as_ann.submit(f"{PAGE}/tokens/{one.id}/end")

    assert working(database, ann) == []


def test_an_application_is_listed_with_what_it_may_do_and_can_be_shut_out(database, ann, bob, as_ann, let_in):
    application_id = let_in(ann)
    let_in(bob)
    as_ann.open(PAGE)
    shown = as_ann.page.find("main").text
    as_ann.submit(f"{PAGE}/{application_id}/end")

    assert "Bird Watcher" in shown
    assert "Write, edit and delete posts as you" in shown
    assert working(database, ann) == []
    assert len(working(database, bob)) == 1


def test_nobody_ends_what_is_anothers(database, ann, bob, as_ann, logged_in, make_token, let_in):
    make_token(name="Weather bot", read="1")
    application_id = let_in(ann)
    [personal] = [one for one in working(database, ann) if one.application_id is None]
    browser = logged_in(bob)
    browser.open(PAGE)
    form_token = browser.value("form_token")
    token = browser.client.post(f"{PAGE}/tokens/{personal.id}/end", data={"form_token": form_token})
    browser.client.post(f"{PAGE}/{application_id}/end", data={"form_token": form_token})

    assert token.status_code == 404
    assert len(working(database, ann)) == 2


def test_strangers_are_sent_to_log_in(stranger):
    stranger.open(PAGE)

    assert stranger.path.startswith("/login")


def test_too_many_tokens_are_refused_in_words(database, ann, as_ann, make_token):
    with database.writing() as db:
        for number in range(tokens.MAX_PERSONAL):
            tokens.create_personal(db, now=clock.now(), account_id=ann.id, name=f"{number}", scopes="read")
    response = make_token(name="One more", read="1")

    assert response.status_code == 422
    assert "An account can have at most 20 tokens." in as_ann.text
    assert len(working(database, ann)) == tokens.MAX_PERSONAL
