from typing import Any

import pytest

from support.moment import NOW
from twite_common.queries import viewers
from twite_common.services.identity import applications, grants, tokens

REDIRECT: dict[str, Any] = {
    "redirect_uri": "https://app.example/",
    "code_challenge": None,
    "code_challenge_method": None,
}


@pytest.fixture
def application_id(db):
    given: dict[str, Any] = {"redirect_uris": ["https://app.example/"], "scopes": "read", "website": None}
    return applications.register(db, now=NOW, name="App", **given)[0]


@pytest.fixture
def allow(db, ann, application_id):
    def allow(code, by=ann):
        whose: dict[str, Any] = {"application_id": application_id, "account_id": by.id}
        grants.add(db, now=NOW, code=code, scopes="read", **whose, **REDIRECT)

    return allow


@pytest.fixture
def find(db, application_id):
    return lambda code, now=NOW, of=application_id: grants.find(db, now=now, code=code, application_id=of)


def test_a_code_is_good_for_a_while_and_for_its_application_alone(allow, find, ann):
    allow("code")
    found = find("code")

    assert (found.account_id, found.scopes) == (ann.id, "read")
    assert find("code", NOW + grants.LIFETIME_MS - 1) == found
    assert (find("code", NOW + grants.LIFETIME_MS), find("code", of=1), find("other")) == (None, None, None)


def test_a_code_is_used_once(db, allow, find):
    allow("code")
    grant_id = find("code").id

    assert [grants.use(db, now=NOW, grant_id=grant_id) for _ in range(2)] == [True, False]


def test_a_code_that_comes_back_ends_the_tokens_that_came_from_it(db, allow, find, application_id, ann):
    allow("code")
    grant_id = find("code").id
    grants.use(db, now=NOW, grant_id=grant_id)
    whose: dict[str, Any] = {"application_id": application_id, "account_id": ann.id, "scopes": "read"}
    tokens.add(db, now=NOW, access_token="a", grant_id=grant_id, **whose)
    tokens.add(db, now=NOW, access_token="b", **whose)

    assert find("code") is None
    assert [viewers.by_token(db, token, now=NOW) is not None for token in "ab"] == [False, True]


@pytest.mark.parametrize("end", ["all", "access"])
def test_a_code_that_was_not_used_yet_ends_with_what_acts_for_the_account(
    db, allow, find, application_id, ann, bob, end
):
    allow("code")
    allow("other", bob)
    if end == "all":
        grants.revoke_all(db, now=NOW, account_id=ann.id)
    else:
        grants.revoke_access(db, now=NOW, account_id=ann.id, application_id=application_id)

    assert find("code") is None
    assert find("other") is not None
