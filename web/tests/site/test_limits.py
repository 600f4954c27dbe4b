"""What costs more has the same limits on the site as in the API, counted together."""

import msgspec
import pytest
from litestar.routes import HTTPRoute

from twite_common import clock
from twite_common.services import tokens
from twite_web.site.limits import SPECIAL


@pytest.fixture
def limit():
    """The limit of this test; the others are off."""
    return "limit_posts"


@pytest.fixture
def settings(settings, limit):
    return msgspec.structs.replace(settings, **{limit: 2})


@pytest.fixture
def send(as_ann, make_post, ann, bob):
    """Send a form that has a limit, each time about something else."""

    def send(path):
        as_ann.open("/settings")
        own, other = make_post(ann), bob.id
        address = path.format(post_id=own, account_id=other)
        return as_ann.client.post(address, data={"form_token": as_ann.value("form_token"), "text": "x"})

    return send


@pytest.mark.parametrize(("path", "limit"), SPECIAL.items())
def test_what_costs_more_is_limited(send, path):
    statuses = [send(path).status_code for _ in range(3)]

    assert [status < 400 for status in statuses] == [True, True, False]
    assert statuses[2] == 429


def test_posts_of_the_site_and_of_the_api_are_counted_together(send, database, ann, client):
    with database.writing() as db:
        token = tokens.create_personal(db, now=clock.now(), account_id=ann.id, name="script", scopes="write")
    posted = client.post("/api/v1/statuses", json={"status": "x"}, headers={"Authorization": f"Bearer {token}"})

    assert posted.status_code == 200
    assert [send("/posts").status_code for _ in range(2)] == [303, 429]


def test_every_form_with_a_limit_exists(bare):
    assert SPECIAL.keys() <= {
        route.path_format for route in bare.routes if isinstance(route, HTTPRoute) and "POST" in route.methods
    }
