"""A new password ends what is being made at the same moment, too: on PostgreSQL transactions run beside each other."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import text

from support.moment import NOW
from support.site_under_test import wait_for
from twite_common import secret
from twite_common.errors import NotAuthenticated
from twite_common.queries import viewers
from twite_common.services.identity import applications, grants, passwords, registrations, sessions, tokens
from twite_common.services.identity.registrations import SignUp

pytestmark = pytest.mark.faults

BLOCKED = text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@pytest.fixture
def ann(database):
    with database.writing() as db:
        sign_up = SignUp(username="ann", email="ann@mail.example", password_hash="x")
        return registrations.create(db, now=NOW, sign_up=sign_up, confirmed=True, smtp_utf8=False)


@pytest.fixture
def meanwhile(database):
    """Begin something else that has to wait for the transaction which is open, and return how to wait for its end."""

    pool = ThreadPoolExecutor(1)

    def meanwhile(action):
        started = Event()

        def act():
            started.set()
            with database.writing() as db:
                action(db)

        doing = pool.submit(act)
        started.wait(10)
        wait_for(blocked)
        return lambda: doing.result(30)

    def blocked():
        with database.reading() as db:
            return db.dialect.name == "sqlite" or db.scalar(BLOCKED)

    with pool:
        yield meanwhile


def works(database, bearer):
    with database.reading() as db:
        return viewers.by_token(db, bearer, now=NOW) is not None


@pytest.mark.parametrize("way", ["a new password", "the application is shut out", "a stolen refresh token"])
def test_a_token_that_is_being_refreshed_ends_with_the_others(database, ann, meanwhile, way):
    first, second, refresh_token = secret.new(), secret.new(), secret.new()
    with database.writing() as db:
        application_id = applications.register(
            db, now=NOW, name="App", redirect_uris=["https://app.example/"], scopes="read", website=None
        )[0]
        asked = {"application_id": application_id, "account_id": ann, "scopes": "read"}
        grants.add(db, now=NOW, code="c", redirect_uri="", code_challenge=None, code_challenge_method=None, **asked)
        grant_id = grants.find(db, now=NOW, code="c", application_id=application_id).id
        asked["grant_id"] = grant_id
        id = tokens.add(db, now=NOW, access_token=first, refresh_token=refresh_token, **asked)
    end_all = {
        "a new password": lambda db: passwords.change(db, now=NOW, account_id=ann, password_hash="y", end_tokens=True),
        "the application is shut out": lambda db: grants.revoke_access(
            db, now=NOW, account_id=ann, application_id=application_id
        ),
        "a stolen refresh token": lambda db: tokens.revoke_of_grant(db, now=NOW, grant_id=grant_id),
    }[way]
    with database.writing() as db:
        tokens.refreshable(
            db, now=NOW, refresh_token=refresh_token, application_id=application_id, client_authenticated=True
        )
        tokens.add(db, now=NOW, access_token=second, refresh_token=secret.new(), **asked)
        tokens.revoke(db, now=NOW, token_id=id)
        ended = meanwhile(end_all)
    ended()

    assert (works(database, first), works(database, second)) == (False, False)


def test_a_token_that_is_being_made_in_a_session_ends_with_the_session(database, settings, ann, meanwhile):
    with database.writing() as db:
        cookie = sessions.start(db, settings, now=NOW, account_id=ann, address="192.0.2.1", browser="")
    with database.writing() as db:
        found = viewers.by_session(db, cookie, now=NOW)
        sessions.keep(db, session_id=found.id)
        ended = meanwhile(lambda db: passwords.change(db, now=NOW, account_id=ann, password_hash="y", end_tokens=True))
        bearer = tokens.create_personal(db, now=NOW, account_id=ann, name="x", scopes="read")
    ended()

    assert not works(database, bearer)
    with pytest.raises(NotAuthenticated), database.writing() as db:
        sessions.keep(db, session_id=found.id)
