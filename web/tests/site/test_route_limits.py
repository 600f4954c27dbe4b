"""What costs more has the same limits on the site as in the API, counted together."""

from itertools import count

import msgspec
import pytest
from litestar.routes import HTTPRoute
from sqlalchemy import func, select

from twite_common import clock
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.identity import tokens
from twite_common.tables import conversation, post
from twite_web.site.route_limits import SPECIAL


@pytest.fixture
def limit():
    """The limit of this test; the others are off."""
    return "limit_posts"


@pytest.fixture
def settings(settings, limit):
    return msgspec.structs.replace(settings, login_links=True, **{limit: 2})


@pytest.fixture
def conversation_id(make_post, bob, ann, database):
    """A conversation that ann has."""
    make_post(bob, "@ann hello", visibility="mentioned")
    with database.reading() as db:
        return db.scalar(select(conversation.c.id).where(conversation.c.account_id == ann.id))


@pytest.fixture
def send(as_ann, make_account, make_post, ann, bob, conversation_id, database):
    """Send a form that has a limit, each time about something else."""
    with database.writing() as db:
        profiles.change_profile(db, now=clock.now(), account_id=ann.id, changes=ProfileChanges(follow_by_mail=True))

    numbers = count()

    def send(path):
        as_ann.open("/settings")
        names = {"handle": "@ann", "account_id": bob.id, "conversation_id": conversation_id}
        address = path.format(post_id=make_post(ann), **names)
        fields = {"text": "x", "current_password": "correct horse battery", "email": "new@mail.example"}
        fields |= {"people[]": str(bob.id), "form_token": as_ann.value("form_token")}
        fields["username"] = make_account(f"guest{next(numbers)}").username
        return as_ann.client.post(address, data=fields)

    return send


@pytest.mark.parametrize(("path", "limit"), SPECIAL.items())
def test_what_costs_more_is_limited(send, path):
    statuses = [send(path).status_code for _ in range(3)]

    assert [status < 400 for status in statuses] == [True, True, False]
    assert statuses[2] == 429


@pytest.mark.parametrize("path", ["/messages", "/messages/{conversation_id}"])
def test_messages_count_as_the_posts_that_they_are(send, path):
    assert [send(path).status_code for _ in range(3)] == [303, 303, 429]


def test_posts_of_the_site_and_of_the_api_are_counted_together(send, database, ann, client):
    with database.writing() as db:
        token = tokens.create_personal(db, now=clock.now(), account_id=ann.id, name="script", scopes="write")
    posted = client.post("/api/v1/statuses", json={"status": "x"}, headers={"Authorization": f"Bearer {token}"})

    assert posted.status_code == 200
    assert [send("/posts").status_code for _ in range(2)] == [303, 429]


def test_each_post_of_a_thread_is_counted(as_ann, database):
    as_ann.open("/compose")
    thread = {"text": "1", "further[0][text]": "2", "further[1][text]": "3", "form_token": as_ann.value("form_token")}
    response = as_ann.client.post("/posts", data=thread)

    assert response.status_code == 429
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(post)) == 0


@pytest.mark.faults
@pytest.mark.parametrize("limit", ["limit_mails"])
@pytest.mark.parametrize("path", ["/forgot", "/confirm"])
def test_mails_that_strangers_ask_for_are_limited_by_address_over_all_forms(stranger, send, path):
    answers = []
    for _ in range(2):
        stranger.open(path)
        answers.append(stranger.client.post(path, data={"email": "x", "form_token": stranger.value("form_token")}))
    over = send("/settings/account/email")

    assert [answer.status_code for answer in answers] == [303, 303]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0"]
    assert over.status_code == 429
    assert 0 < int(over.headers["Retry-After"]) <= 3600
    assert over.headers["X-RateLimit-Limit"] == "2"


@pytest.mark.faults
@pytest.mark.parametrize("limit", ["limit_mails"])
def test_passwords_are_not_checked_for_who_asked_for_too_many_mails(send, as_ann):
    answers = [send("/settings/account/email") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [303, 303, 429]
    wrong = as_ann.client.post(
        "/settings/account/email", data={"current_password": "wrong", "form_token": as_ann.value("form_token")}
    )
    assert wrong.status_code == 429


def test_every_form_with_a_limit_exists(bare):
    assert SPECIAL.keys() <= {
        route.path_format for route in bare.routes if isinstance(route, HTTPRoute) and "POST" in route.methods
    }
