"""Whatever is limited counts what it refuses: the count is kept though the request fails."""

import msgspec
import pytest
from sqlalchemy import select

from twite_common.tables import attempt

WRONG_PASSWORD = {"current_password": "not it"}
FORMS = {
    "/login": {"name": "ann", "password": "not it"},
    "/signup": {"username": "?", "email": "dot@mail.example", "password": "a long enough one"},
    "/settings/account/password": {**WRONG_PASSWORD, "password": "a long enough one"},
    "/settings/account/email": {**WRONG_PASSWORD, "email": "new@mail.example"},
    "/settings/account/delete": WRONG_PASSWORD,
}


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, registration="open", signups=2, login_attempts=2)


@pytest.fixture
def counted(database):
    """Return how many attempts are counted, of all kinds."""

    def counted():
        with database.reading() as db:
            return sorted(db.scalars(select(attempt.c.number)))

    return counted


@pytest.mark.parametrize("path", FORMS)
def test_a_form_that_is_refused_is_counted(ann, stranger, as_ann, counted, path):
    browser = as_ann if path.startswith("/settings") else stranger
    before = counted()
    browser.open("/signup?agreed=1" if path == "/signup" else path)
    statuses = [browser.submit(path, FORMS[path]).status_code for _ in range(3)]

    assert (before, statuses[2]) == ([], 429)
    assert all(status in {403, 422} for status in statuses[:2])
    assert set(counted()) == {2}
