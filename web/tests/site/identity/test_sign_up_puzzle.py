"""Signing up while there is a flood of sign-ups: with a solved puzzle, with an answer, and not around them."""

import msgspec
import pytest
from sqlalchemy import insert, select

from support.puzzle import solved
from twite_common.tables import account, sign_up_question

DOT = {"username": "dot", "email": "dot@mail.example", "password": "a long enough one"}


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, sign_up_puzzle="always", signups=0)


@pytest.fixture
def question(database):
    with database.writing() as db:
        db.execute(insert(sign_up_question), {"id": 1, "question": "Which bird sings here?", "answers": "a finch"})


def names(database):
    with database.reading() as db:
        return list(db.scalars(select(account.c.username)))


def test_a_solved_puzzle_lets_one_sign_up_and_no_second(database, stranger):
    stranger.open("/signup?agreed=1")
    solution = solved(stranger.value("solution"))
    stranger.submit("/signup", DOT | {"solution": solution})
    first = stranger.path
    stranger.open("/signup?agreed=1")
    stranger.submit("/signup", {**DOT, "username": "eve", "email": "eve@mail.example", "solution": solution})

    assert (first, stranger.response.status_code) == ("/signup/sent", 422)
    assert "There are very many sign-ups at the moment." in stranger.text
    assert names(database) == ["dot"]


def test_a_typing_mistake_costs_no_solution(database, stranger):
    stranger.open("/signup?agreed=1")
    solution = solved(stranger.value("solution"))
    stranger.submit("/signup", DOT | {"username": "d t", "solution": solution})
    stranger.submit("/signup", DOT | {"solution": solution})

    assert stranger.path == "/signup/sent"


def test_without_script_the_question_is_asked(database, stranger, question):
    stranger.open("/signup?agreed=1")
    stranger.submit("/signup", DOT)
    missing = stranger.text
    stranger.submit("/signup", DOT | {"answer": "A sparrow"})
    wrong = stranger.text
    stranger.submit("/signup", DOT | {"answer": "A finch."})

    assert "Which bird sings here?" in missing
    assert "There are very many sign-ups at the moment." in missing
    assert "This isn't the answer." in wrong
    assert stranger.path == "/signup/sent"
    assert "finch" not in missing + wrong


def test_without_a_question_it_is_said_that_script_is_needed(database, stranger):
    page = stranger.open("/signup?agreed=1").text
    stranger.submit("/signup", DOT)

    assert "You need a browser that runs scripts to sign up now" in page
    assert names(database) == []


def test_applications_are_no_way_around(database, api):
    app = api().post(
        "/api/v1/apps", json={"client_name": "App", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "write"}
    )
    keys = {name: app.json()[name] for name in ("client_id", "client_secret")}
    asked = keys | {"grant_type": "client_credentials", "scope": "write"}
    own = api().post("/oauth/token", data=asked).json()["access_token"]
    form = DOT | {"agreement": True, "locale": "en"}
    answer = api().post("/api/v1/accounts", json=form, headers={"Authorization": f"Bearer {own}"})

    assert answer.status_code == 422
    assert "Please sign up on the website: http://twite.example/signup" in answer.json()["error"]
    assert names(database) == []


def test_in_quiet_times_nothing_is_asked(bare, database, stranger, monkeypatch):
    quiet = msgspec.structs.replace(bare.state["core"].settings, sign_up_puzzle="flood")
    monkeypatch.setitem(bare.state, "core", msgspec.structs.replace(bare.state["core"], settings=quiet))
    stranger.open("/signup?agreed=1")

    assert stranger.page.find(None, attrs={"name": "solution"}) is None
    stranger.submit("/signup", DOT)
    assert stranger.path == "/signup/sent"
