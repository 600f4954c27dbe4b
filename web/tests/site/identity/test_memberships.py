"""Several people for one account, on the website."""

import httpx
import pytest
from sqlalchemy import select

from twite_common.tables import mail, membership

PAGE = "/settings/members"
PASSWORD = "correct horse battery"


@pytest.fixture
def club(make_account):
    return make_account("club")


@pytest.fixture
def invited(logged_in, club, database, ann):
    """Have the club's owner invite Ann on the website, and return the membership's address."""

    def invite(role="writes"):
        owner = logged_in(club)
        owner.open(PAGE)
        owner.submit(PAGE, {"username": "@ann", "role": role, "current_password": PASSWORD})
        with database.reading() as db:
            return f"{PAGE}/{db.scalar(select(membership.c.id))}"

    return invite


def test_an_owner_invites_and_is_told_what_is_wrong(logged_in, club, database, ann):
    owner = logged_in(club)
    owner.open(PAGE)
    unproved = owner.submit(PAGE, {"username": "ann", "role": "answers", "current_password": "wrong"})
    typed = owner.value("username")
    unknown = owner.submit(PAGE, {"username": "nobody", "current_password": PASSWORD})
    owner.submit(PAGE, {"username": "ann"})
    with database.reading() as db:
        mails = db.execute(select(mail.c.kind, mail.c.account_id).order_by(mail.c.id)).all()
    owner.open("/settings/security")

    assert unproved.status_code == 422
    assert typed == "ann"
    assert unknown.status_code == 422
    assert [tuple(one) for one in mails] == [("member_invited", club.id), ("membership_offered", ann.id)]
    assert "@ann was invited to act for this account" in owner.text


def test_a_member_accepts_acts_and_goes_back(as_ann, invited):
    address = invited()
    as_ann.open("/menu")
    announced = as_ann.page.find("main").find("a", href=PAGE).text
    as_ann.open(PAGE)
    offered = as_ann.text
    as_ann.submit(f"{address}/accept")
    as_ann.open("/menu")
    as_ann.submit(f"{address}/act")
    as_ann.open("/explore")
    shown = as_ann.text
    refused = as_ann.open("/settings/account")
    name_in_page = as_ann.text
    as_ann.submit("/acting/end")

    assert announced == "Invitation to act for @club"
    assert "@club invites you to act for this account" in offered
    assert "Acting as @club Back to @ann" in shown
    assert refused.status_code == 403
    assert "You act for @club" in name_in_page
    assert "Acting as" not in as_ann.open("/explore").text


def test_removing_ends_acting_and_tokens_at_once(logged_in, as_ann, invited, club, settings, client):
    address = invited()
    as_ann.open(PAGE)
    as_ann.submit(f"{address}/accept")
    as_ann.open("/settings/applications")
    as_ann.submit("/settings/applications/tokens", {"name": "bot", "membership": address.rpartition("/")[2]})
    token = as_ann.page.find("code", class_="code").text
    as_ann.open("/menu")
    as_ann.submit(f"{address}/act")
    bot = httpx.Client(
        transport=client._transport, base_url=settings.base_url, headers={"Authorization": f"Bearer {token}"}
    )
    before = bot.get("/api/v1/accounts/verify_credentials").json()["username"]
    owner = logged_in(club)
    owner.open(PAGE)
    used = owner.text
    owner.submit(f"{address}/role", {"role": "answers"})
    owner.submit(f"{address}/remove")

    assert before == "club"
    assert "Last used" in used
    assert bot.get("/api/v1/accounts/verify_credentials").status_code == 401
    assert "Acting as" not in as_ann.open("/").text
    assert 'data-member="ann"' in as_ann.response.text
