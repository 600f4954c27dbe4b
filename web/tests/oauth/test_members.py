"""Applications that act for an account by a membership."""

from urllib.parse import parse_qs, urlsplit

import pytest

from twite_common import clock
from twite_common.acting import WRITES
from twite_common.queries import viewers
from twite_common.services.identity import memberships


@pytest.fixture
def club(make_account):
    return make_account("club")


@pytest.fixture
def join(database, club):
    def join(person):
        with database.writing() as db:
            owner, member = viewers.by_account(db, club.id), viewers.by_account(db, person.id)
            id = memberships.invite(db, now=clock.now(), viewer=owner, name=person.username, role=WRITES)
            memberships.accept(db, now=clock.now(), viewer=member, membership_id=id)
        return id

    return join


@pytest.fixture
def allow_for(ask):
    """Let an application act by a membership; return the code, or what the answer's status is where there is none."""

    def allow_for(app, membership_id, **fields):
        browser = ask(app, **fields)
        form = browser.form("/oauth/authorize")
        sent = {one["name"]: one["value"] for one in form.find_all("input")}
        sent |= {"decision": "approve", "membership": str(membership_id)}
        answer = browser.client.post("/oauth/authorize", data=sent)
        if "location" not in answer.headers:
            return answer.status_code
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    return allow_for


def test_a_token_acts_for_the_account_after_a_refresh_too_and_ends_with_the_membership(
    register, allow_for, redeem, api, ann, club, join, database
):
    id, app = join(ann), register(scopes="read offline_access")
    made = redeem(app, allow_for(app, id, scope="read offline_access")).json()

    def renewed(refresh_token):
        return redeem(app, None, grant_type="refresh_token", refresh_token=refresh_token, redirect_uri=None)

    def who(token):
        answer = api().get("/api/v1/accounts/verify_credentials", headers={"Authorization": f"Bearer {token}"})
        return answer.json().get("username")

    def introspected(token):
        sent = {"token": token, "client_id": app["client_id"], "client_secret": app["client_secret"]}
        return api().post("/oauth/introspect", data=sent).json()

    later = renewed(made["refresh_token"]).json()
    seen, told = [who(made["access_token"]), who(later["access_token"])], introspected(later["access_token"])
    with database.writing() as db:
        memberships.remove(db, now=clock.now(), account_id=club.id, membership_id=id)

    assert seen == [None, "club"]
    assert told["username"] == "club"
    assert who(later["access_token"]) is None
    assert not introspected(later["access_token"])["active"]
    assert renewed(later["refresh_token"]).status_code == 400


def test_the_page_asks_for_which_account_and_takes_no_membership_of_others(app_, ask, allow_for, ann, bob, join):
    theirs = join(bob)
    alone = ask(app_).page.find("select", attrs={"name": "membership"})
    join(ann)
    offered = [option.text for option in ask(app_).page.find("select", attrs={"name": "membership"}).find_all("option")]

    assert alone is None
    assert offered == ["@ann", "@club"]
    assert allow_for(app_, theirs) == 404
