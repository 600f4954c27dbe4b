"""What somebody shares beyond the site and with others: posts by mail, webhooks, and an account of several people."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from support import journeys, webhook_receiver
from support.journeys import NUMBERS, Mix, Person, Town, in_mixes
from support.mails import link_in_mail
from support.oauth_client import OUT_OF_BAND
from support.site_under_test import PASSWORD, Site
from support.webhook_receiver import Receiver
from twite_common import clock, translations
from twite_common.services.notifications import mail_followers
from twite_common.tables import mail_follower

READERS = (
    "At the moment there is %(count)s, who will be forgotten when you turn this off.",
    "At the moment there are %(count)s, who will be forgotten when you turn this off.",
)
pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]


@pytest.fixture(scope="module")
def town(make_shared_site: Callable[..., Site]) -> Town:
    site = make_shared_site(allow_private_addresses="true")
    site.start("web")
    return Town(site)


@pytest.fixture
def open_browser(chromium: Browser, town: Town) -> Iterator[Callable[..., Person]]:
    with journeys.browsers(chromium, town) as open_browser:
        yield open_browser


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with webhook_receiver.running() as receiver:
        yield receiver


def mail_posts(town: Town, email: str) -> None:
    """Send a reader the mail with what is new, as the clock asks for it every day."""
    with town.site.database.writing() as db:
        follower_id = db.execute(select(mail_follower.c.id).where(mail_follower.c.email == email)).scalar_one()
        mail_followers.plan(db, town.site.settings, follower_id, now=clock.now())
    town.work()


@in_mixes("en", phone=True, script=False)
def test_a_reader_without_an_account_follows_by_mail_and_stops(
    town: Town, open_browser: Callable[..., Person], mix: Mix
) -> None:
    owner, reader = open_browser(mix, town.add("columnist")), open_browser(mix)
    email = f"reader{next(NUMBERS)}@elsewhere.example"
    offer = reader.main.get_by_role("link", name=reader.say("Follow by e-mail"))
    reader.go(f"/@{owner.name}")
    expect(offer).to_have_count(0)
    owner.go("/settings/profile")
    owner.field("Let people without an account follow me by e-mail").check()
    owner.press("Save")
    owner.sees("Your changes have been saved.")

    reader.go(f"/@{owner.name}")
    offer.click()
    reader.field("Your e-mail address").fill(email)
    reader.press("Send me a link")
    reader.sees("Please check your e-mail")
    reader.check_page()
    town.work()
    reader.go(link_in_mail(town.site, "/by-mail/confirm/", to=email))
    reader.press("Yes, send me the posts")
    reader.sees(
        "Done: you get the public posts of @%(username)s by e-mail from now on, when there are new ones.",
        username=owner.name,
    )

    town.write(owner.name, "Good morning, readers")
    mail_posts(town, email)
    reader.go(link_in_mail(town.site, rf"/@{owner.name}/\d", to=email))
    expect(reader.post(owner.name)).to_contain_text("Good morning, readers")
    owner.go("/settings/profile")
    with translations.using(owner.language):
        expect(owner.main).to_contain_text(translations.ngettext(*READERS, 1))
    reader.go(link_in_mail(town.site, r"/by-mail/(?!confirm)", to=email))
    reader.press("Unsubscribe")
    reader.sees("You get no more of these e-mails, and your address has been forgotten.")

    owner.field("Let people without an account follow me by e-mail").uncheck()
    owner.press("Save")
    owner.sees("Your changes have been saved.")
    reader.go(f"/@{owner.name}")
    expect(offer).to_have_count(0)


@in_mixes("en", phone=True, script=False)
def test_a_webhook_is_made_tested_paused_and_removed(
    town: Town, open_browser: Callable[..., Person], receiver: Receiver, mix: Mix
) -> None:
    me = open_browser(mix, town.add("tinkerer"))
    secret = me.main.locator(".made code")

    def send_test() -> None:
        me.press("Send a test")
        me.sees("A test is on its way. Refresh to see what became of it.")
        town.work()
        me.follow_link("Refresh")

    me.go("/settings/webhooks")
    me.field("Address").fill(receiver.url)
    me.field("Your password").fill(PASSWORD)
    me.press("Make a webhook")
    expect(me.main.get_by_role("alert").first).to_be_visible()
    me.field("You publish a post").check()
    if me.field("Your password").count():
        me.field("Your password").fill(PASSWORD)
    me.press("Make a webhook")
    me.sees("Copy it now. It can't be shown again. With it, your receiver checks that a request comes from here.")
    first_secret = secret.inner_text()
    me.check_page()
    me.main.get_by_role("link", name=receiver.url.removesuffix("/hook"), exact=True).click()
    send_test()
    me.sees("Delivered")
    assert receiver.read(first_secret)["event"] == "test"

    receiver.status = 500
    send_test()
    me.sees("Failed")
    me.check_page()
    receiver.status = 200
    me.main.get_by_role("listitem").get_by_role("button").click()
    me.sees("It is sent again. Refresh to see what became of it.")
    town.work()
    me.follow_link("Refresh")
    expect(me.main).not_to_contain_text(me.say("Failed"))

    me.press("Pause")
    me.sees("The webhook is paused. It won't be told what happens meanwhile, not even later.")
    town.write(me.name, "Nobody is told of this")
    town.work()
    me.press("Resume")
    me.sees("The webhook is told again what happens.")
    told = len(receiver.got)
    town.write(me.name, "And of this, it is")
    town.work()
    assert len(receiver.got) == told + 1
    assert "And of this, it is" in receiver.read(first_secret)["object"]["content"]

    me.press("Make a new secret")
    expect(secret).not_to_have_text(first_secret)
    second_secret = secret.inner_text()
    send_test()
    assert receiver.read(second_secret)["event"] == "test"
    me.press("Remove")
    me.sees("The webhook has been removed.")


@in_mixes("en", phone=True, script=False)
def test_several_people_write_for_one_account(town: Town, open_browser: Callable[..., Person], mix: Mix) -> None:
    owner, member = open_browser(mix, town.add("club")), open_browser(mix, town.add("member"))
    declining = open_browser(mix, town.add("busy"))
    for invited in (member, declining):
        owner.go("/settings/members")
        owner.field("Their username").fill(invited.name)
        if owner.field("Your password").count():
            owner.field("Your password").fill(PASSWORD)
        owner.press("Invite")
        owner.sees("The invitation has been sent.")
    town.work()
    declining.go(link_in_mail(town.site, "/settings/member", to=f"{declining.name}@mail.example"))
    declining.main.locator("button[formaction$=leave]").click()
    declining.sees("You don't act for that account.")

    member.go(link_in_mail(town.site, "/settings/member", to=f"{member.name}@mail.example"))
    member.sees("Publishes posts and replies, sends messages, favourites and boosts. Edits and deletes only their own.")
    member.main.locator("form[action$=accept] button").first.click()
    member.sees("You can act for this account now: the menu leads there.")
    member.press("Write as @%(name)s", name=owner.name)
    member.sees("You act for this account now. What you write is published under its name.")
    member.compose()
    member.field("What's new?").fill("All are welcome on Sunday")
    member.press("Publish")
    expect(member.post(owner.name)).to_contain_text("All are welcome on Sunday")
    expect(member.main.locator(".post-facts", has_text=f"@{member.name}")).to_be_visible()
    shared_path = member.page.url.split("?")[0]
    member.page.goto("/settings/profile")
    member.sees("Not while you act for another account")
    member.press("Back to @%(name)s", name=member.name)
    member.sees("You are yourself again.")

    for reader, shown in ((owner, 1), (open_browser(mix), 0)):
        reader.go(shared_path)
        expect(reader.post(owner.name)).to_contain_text("All are welcome on Sunday")
        expect(reader.main.locator(".post-facts", has_text=f"@{member.name}")).to_have_count(shown)

    with httpx.Client(base_url=town.site.base_url, timeout=20) as client:
        asked = {"client_name": "Calendar", "redirect_uris": OUT_OF_BAND, "scopes": "read write"}
        application = client.post("/api/v1/apps", json=asked).raise_for_status().json()
        known = {"client_id": application["client_id"], "redirect_uri": OUT_OF_BAND}
        address = httpx.URL("/oauth/authorize", params={**known, "response_type": "code", "scope": "read write"})
        member.page.goto(str(address))
        member.page.get_by_label(member.say("For which account?")).select_option(label=f"@{owner.name}")
        member.page.get_by_role("button", name=member.say("Authorize"), exact=True).click()
        code = member.page.locator("code").inner_text()
        given = {"grant_type": "authorization_code", "code": code, "client_secret": application["client_secret"]}
        token = client.post("/oauth/token", json={**known, **given}).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        who = client.get("/api/v1/accounts/verify_credentials").raise_for_status().json()["username"]
        owner.go("/settings/members")
        owner.main.locator("form[action$=remove] button").click()
        owner.sees("They can't act for your account any more.")

        assert who == owner.name
        assert client.get("/api/v1/accounts/verify_credentials").status_code == 401
    member.go("/settings/members")
    expect(member.main).not_to_contain_text(f"@{owner.name}")
