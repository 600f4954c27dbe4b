"""What members may do for an account: a walk over all routes, each of which is refused unless it is listed."""

import re
from urllib.parse import urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup
from litestar.routes import HTTPRoute
from sqlalchemy import select

from twite_common import clock
from twite_common.acting import ANSWERS, LOOKS_AFTER, ROLES
from twite_common.drafts import Draft, PollDraft
from twite_common.queries import viewers
from twite_common.queries.timelines.columns import Column
from twite_common.services.accounts import accounts, follows, notes
from twite_common.services.identity import memberships, tokens
from twite_common.services.moderation import announcements
from twite_common.services.posts import held_posts
from twite_common.services.posts.content_rules import Verdict
from twite_common.services.timelines import columns
from twite_common.tables import conversation, membership, session
from twite_web import acting, cookies

SCOPES = "read write follow push profile admin:read admin:write"
OWNERS_ALONE = re.compile(
    "/settings/(account|security|applications|webhooks|archives|feeds|invitations|members|push|mail|preferences|aliases)"
    "|/oauth|/device|/admin|/login|/signup|/feeds/|/not-me|/forgot|/reset|/logout/everywhere"
    "|/api/v./(admin|apps|archives|private_feeds|webhooks|push|emails|filters|lists|bookmark)"
)
"""Addresses that must never be in the list: what keeps and opens the account, and what is read elsewhere as it."""
LAST = {"/logout", "/acting/end"}
SWITCHED_OFF = {("POST", "/login/link")}
"""What isn't there for anybody on this site, and says so instead of refusing."""

pytestmark = pytest.mark.once


@pytest.fixture
def club(make_account):
    return make_account("club")


@pytest.fixture
def join(database, club):
    """Make somebody a member of the club, and return the membership's id."""

    def join(person, role=LOOKS_AFTER, to=club):
        now = clock.now()
        with database.writing() as db:
            owner, member = viewers.by_account(db, to.id), viewers.by_account(db, person.id)
            id = memberships.invite(db, now=now, viewer=owner, name=person.username, role=role)
            memberships.accept(db, now=now, viewer=member, membership_id=id)
        return id

    return join


@pytest.fixture
def handed(monkeypatch):
    """Note each time that somebody is found to act for an account."""
    found = []
    for name in ("by_session", "by_token"):
        ask = getattr(viewers, name)

        def noted(*args, ask=ask, **given):
            answer = ask(*args, **given)
            if answer is not None and answer.viewer is not None and answer.viewer.acting is not None:
                found.append(answer.viewer)
            return answer

        monkeypatch.setattr(viewers, name, noted)
    return found


@pytest.fixture
def routes(bare):
    found = {
        (method, route.path_format)
        for route in bare.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods - {"OPTIONS", "HEAD"}
    }
    return sorted(found, key=lambda one: (one[1] in LAST, one))


@pytest.fixture
def ask(client, database, settings, ann, join, logged_in):
    """Send a request to a route as Ann, who acts for the club by a session and by a token."""
    membership_id = join(ann)
    browser = logged_in(ann)
    with database.writing() as db:
        token = tokens.create_own(
            db, now=clock.now(), account_id=ann.id, name="bot", scopes=SCOPES, membership_id=membership_id
        )
        db.execute(session.update().values(acts_as=membership_id))
    browser.open("/compose")
    form_token = browser.value("form_token")
    secret = {cookies.session_name(settings): browser.client.cookies[cookies.session_name(settings)]}
    by_token = httpx.Client(
        transport=client._transport, base_url=settings.base_url, headers={"Authorization": f"Bearer {token}"}
    )

    def ask(method, path):
        path = re.sub(r"\{\w+\}", "1", path.replace("{handle}", "@club"))
        if path.startswith("/api/") or path == "/oauth/userinfo":
            return by_token.request(method, path)
        by_session = httpx.Client(transport=client._transport, base_url=settings.base_url, cookies=secret)
        return by_session.request(method, path, data={"form_token": form_token} if method == "POST" else None)

    return ask


def refused(answer):
    return answer.status_code == 403 and "You act for @club" in answer.text


def test_whatever_is_not_listed_is_refused(ask, routes, handed):
    wrong = []
    for method, path in routes:
        if acting.role_for(method, path) is not None or (method, path) in SWITCHED_OFF:
            continue
        handed.clear()
        answer = ask(method, path)
        # Either nobody asked who it is, or they were refused.
        if handed and not refused(answer):
            wrong.append((method, path, answer.status_code))

    assert wrong == []


def test_a_role_gets_what_the_list_allows_and_no_more(ask, routes, database):
    with database.writing() as db:
        db.execute(membership.update().values(role=ANSWERS))
    wrong = []
    for method, path in routes:
        role = acting.role_for(method, path)
        if role is not None and path not in LAST and refused(ask(method, path)) != (role != ANSWERS):
            wrong.append((method, path, role))

    assert wrong == []


