from typing import Any

import pytest

from support.moment import NOW
from twite_common import clock
from twite_common.errors import Invalid, NotAuthenticated, NotFound
from twite_common.queries import viewers
from twite_common.services.identity import applications, grants, tokens

REDIRECT: dict[str, Any] = {
    "redirect_uri": "https://app.example/",
    "code_challenge": None,
    "code_challenge_method": None,
}


@pytest.fixture
def register(db):
    def register(name="App"):
        given: dict[str, Any] = {"redirect_uris": ["https://app.example/"], "scopes": "read", "website": None}
        return applications.register(db, now=NOW, name=name, **given)[0]

    return register


@pytest.fixture
def application_id(register):
    return register()


@pytest.fixture
def give(db, ann, application_id):
    def give(token, **changes):
        given = {"account_id": ann.id, "application_id": application_id, "scopes": "read"} | changes
        return tokens.add(db, now=NOW, access_token=token, **given)

    return give


@pytest.fixture
def works(db):
    return lambda token, now=NOW: viewers.by_token(db, token, now=now) is not None


@pytest.fixture
def refresh(db, application_id):
    def refresh(token, *, of=application_id, authenticated=True):
        given = {"application_id": of, "client_authenticated": authenticated}
        return tokens.refreshable(db, now=NOW, refresh_token=token, **given)

    return refresh


@pytest.fixture
def grant_id(db, ann, application_id):
    whose: dict[str, Any] = {"application_id": application_id, "account_id": ann.id}
    grants.add(db, now=NOW, code="code", scopes="read", **whose, **REDIRECT)
    return grants.find(db, now=NOW, code="code", application_id=application_id).id


def test_a_token_works_until_it_ends(give, works):
    give("a", lifetime_seconds=60)

    assert [works("a", NOW + clock.MINUTE - 1), works("a", NOW + clock.MINUTE), works("b")] == [True, False, False]


def test_a_revoked_token_does_not_work_and_is_revoked_once(db, give, works):
    token_id = give("a")
    tokens.revoke(db, now=NOW, token_id=token_id)

    assert not works("a")
    with pytest.raises(NotFound):
        tokens.revoke(db, now=NOW, token_id=token_id)


def test_nobody_revokes_the_tokens_of_others(db, give, works, ann, bob):
    token_id = give("a")

    with pytest.raises(NotFound):
        tokens.revoke_own(db, now=NOW, account_id=bob.id, token_id=token_id)
    assert works("a")
    tokens.revoke_own(db, now=NOW, account_id=ann.id, token_id=token_id)
    assert not works("a")


def test_what_an_application_may_do_ends_for_one_account_alone(db, give, works, register, application_id, ann, bob):
    give("a")
    give("b", account_id=bob.id)
    give("c", application_id=register("Other"))
    tokens.revoke_access(db, now=NOW, account_id=ann.id, application_id=application_id)

    assert [works(token) for token in "abc"] == [False, True, True]


def test_all_tokens_of_an_account_end_at_once(db, give, works, ann, bob):
    give("a")
    give("b", account_id=bob.id)
    own = tokens.create_personal(db, now=NOW, account_id=ann.id, name="Script", scopes="read")
    tokens.revoke_all(db, now=NOW, account_id=ann.id)

    assert [works(token) for token in ("a", "b", own)] == [False, True, False]


def test_a_token_for_scripts_has_a_name(db, works, ann):
    with pytest.raises(Invalid, match="give the token a name"):
        tokens.create_personal(db, now=NOW, account_id=ann.id, name=" ", scopes="read")

    assert works(tokens.create_personal(db, now=NOW, account_id=ann.id, name="Script", scopes="read"))


def test_an_account_has_twenty_tokens_for_scripts_that_work(db, give, ann, bob):
    def create(by=ann):
        return tokens.create_personal(db, now=NOW, account_id=by.id, name="Script", scopes="read")

    give("a")
    made = [create() for _ in range(20)]
    with pytest.raises(Invalid, match="20 tokens"):
        create()
    create(bob)
    tokens.revoke(db, now=NOW, token_id=viewers.by_token(db, made[0], now=NOW).id)
    create()


def test_a_refresh_token_is_its_applications_alone(give, refresh, register):
    token_id = give("a", refresh_token="r")

    assert refresh("r").id == token_id
    assert (refresh("r", of=register("Other")), refresh("a"), refresh("x")) == (None, None, None)


def test_a_refresh_token_that_comes_back_ends_its_family(db, give, refresh, works, grant_id):
    first = give("a", refresh_token="r", grant_id=grant_id)
    tokens.revoke(db, now=NOW, token_id=first)
    give("b", refresh_token="s", grant_id=grant_id)
    give("c", refresh_token="t")
    assert works("b")

    assert refresh("r") is None
    assert [works(token) for token in "abc"] == [False, False, True]
    assert refresh("s") is None


def test_what_was_fetched_with_a_secret_is_refreshed_with_it(give, refresh):
    give("a", refresh_token="r", client_authenticated=True)
    give("b", refresh_token="s")

    with pytest.raises(NotAuthenticated, match="with its secret"):
        refresh("r", authenticated=False)
    assert refresh("r") is not None
    assert refresh("s", authenticated=False) is not None


def test_an_application_ends_its_token_by_either_secret(db, give, works, application_id, register):
    other = register("Other")
    for token, ending in (("a", "a"), ("b", "refresh b")):
        give(token, refresh_token=f"refresh {token}")
        tokens.revoke_by_secret(db, now=NOW, text_of_token=ending, application_id=other)
        assert works(token)
        tokens.revoke_by_secret(db, now=NOW, text_of_token=ending, application_id=application_id)
        assert not works(token)


def test_it_is_known_whose_a_token_is(db, give, application_id, ann):
    give("a", refresh_token="r")
    own = tokens.create_personal(db, now=NOW, account_id=ann.id, name="Script", scopes="read")

    assert [tokens.owner(db, token) for token in ("a", "r", own, "x")] == [application_id, application_id, 0, None]
