"""Applications that act for an account by a membership."""

from urllib.parse import parse_qs, urlsplit

import pytest

from twite_common import clock
from twite_common.acting import WRITES
from twite_common.queries import viewers
from twite_common.services.identity import memberships
from twite_common.tables import account


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


def test_a_device_can_act_for_another_account_too_and_by_no_membership_of_others(
    api, app_, logged_in, ann, bob, join, database
):
    id, theirs = join(ann), join(bob)
    codes = api().post("/oauth/device_authorization", data={"client_id": app_["client_id"], "scope": "read"}).json()
    browser = logged_in(ann)
    browser.open("/device")
    browser.submit("/device", {"user_code": codes["user_code"]})
    form = browser.form("/device", "decision")
    offered = [option.text for option in form.find("select", attrs={"name": "membership"}).find_all("option")]
    sent = {one["name"]: one["value"] for one in form.find_all("input")} | {"decision": "approve"}
    stolen = browser.client.post("/device", data=sent | {"membership": str(theirs)})
    browser.client.post("/device", data=sent | {"membership": str(id)})
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": app_["client_id"]}
    token = api().post("/oauth/token", data=grant | {"device_code": codes["device_code"]}).json()["access_token"]
    who = api().get("/api/v1/accounts/verify_credentials", headers={"Authorization": f"Bearer {token}"}).json()

    assert offered == ["@ann", "@club"]
    assert stolen.status_code == 404
    assert who["username"] == "club"


@pytest.mark.parametrize("ends", ["limited", "role"])
def test_an_application_is_not_told_that_a_token_works_by_which_nobody_may_act(
    ends, api, register, allow_for, redeem, ann, club, join, database
):
    id, app = join(ann), register(scopes="read offline_access")
    made = redeem(app, allow_for(app, id, scope="read offline_access")).json()
    with database.writing() as db:
        values = {"limited_at": clock.now()} if ends == "limited" else {"role": "admin"}
        whose = ann if ends == "limited" else club
        db.execute(account.update().where(account.c.id == whose.id).values(values))
    sent = {"token": made["access_token"], "client_id": app["client_id"], "client_secret": app["client_secret"]}

    assert not api().post("/oauth/introspect", data=sent).json()["active"]
