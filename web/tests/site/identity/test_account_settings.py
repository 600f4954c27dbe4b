"""One's own account: password, address, sessions, and leaving."""

import msgspec
import pytest
from sqlalchemy import func, select

from support.deletion import finish_deletions
from support.site_under_test import PASSWORD
from twite_common import clock
from twite_common.queries import viewers
from twite_common.queries.accounts import credentials
from twite_common.secret import sealer, signer
from twite_common.services import one_time_links
from twite_common.services.identity import memberships, private_feeds, webhooks
from twite_common.tables import account, link, mail, post

NEW = "another good password"


def mails(database):
    with database.reading() as db:
        return [tuple(row) for row in db.execute(select(mail.c.kind, mail.c.address).order_by(mail.c.id))]


def own(database, person):
    with database.reading() as db:
        return credentials.get(db, person.id)


def sessions(database, person):
    with database.reading() as db:
        return credentials.sessions(db, person.id, now=clock.now())


@pytest.mark.parametrize(
    "path",
    [
        "/settings",
        "/settings/account",
        "/settings/account/password",
        "/settings/account/username",
        "/settings/account/email",
        "/settings/account/delete",
        "/settings/profile",
        "/settings/preferences",
        "/settings/mail",
        "/settings/aliases",
        "/settings/invitations",
        "/settings/blocks",
        "/settings/mutes",
    ],
)
def test_settings_are_for_those_who_are_logged_in(stranger, as_ann, path):
    stranger.open(path)

    assert stranger.path == "/login"
    assert stranger.value("next") == path
    assert as_ann.open(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/settings/account/password",
        "/settings/account/username",
        "/settings/account/email",
        "/settings/account/delete",
        "/settings/account/sessions/end-others",
        "/settings/account/sessions/1/end",
        "/settings/profile",
        "/settings/preferences",
        "/settings/mail",
        "/settings/invitations",
        "/settings/invitations/1/withdraw",
    ],
)
def test_nothing_is_changed_for_strangers_nor_without_the_forms_token(ann, stranger, as_ann, path):
    stranger.open("/login")
    sent = stranger.client.post(path, data={"form_token": stranger.value("form_token")})

    assert (sent.status_code, sent.headers.get("location")) == (303, "/login?next=/")
    assert as_ann.client.post(path, data={"current_password": PASSWORD}).status_code == 403


class TestTheUsername:
    @pytest.fixture
    def change(self, as_ann):
        def change(username="anna", current=PASSWORD):
            as_ann.open("/settings/account/username")
            return as_ann.submit("/settings/account/username", {"username": username, "current_password": current})

        return change

    def test_is_changed_and_the_old_one_leads_to_it(self, database, ann, as_ann, stranger, api, make_post, change):
        before = make_post(ann, "Before")
        change()
        changed = as_ann.text
        status = api(ann).get("/api/v1/accounts/verify_credentials").json()

        assert as_ann.path == "/settings/account"
        assert "Your username has been changed." in changed
        assert (status["username"], status["acct"]) == ("anna", "anna")
        for old, new in ((f"/@{ann.username}", "/@anna"), (f"/@{ann.username}/{before}", f"/@anna/{before}")):
            stranger.open(old)
            assert stranger.path == new
        assert api(ann).get("/api/v1/accounts/lookup", params={"acct": ann.username}).json()["username"] == "anna"
        assert mails(database) == [("username_changed", ann.email)]

    def test_is_kept_when_the_password_is_wrong(self, ann, as_ann, stranger, change):
        response = change(current="a bad guess")

        assert response.status_code == 422
        assert "This isn't your password." in as_ann.page.find(id="current_password-problem").get_text()
        assert stranger.open("/@anna").status_code == 404

    def test_is_kept_when_another_account_has_it(self, bob, as_ann, change):
        response = change(bob.username.upper())

        assert response.status_code == 422
        assert "is taken" in as_ann.page.find(id="username-problem").get_text()

    def test_a_mention_of_the_old_one_reaches_the_account(self, ann, as_ann, bob, api, make_post, change):
        change()
        id = make_post(bob, f"Hello @{ann.username}")
        [notification] = api(ann).get("/api/v1/notifications", params={"types[]": "mention"}).json()
        content = api(bob).get(f"/api/v1/statuses/{id}").json()["content"]

        assert notification["status"]["id"] == str(id)
        assert f"/@{ann.username}" in content