def test_the_list_names_routes_that_there_are_and_nothing_of_the_owners(routes):
    assert [address for address in acting.ROLES if address not in routes] == []
    assert [path for _method, path in acting.ROLES if OWNERS_ALONE.match(path)] == []
    assert set(acting.ROLES.values()) == set(ROLES)


def test_streams_are_refused(client, ask, handed):
    for path in ("/api/v1/streaming/user", "/live"):
        assert ask("GET", path).status_code == 403


@pytest.fixture
def acts(logged_in, ann, join):
    """Return Ann's browser, in which she acts for the club with a role."""

    def acts(role=LOOKS_AFTER):
        id = join(ann, role)
        browser = logged_in(ann)
        browser.open("/menu")
        browser.submit(f"/settings/members/{id}/act")
        return browser

    return acts


def test_a_form_of_another_account_changes_nothing_and_keeps_what_was_typed(logged_in, ann, club, join, database, api):
    id = join(ann)
    browser = logged_in(ann)
    browser.open("/menu")
    browser.submit(f"/settings/members/{id}/act")
    browser.open("/compose")
    own, shown = browser.form("/posts"), browser.text
    # In another tab she goes back.
    browser.submit("/acting/end")
    fields = {field["name"]: field.get("value", "") for field in own.find_all("input") if field.get("name")}
    fields = {name: value for name, value in fields.items() if name in {"form_token", "key"}} | {"text": "For the club"}
    answer = browser.client.post("/posts", data=fields)
    again = BeautifulSoup(answer.text, "html.parser")

    assert "Acting as @club" in shown
    assert answer.status_code == 409
    assert again.find("textarea", attrs={"name": "text"}).text.strip() == "For the club"
    assert api().get(f"/api/v1/accounts/{ann.id}/statuses").json() == []
    assert api().get(f"/api/v1/accounts/{club.id}/statuses").json() == []


def test_who_only_answers_is_offered_nothing_else_to_write(acts, cho, make_post):
    theirs = make_post(cho, "Hello")
    member = acts(ANSWERS)
    home, menu, thread = (member.open(path).text for path in ("/", f"/posts/{theirs}/menu", f"/@cho/{theirs}"))

    assert 'href="/compose"' not in home
    assert 'action="/posts"' not in home
    assert "/compose?quote=" not in menu
    assert f'action="/posts/{theirs}/reply"' in thread


def test_only_those_who_act_for_an_account_learn_who_wrote_for_it(
    logged_in, ann, bob, cho, club, join, database, api, client
):
    id, _others = join(ann), join(bob, ANSWERS)
    browser = logged_in(ann)
    browser.open("/menu")
    browser.submit(f"/settings/members/{id}/act")
    browser.open("/compose")
    browser.submit("/posts", {"text": "From the club"})
    [post_id] = [one["id"] for one in api().get(f"/api/v1/accounts/{club.id}/statuses").json()]
    page, entity = f"/@club/{post_id}", f"/api/v1/statuses/{post_id}"
    to_owner, to_member = api(club).get(entity).json(), browser.open(page).text
    with database.writing() as db:
        token = tokens.create_own(db, now=clock.now(), account_id=ann.id, name="bot", scopes="read", membership_id=id)
    to_token = httpx.Client(transport=client._transport, base_url="http://twite.example").get(
        entity, headers={"Authorization": f"Bearer {token}"}
    )
    browser.open(f"/posts/{post_id}/edit")
    browser.submit(f"/posts/{post_id}/edit", {"text": "From all of the club"})
    edits = {name: api(who).get(f"{entity}/history").json() for name, who in (("club", club), ("cho", cho))}
    elsewhere = ["/@club", "/public", f"{page}/history", "/@club/feed.atom", "/@club/feed.json", f"{page}/embed"]

    assert to_owner["written_by"]["acct"] == "ann"
    assert to_token.json()["written_by"]["acct"] == "ann"
    assert "Written by" in to_member
    assert "Written by" in logged_in(club).open(page).text
    assert [one["written_by"]["acct"] for one in edits["club"]] == ["ann", "ann"]
    assert not any("written_by" in one for one in edits["cho"])
    assert logged_in(club).open(f"{page}/history").text.count("Written by") == 2
    for person in (ann, cho, None):
        assert "written_by" not in api(person).get(entity).json()
        others = logged_in(person) if person else logged_in(cho)
        assert "Written by" not in others.open(page).text
    for path in elsewhere:
        answer = logged_in(cho).client.get(path)
        assert answer.status_code == 200
        assert not re.search(r"\bann\b", answer.text), path


