"""What people do with their accounts, and operators with the site."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx
from sqlalchemy import update

from secret_leaks.story import Story
from support.authenticator import Authenticator
from support.site_under_test import wait_for
from twite_common.tables import session

KEY, BACKUP = "data/secret.key", "backup.tar.gz"


def an_operator_makes_an_account_and_a_token(story: Story) -> None:
    story.passwords["ann"] = story.secrets.password("password made by an operator")
    create = ("account", "create", "ann", "--email", "ann@mail.example", "--password-stdin", "--confirmed")
    made = story.command(*create, "--role", "admin", typed=f"{story.passwords['ann']}\n")
    again = story.command(*create, typed=story.passwords["ann"])
    code, printed, output = story.command("token", "create", "ann", "--scopes", "read write")
    story.token = story.secrets.add("token made by an operator", printed.strip(), output)

    assert (made[0], again[0], code) == (0, 1, 0)


def somebody_logs_in(story: Story) -> None:
    story.log_in(story.ann, "ann", story.secrets.password("wrong password"))
    story.log_in(story.ann, story.secrets.password("password typed as a name"), "x")
    refused = story.ann.path
    story.log_in(story.ann, "ann", story.passwords["ann"])

    assert (refused, story.ann.path) == ("/login", "/")


def somebody_invites(story: Story) -> None:
    story.ann.open("/settings/invitations")
    story.ann.submit("/settings/invitations", {"uses": "2"})
    [address] = story.ann.page.find_all("a", href=re.compile("invitation="))
    story.secrets.add("invitation code", parse_qs(urlsplit(str(address["href"])).query)["invitation"][0])
    story.bob.open(f"{address['href']}&agreed=1")


def the_invited_sign_up_while_no_worker_runs(story: Story) -> None:
    story.passwords["bob"] = story.secrets.password("password for a new account")
    typed = {"username": "bob", "email": "bob@mail.example", "password": story.passwords["bob"]}
    story.bob.submit("/signup", typed | {"username": "b b"})
    story.bob.submit("/signup", typed)
    waiting = story.site.folder / "data" / "broker" / "messages"

    assert story.bob.path == "/signup/sent"
    wait_for(lambda: list(waiting.glob("*.msg")), story.site.printed)


def the_new_confirm_their_address(story: Story) -> None:
    story.site.start("worker")
    story.site.start("clock")
    link = story.link("confirmation link", "confirm")
    story.bob.open(link)
    story.bob.submit(link)
    story.bob.open(link)
    story.log_in(story.bob, "bob", story.passwords["bob"])

    assert story.bob.path == "/"


def somebody_forgets_a_password(story: Story) -> None:
    browser = story.browser()
    browser.open("/forgot")
    browser.submit("/forgot", {"email": "bob@mail.example"})
    link = story.link("password reset link", "reset")
    story.passwords["bob"] = story.secrets.password("password reset by mail")
    browser.open(link)
    browser.submit(link, {"password": "short"})
    browser.submit(link, {"password": story.passwords["bob"]})
    story.log_in(story.bob, "bob", story.passwords["bob"])

    assert (browser.path, story.bob.path) == ("/login", "/")


def somebody_changes_address_and_password(story: Story) -> None:
    change(story, "/settings/account/email", {"email": "bob@elsewhere.example"})
    link = story.link("e-mail change link", "confirm-email")
    story.bob.open(link)
    story.bob.submit(link)
    password = story.secrets.password("changed password")
    change(story, "/settings/account/password", {"password": password})
    story.passwords["bob"] = password
    story.log_in(story.browser(), "bob@elsewhere.example", password)

    assert "bob@elsewhere.example" in story.bob.open("/settings/account/email").text


def change(story: Story, page: str, values: dict[str, str]) -> None:
    let_time_pass(story)
    for password in (story.secrets.password("wrong password"), story.passwords["bob"]):
        story.bob.open(page)
        story.bob.submit(page, values | {"current_password": password})


def let_time_pass(story: Story) -> None:
    """Have everybody asked again whose account it is."""
    with story.site.database.writing() as db:
        db.execute(update(session).values(authenticated_at=None))


def somebody_sets_up_a_second_factor(story: Story) -> None:
    page = "/settings/security/app"
    story.bob.open(page)
    shown = str(story.bob.page.find("code", class_="code").text)
    app = Authenticator(story.secrets.add("key of an app", shown.replace(" ", "")), [])
    story.secrets.add("key of an app, in groups", shown)
    story.secrets.add("set-up of an app", story.bob.value("sealed"))
    story.bob.submit(page, {"code": "000000"})
    story.bob.submit(page, {"code": app.code()})
    codes = [story.secrets.add("recovery code", code.text) for code in story.bob.page.select(".recovery-codes code")]
    for code in codes:
        story.secrets.add("recovery code, as it is hashed", code.replace("-", ""))
    for right in (app.code(ahead=1), codes[0]):
        browser = story.browser()
        story.log_in(browser, "bob", story.passwords["bob"])
        browser.submit("/login/code", {"code": "wrong-wrong-wrong-wrong"})
        browser.submit("/login/code", {"code": right})
        assert browser.path == "/"
    story.bob, story.recovery_codes = browser, codes
    story.command("account", "show", "bob")


def somebody_reads_their_timeline_as_a_feed(story: Story) -> None:
    """Its address shows what its owner sees; it ends with the account at the latest."""
    story.bob.open("/settings/feeds")
    story.bob.submit("/settings/feeds", {"what": "home"})
    path = urlsplit(story.bob.page.find("code").text).path
    story.secrets.add("address of a feed", path.split("/")[2])
    assert story.bob.client.get(path).status_code == 200


def somebody_follows_by_mail(story: Story) -> None:
    story.ann.open("/settings/profile")
    story.ann.submit("/settings/profile", {"follow_by_mail": "1"})
    story.stranger.open("/@ann/by-mail")
    story.stranger.submit("/@ann/by-mail", {"email": "reader@mail.example"})
    link = story.link("link to follow by mail", "by-mail/confirm")
    story.stranger.open(link)
    story.stranger.submit(link)

    assert "from now on" in story.stranger.text


def somebody_has_a_webhook(story: Story) -> None:
    """Its secret signs requests; one that is renewed is over."""
    page = "/settings/webhooks"
    story.bob.open(page)
    story.bob.submit(page, {"url": "https://hooks.invalid/bob", "mention": "1"})
    story.secrets.add("secret of a webhook", story.bob.page.find("code", class_="code").text)
    story.bob.open(story.bob.page.find("a", href=re.compile(f"^{page}/"))["href"])
    story.bob.submit(f"{story.bob.path}/secret", {})
    story.secrets.add("renewed secret of a webhook", story.bob.page.find("code", class_="code").text)


def somebody_logs_in_with_a_link(story: Story) -> None:
    browser = story.browser()
    browser.open("/login/link")
    browser.submit("/login/link", {"email": "bob@elsewhere.example"})
    link = story.link("login link", "login/link")
    browser.open(link)
    browser.submit(link)

    assert browser.path == "/"


def somebody_reads_what_was_done(story: Story) -> None:
    link = story.link("link of whom it wasn't", "not-me")
    page = story.browser().open(link)

    assert page.status_code == 200


def somebody_wants_no_more_mail(story: Story) -> None:
    headers = {"Authorization": f"Bearer {story.token}"}
    posted = httpx.post(f"{story.site.base_url}/api/v1/statuses", headers=headers, data={"status": "@bob hello"})
    link = story.link("unsubscribe link", "unsubscribe")
    story.stranger.open(link)
    story.stranger.submit(link)

    assert posted.status_code == 200
    assert "You no longer get e-mails" in story.stranger.text


def somebody_is_warned_and_appeals(story: Story) -> None:
    story.ann.open("/admin/accounts?q=bob")
    story.ann.open(str(story.ann.page.select_one(".records a.name")["href"]))
    story.ann.submit(f"{story.ann.path}/act", {"text": "Please stop."})
    link = story.link("appeal link", "appeal")
    story.stranger.open(link)
    story.stranger.submit(link, {"text": "It wasn't me."})

    assert "Your appeal has been sent." in story.stranger.text


def an_operator_looks_around(story: Story) -> None:
    looks = (
        ("backup", str(story.site.folder / BACKUP)),
        ("settings",),
        ("check",),
        ("account", "list"),
        ("account", "show", "ann"),
        ("token", "list", "ann"),
        ("events", "list"),
    )

    assert [arguments for arguments in looks if story.command(*arguments)[0] != 0] == []


def somebody_leaves(story: Story) -> None:
    page = "/settings/account/delete"
    let_time_pass(story)
    for code in ("wrong-wrong-wrong-wrong", story.recovery_codes[1]):
        story.bob.open(page)
        story.bob.submit(page, {"current_code": code})
    story.ann.open("/settings")
    story.ann.submit("/logout")

    assert story.bob.path == "/"