class TestThePassword:
    @pytest.fixture
    def change(self, as_ann):
        def change(current=PASSWORD, password=NEW):
            as_ann.open("/settings/account/password")
            return as_ann.submit("/settings/account/password", {"current_password": current, "password": password})

        return change

    def test_is_changed_and_other_sessions_end(self, database, settings, ann, as_ann, logged_in, change):
        other = logged_in(ann)
        before = own(database, ann).password_hash
        change()
        other.open("/settings")

        assert as_ann.path == "/settings/account"
        assert "Your password has been changed." in as_ann.text
        assert own(database, ann).password_hash != before
        assert other.path == "/login"
        assert mails(database) == [("password_changed", ann.email)]

    @pytest.mark.faults
    @pytest.mark.parametrize("ticked", [True, False])
    def test_signs_apps_out_unless_that_is_unticked(self, api, ann, as_ann, ticked):
        app = api(ann)
        as_ann.open("/settings/account/password")
        offered = "Also log out all apps" in as_ann.text and as_ann.value("end_tokens") == "1"
        kept = {} if ticked else {"end_tokens": None}
        as_ann.submit("/settings/account/password", {"current_password": PASSWORD, "password": NEW} | kept)

        assert offered
        assert as_ann.path == "/settings/account"
        assert app.get("/api/v1/preferences").status_code == (401 if ticked else 200)

    def test_what_goes_on_without_it_is_shown_after_the_change(self, database, settings, ann, bob, as_ann):
        now = clock.now()
        as_ann.open("/settings/account")
        before = as_ann.text
        with database.writing() as db:
            private_feeds.add(db, now=now, account_id=ann.id, kind="home", list_id=None)
            address = "https://hooks.example/secret"
            given = {"account_id": ann.id, "url": address, "events": ["follow"]}
            webhooks.add(db, settings, sealer(settings), now=now, **given)
            memberships.invite(db, now=now, viewer=viewers.by_account(db, ann.id), name="bob", role="writes")
        as_ann.open("/settings/account/password")
        form = {"current_password": PASSWORD, "password": NEW, "end_tokens": None}
        as_ann.submit("/settings/account/password", form)
        links = {link["href"] for link in as_ann.page.find("main").find_all("a")}

        assert "without your password" not in before
        assert "Feeds (1) Webhooks (1) hooks.example Members (1)" in " ".join(as_ann.text.split())
        assert links >= {"/settings/feeds", "/settings/webhooks", "/settings/members"}

    def test_is_kept_when_the_present_one_is_wrong(self, database, ann, as_ann, change):
        before = own(database, ann)
        response = change(current="a bad guess")

        assert response.status_code == 422
        assert "This isn't your password." in as_ann.page.find(id="current_password-problem").get_text()
        assert "a bad guess" not in response.text
        assert NEW not in response.text
        assert own(database, ann) == before

    def test_is_kept_when_the_new_one_is_too_short(self, database, ann, as_ann, change):
        before = own(database, ann)
        response = change(password="short")

        assert response.status_code == 422
        assert as_ann.page.find(id="password-problem")
        assert own(database, ann) == before

    def test_cannot_be_guessed_by_who_found_an_open_browser(self, database, settings, ann, change):
        before = own(database, ann)
        for _ in range(settings.login_attempts):
            change(current="a bad guess")
        response = change()

        assert response.status_code == 429
        assert own(database, ann) == before


class TestTheAddress:
    @pytest.fixture
    def ask(self, as_ann):
        def ask(email="new@mail.example", **proof):
            as_ann.open("/settings/account/email")
            return as_ann.submit("/settings/account/email", {"email": email} | proof)

        return ask

    @pytest.fixture
    def token(self, database, settings, ask):
        ask(current_password=PASSWORD)
        with database.reading() as db:
            detail = db.scalars(select(mail.c.detail).where(mail.c.kind == "change_email")).one()
        return one_time_links.token(signer(settings), msgspec.json.decode(detail)["link_id"], "change_email")

    def test_stays_until_the_link_is_used(self, database, ann, as_ann, token):
        as_ann.open(f"/confirm-email/{token}")
        opened = own(database, ann).email
        as_ann.submit(f"/confirm-email/{token}")

        assert opened == ann.email
        assert own(database, ann).email == "new@mail.example"
        assert as_ann.path == "/settings/account"
        assert "Your e-mail address has been changed." in as_ann.text
        assert mails(database) == [
            ("change_email_asked", ann.email),
            ("change_email", "new@mail.example"),
            ("email_changed", ann.email),
        ]

    def test_can_be_confirmed_in_a_browser_that_is_not_logged_in(self, database, ann, stranger, token):
        stranger.open(f"/confirm-email/{token}")
        stranger.submit(f"/confirm-email/{token}")

        assert own(database, ann).email == "new@mail.example"
        assert stranger.path == "/login"

    def test_of_somebody_else_gets_the_same_answer_and_no_mail(self, database, ann, bob, as_ann, ask):
        ask(current_password=PASSWORD)
        free = as_ann.path, as_ann.text
        ask(bob.email)

        assert (as_ann.path, as_ann.text) == free
        assert mails(database) == [
            ("change_email_asked", ann.email),
            ("change_email", "new@mail.example"),
            ("change_email_asked", ann.email),
        ]

    @pytest.mark.parametrize("email", ["", "x", "a\0b@mail.example", "ann@mail.example"])
    def test_that_cannot_be_used_is_refused_and_stays_typed(self, database, as_ann, ask, email):
        response = ask(email, current_password=PASSWORD)

        assert response.status_code == 422
        assert as_ann.page.find(id="email-problem")
        assert as_ann.value("email") == email
        assert mails(database) == []

    def test_is_kept_when_the_password_is_wrong(self, database, as_ann, ask):
        response = ask(current_password="a bad guess")

        assert response.status_code == 422
        assert as_ann.value("email") == "new@mail.example"
        assert mails(database) == []

    def test_that_was_taken_meanwhile_is_not_changed(self, database, ann, as_ann, make_account, token):
        make_account("new")
        as_ann.open(f"/confirm-email/{token}")
        response = as_ann.submit(f"/confirm-email/{token}")

        assert response.status_code == 403
        assert own(database, ann).email == ann.email