def test_what_the_owner_looked_for_and_bookmarked_stays_theirs(acts, logged_in, club, make_post, cho, api):
    kept = make_post(cho, "Blackbirds at dawn")
    api(club).post(f"/api/v1/statuses/{kept}/bookmark")
    owner, member = logged_in(club), acts()
    owner.open("/search?q=secretplan")
    member.open("/search?q=harmless")
    shown = [member.open(path).text for path in ("/search", "/search/suggestions?q=secr", "/search/suggestions?q=")]
    owner.open("/search")

    assert "Your searches aren't remembered" not in shown[0]
    assert not any("secretplan" in text or "/search/recent" in text for text in shown)
    assert "secretplan" in owner.text
    assert "harmless" not in owner.text
    assert member.open("/search?q=in:bookmarks+blackbirds").status_code == 403
    assert "in:bookmarks" not in shown[0]


def test_a_part_for_a_page_of_another_account_is_not_given(acts):
    browser = acts()
    answers = [
        browser.client.get("/explore", headers={"Twite-Part": name}).status_code for name in ("1", "club", "ann")
    ]

    assert answers == [200, 200, 409]


@pytest.fixture
def busy(database, settings, club, cho, make_post, make_account):
    """Fill the site with all that pages show beside forms and links."""
    chief, _quiet = make_account("chief"), make_account("quiet")
    poll = make_post(cho, "Which?", poll=PollDraft(options=("This", "That"), expires_in_seconds=3600))
    own = make_post(club, "Ours #tea @cho")
    make_post(cho, "@club look", quote_of_id=own)
    make_post(cho, "@club psst", visibility="mentioned")
    now = clock.now()
    with database.writing() as db:
        accounts.set_role(db, account_id=chief.id, role="admin")
        staff = viewers.by_account(db, chief.id)
        id = announcements.announce(db, now=now, viewer=staff, words="Tea at five")
        announcements.react(db, now=now, announcement_id=id, account_id=cho.id, name="🎉")
        follows.follow_account(db, now=now, follower_id=cho.id, followee_id=club.id)
        notes.write(db, account_id=club.id, about_id=cho.id, comment="Owes us a cake")
        columns.pin(db, account_id=club.id, column=Column("tag", tag="tea"))
        given = {"author_id": club.id, "drafts": [Draft(text="Held")], "attachments": [], "verdict": Verdict()}
        held_posts.hold(db, now=now, **given)
        [conversation_id] = db.scalars(select(conversation.c.id).where(conversation.c.account_id == club.id)).all()
    return [
        *("/", "/explore", "/explore/people", "/explore/now", "/public", "/search", "/directory", "/tags/tea"),
        *("/@cho", "/@cho/media", "/@cho/followers", "/@club", "/@club/followers", "/@club/featured", "/@quiet"),
        *(f"/@cho/{poll}", f"/@club/{own}", f"/@club/{own}/quotes", f"/@club/{own}/favourites"),
        *(f"/posts/{poll}/menu", f"/posts/{own}/menu", "/compose", f"/compose?in_reply_to={poll}", "/held"),
        *("/notifications", "/messages", f"/messages/{conversation_id}", "/menu", "/settings", "/settings/profile"),
        *("/notifications/policy", f"/accounts/{cho.id}/mute", "/drafts", "/follow-requests", "/settings/blocks"),
    ]


@pytest.mark.parametrize("role", [ANSWERS, LOOKS_AFTER])
def test_no_page_offers_what_would_be_refused(acts, busy, routes, role):
    browser, wrong, asked = acts(role), set(), {}
    forms = [(path, re.compile(re.sub(r"\{\w+\}", "[^/]+", path))) for method, path in routes if method == "POST"]

    def lets(action):
        matching = [path for path, pattern in forms if pattern.fullmatch(action)]
        least = acting.role_for("POST", min(matching, key=lambda path: path.count("{")))
        return least is not None and ROLES.index(role) >= ROLES.index(least)

    for page in busy:
        answer = browser.open(page)
        if refused(answer):
            continue
        assert answer.status_code == 200, page
        posting = [form for form in browser.page.find_all("form") if form.get("method") == "post"]
        presses = [button["formaction"] for form in posting for button in form.find_all("button", formaction=True)]
        # A form whose buttons all lead elsewhere leads nowhere itself.
        own = [one["action"] for one in posting if one.find(_sends)]
        wrong |= {(page, "form", action) for action in {*presses, *own} if not lets(urlsplit(action).path)}
        for link in browser.page.find_all("a", href=re.compile("^/")):
            href = link["href"]
            if href not in asked:
                asked[href] = refused(browser.client.get(href))
            if asked[href]:
                wrong.add((page, "link", href))

    assert sorted(wrong) == []


def _sends(tag):
    return tag.name == "button" and tag.get("type", "submit") == "submit" and not tag.has_attr("formaction")
