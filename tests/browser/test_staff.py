"""What staff do: rules for content and the posts that they hold, and how mail fares."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from playwright.sync_api import Browser, Locator, expect

from support import journeys
from support.journeys import NUMBERS, Mix, Person, Town, in_mixes
from support.mails import MailServer, Postbox
from support.site_under_test import Site, free_port
from twite_common.queries.notifications.mail_log import Finding
from twite_tasks.notifications import domain_check

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]

GONE = "gone@mail.example"


class Choosy(Postbox):
    """A mail server's handler that knows nobody of a name."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take an address, or refuse it."""
        if address == GONE:
            return "550 5.1.1 Nobody has this name here"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture(scope="module")
def town(make_shared_site: Callable[..., Site]) -> Iterator[Town]:
    server = MailServer(Choosy(), hostname="127.0.0.1", port=free_port())
    server.start()
    site = make_shared_site(smtp=f"smtp://127.0.0.1:{server.port}")
    site.start("web")
    yield Town(site)
    server.stop()


@pytest.fixture
def open_browser(chromium: Browser, town: Town) -> Iterator[Callable[..., Person]]:
    with journeys.browsers(chromium, town) as open_browser:
        yield open_browser


def publish(writer: Person, text: str) -> None:
    writer.compose()
    writer.field("What's new?").fill(text)
    writer.press("Publish")


def record(person: Person, text: str) -> Locator:
    return person.main.get_by_role("listitem").filter(has_text=text)


@in_mixes("en", phone=True, script=False)
def test_a_rule_is_tried_and_holds_posts_that_staff_decide_about(
    town: Town, open_browser: Callable[..., Person], mix: Mix
) -> None:
    word = f"watches{next(NUMBERS)}"
    staff, writer = open_browser(mix, town.add("keeper", role="admin")), open_browser(mix, town.add("seller"))
    town.write(writer.name, f"Cheap {word}, earlier")
    staff.go("/admin/content-rules")
    staff.follow_link("Add a rule")
    staff.field("Name").fill(f"About {word}")
    staff.press("Save")
    staff.sees("Please say what the rule looks for: at least one of the conditions.")
    staff.field("Words or phrases").fill(word)
    staff.field("What its author is told").fill("We look at these first.")
    staff.press("Save")
    staff.press("Try it on the last 30 days")
    staff.sees("It will be tried on earlier posts in a moment.")
    town.work()
    staff.follow_link("Refresh")
    expect(staff.main.locator(".post")).to_contain_text(f"Cheap {word}, earlier")
    staff.check_page()
    staff.press("Switch it on")
    staff.sees("The rule is on. It looks at each post from now on.")

    for text in (f"Good {word}", f"Bad {word}"):
        publish(writer, text)
        writer.sees("Your post is kept and waits for the staff to review it. Nobody else sees it until then.")
        expect(writer.main.get_by_role("article").filter(has_text=text)).to_contain_text("We look at these first.")
    writer.check_page()

    staff.go("/admin/held")
    record(staff, f"Good {word}").get_by_role("checkbox").check()
    staff.press("Publish the chosen")
    staff.sees("The chosen posts have been published.")
    staff.press("Reject the chosen")
    staff.sees("Please choose at least one post.")
    record(staff, f"Bad {word}").get_by_role("checkbox").check()
    staff.field("What the authors of rejected posts are told").fill("No advertisements, please.")
    staff.press("Reject the chosen")
    staff.sees("The chosen posts have been rejected, and their authors notified.")
    town.work()
    writer.go(f"/@{writer.name}")
    expect(writer.post(writer.name)).to_contain_text(f"Good {word}")
    expect(writer.main).not_to_contain_text(f"Bad {word}")
    writer.go("/notifications")
    expect(writer.main).to_contain_text(f"Bad {word}")
    writer.follow_link("Read it or appeal")
    expect(writer.main).to_contain_text("No advertisements, please.")

    staff.follow_link("Rejected")
    record(staff, f"Bad {word}").get_by_role("button").click()
    staff.sees("The rejection has been taken back. The post waits for a decision again.")
    expect(record(staff, f"Bad {word}")).to_be_visible()
    writer.go("/held")
    writer.press("Delete")
    writer.sees("Nothing is held")
    staff.go("/admin/content-rules")
    staff.main.get_by_role("link", name=f"About {word}", exact=True).click()
    staff.press("Switch it off")
    staff.sees("The rule is off. New posts are left alone.")
    publish(writer, f"Free {word}")
    expect(writer.post(writer.name)).to_contain_text(f"Free {word}")


@in_mixes("en", phone=True, script=False)
def test_a_rule_that_refuses_says_why_and_keeps_what_was_typed(
    town: Town, open_browser: Callable[..., Person], mix: Mix
) -> None:
    word = f"casino{next(NUMBERS)}"
    staff, writer = open_browser(mix, town.add("keeper", role="admin")), open_browser(mix, town.add("player"))
    staff.go("/admin/content-rules/new")
    staff.field("Name").fill(f"No {word}")
    staff.field("Words or phrases").fill(word)
    staff.field("What happens to the post").select_option("refuse")
    staff.field("What its author is told").fill("We have no games here.")
    staff.press("Save")
    staff.press("Try it on the last 30 days")
    staff.sees("It will be tried on earlier posts in a moment.")
    town.work()
    staff.follow_link("Refresh")
    staff.press("Switch it on")
    staff.sees("The rule is on. It looks at each post from now on.")
    publish(writer, f"Come to my {word}")

    problem, text = writer.main.locator(".problem"), writer.field("What's new?")
    expect(problem).to_contain_text("We have no games here.")
    expect(text).to_have_value(f"Come to my {word}")
    above, below = problem.bounding_box(), text.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"]


@in_mixes("en", phone=True, script=False)
def test_how_mail_fares_is_seen_and_a_test_sent(
    town: Town, open_browser: Callable[..., Person], mix: Mix, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = (Finding("mx", "good", record="10 mx.town.example."), Finding("dmarc", "missing"))
    monkeypatch.setattr(domain_check, "findings", lambda *_: said)
    staff = open_browser(mix, town.add("postmaster", role="admin"))
    for address, state in ((f"{staff.name}@mail.example", "accepted by the mail server"), (GONE, "failed")):
        staff.go("/admin/mails")
        staff.field("Send a test e-mail to").fill(address)
        staff.press("Send")
        staff.sees("The e-mail is on its way. Refresh to see its status.")
        town.work()
        staff.follow_link("Refresh")
        staff.sees(state)
        staff.check_page()
    expect(staff.main).to_contain_text("Nobody has this name here")

    staff.go("/admin/mails")
    expect(record(staff, GONE).first).to_contain_text("Nobody has this name here")
    staff.press("Ask DNS now")
    staff.sees("DNS is being asked. Refresh in a moment to see what it said.")
    town.work()
    staff.follow_link("Refresh")
    expect(record(staff, "(MX)")).to_contain_text(staff.say("fine"))
    expect(record(staff, "(DMARC)")).to_contain_text(staff.say("missing"))
    staff.follow_link("What was sent")
    staff.field("To an address or an account").fill(GONE)
    staff.press("Search")
    expect(record(staff, "g•••@mail.example").first).to_contain_text(staff.say("failed"))
    staff.check_page()
    staff.follow_link("Failed")
    expect(record(staff, "g•••@mail.example").first).to_contain_text("Nobody has this name here")