class TestSessions:
    def test_are_listed_with_the_kind_of_browser(self, as_ann):
        as_ann.open("/settings/account")

        assert "Firefox on Linux at 192.0.2.1, this session" in as_ann.text

    def test_are_listed_in_the_language_of_the_reader(self, as_ann):
        as_ann.open("/settings/account?lang=de")

        assert "Firefox auf Linux" in as_ann.text

    def test_can_be_ended_one_by_one(self, database, ann, as_ann, logged_in):
        other = logged_in(ann)
        as_ann.open("/settings/account")
        [action] = [path for path in as_ann.actions() if path.endswith("/end")]
        as_ann.submit(action)
        other.open("/settings")

        assert other.path == "/login"
        assert as_ann.path == "/settings/account"

    def test_of_others_cannot_be_ended(self, database, bob, as_ann, as_bob):
        [theirs] = sessions(database, bob)
        as_ann.open("/settings/account")
        token = as_ann.value("form_token")
        response = as_ann.client.post(f"/settings/account/sessions/{theirs.id}/end", data={"form_token": token})

        assert response.status_code == 404
        assert sessions(database, bob) == [theirs]

    @pytest.mark.parametrize("id", ["0", "-1", "x", "9" * 30, "1.5"])
    def test_that_are_not_there_cannot_be_ended(self, as_ann, id):
        as_ann.open("/settings/account")
        token = as_ann.value("form_token")
        response = as_ann.client.post(f"/settings/account/sessions/{id}/end", data={"form_token": token})

        assert response.status_code == 404

    def test_can_be_ended_all_but_this_one(self, database, ann, as_ann, logged_in):
        for _ in range(2):
            logged_in(ann)
        as_ann.open("/settings/account")
        as_ann.submit("/settings/account/sessions/end-others")

        assert len(sessions(database, ann)) == 1
        assert as_ann.path == "/settings/account"


class TestLeaving:
    def test_takes_the_account_and_its_posts_away(self, database, ann, as_ann, make_post):
        make_post(ann)
        as_ann.open("/settings/account/delete")
        response = as_ann.submit("/settings/account/delete", {"current_password": PASSWORD})

        assert str(response.history[0].headers["location"]).startswith("/?done=account_deleted.")
        assert response.history[0].headers["clear-site-data"] == '"storage"'
        with database.writing() as db:
            finish_deletions(db, now=clock.now())
            counts = [db.scalar(select(func.count()).select_from(table)) for table in (account, post, link)]
        assert counts == [0, 0, 0]
        assert not as_ann.client.cookies.get("twite")

    def test_hides_all_of_it_before_a_task_has_removed_anything(
        self, ann, bob, as_ann, make_post, api, stranger, database
    ):
        post_id = make_post(ann, "a wren for @bob")
        pages = ("/@ann", f"/@ann/{post_id}", "/@ann/feed.atom", "/@ann/followers")
        ids = (f"/api/v1/accounts/{ann.id}", f"/api/v1/statuses/{post_id}", f"/api/v1/accounts/{ann.id}/statuses")
        before = [stranger.client.get(address).status_code for address in (*pages, *ids)]
        told = api(bob).get("/api/v1/notifications").json()
        of_ann = api(ann)
        as_ann.open("/settings/account/delete")
        as_ann.submit("/settings/account/delete", {"current_password": PASSWORD})
        with database.reading() as db:
            assert db.scalar(select(func.count()).where(post.c.account_id == ann.id)) == 1

        assert set(before) == {200}
        assert {stranger.client.get(address).status_code for address in (*pages, *ids)} == {404}
        assert {api(bob).get(address).status_code for address in ids} == {404}
        assert (len(told), api(bob).get("/api/v1/notifications").json()) == (1, [])
        assert api(bob).get("/api/v2/search?q=ann").json()["accounts"] == []
        assert api(bob).get("/api/v2/search?q=wren").json()["statuses"] == []
        assert api(bob).get("/api/v1/timelines/public").json() == []
        assert of_ann.get("/api/v1/accounts/verify_credentials").status_code == 401

    def test_asks_for_the_password(self, database, ann, as_ann):
        as_ann.open("/settings/account/delete")
        response = as_ann.submit("/settings/account/delete", {"current_password": "a bad guess"})

        assert response.status_code == 422
        assert own(database, ann) is not None
