"""Webhooks on the website."""

import pytest
from sqlalchemy import select, update

from twite_common.queries.notifications import webhooks as queries
from twite_common.tables import security_event, webhook, webhook_delivery

PAGE = "/settings/webhooks"
PASSWORD = "correct horse battery"
URL = "https://hooks.example/ann"


@pytest.fixture
def made(as_ann, database):
    """Make a webhook on the website, and return its page."""
    as_ann.open(PAGE)
    as_ann.submit(PAGE, {"url": URL, "mention": "1", "status_created": "1", "current_password": PASSWORD})
    with database.reading() as db:
        return f"{PAGE}/{db.scalar(select(webhook.c.id))}"


def test_one_is_made_and_its_secret_shown_once(as_ann, database, ann):
    as_ann.open(PAGE)
    refused = as_ann.submit(PAGE, {"url": "hooks.example", "mention": "1", "current_password": PASSWORD})
    kept = (as_ann.value("url"), as_ann.page.find("input", id="mention").has_attr("checked"))
    as_ann.submit(PAGE, {"url": URL, "mention": "1"})
    secret = as_ann.page.find("code", class_="code").text
    as_ann.open(PAGE)
    with database.reading() as db:
        [found] = queries.of_account(db, ann.id)
        recorded = db.scalars(select(security_event.c.kind)).all()

    assert refused.status_code == 422
    assert kept == ("hooks.example", True)
    assert secret not in as_ann.text
    assert (found.url, found.chosen()) == (URL, ["mention"])
    assert "webhook_made" in recorded


def test_its_page_shows_what_it_was_told_and_sends_it_again(as_ann, made, database):
    as_ann.open(made)
    as_ann.submit(f"{made}/test", {})
    with database.writing() as db:
        said = {"state": "failed", "status": 500, "answer": "<b>no</b>", "attempts": 7}
        db.execute(update(webhook_delivery).values(said))
    as_ann.open(made)
    shown = as_ann.page.find("p", class_="answer")
    failed = as_ann.text
    [again] = [action for action in as_ann.actions() if action.endswith("/retry")]
    as_ann.submit(again, {})
    with database.reading() as db:
        state = db.scalar(select(webhook_delivery.c.state))

    assert "Failed (500)" in failed
    assert shown.text.strip() == "<b>no</b>"
    assert state == "due"


def test_one_that_is_parked_says_so_and_goes_on(as_ann, made, database):
    with database.writing() as db:
        db.execute(update(webhook).values(state="parked", failures=9))
    as_ann.open(made)
    said = "Parked: it took nothing any more" in as_ann.text
    form = as_ann.form(f"{made}/test")
    as_ann.client.post(f"{made}/resume", data={"form_token": form.find("input")["value"]})
    with database.reading() as db:
        now = db.execute(select(webhook.c.state, webhook.c.failures)).one()
    as_ann.client.post(f"{made}/pause", data={"form_token": form.find("input")["value"]})
    as_ann.open(made)

    assert said
    assert tuple(now) == ("active", 0)
    assert "Paused" in as_ann.text


def test_its_events_are_chosen_anew_and_its_secret_renewed(as_ann, made, database, ann):
    as_ann.open(made)
    none = as_ann.submit(made, {"mention": None, "status_created": None})
    as_ann.submit(made, {"follow": "1"})
    as_ann.open(made)
    as_ann.submit(f"{made}/secret", {})
    secret = as_ann.page.find("code", class_="code").text
    with database.reading() as db:
        [found] = queries.of_account(db, ann.id)

    assert none.status_code == 422
    assert "Please choose what the webhook is told of." in none.text
    assert "follow" in found.chosen()
    assert len(secret) > 40
    as_ann.client.post(f"{made}/remove", data={"form_token": as_ann.value("form_token")})
    with database.reading() as db:
        assert queries.of_account(db, ann.id) == []


def test_another_s_is_not_there(as_bob, made):
    assert as_bob.open(made).status_code == 404
