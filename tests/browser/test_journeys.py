"""What people do on the site from beginning to end, in English and from right to left in Arabic.

Each journey is gone twice, in mixes that differ in everything: the language, with or without script, phone or desktop.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from support import journeys
from support.journeys import NUMBERS, Mix, Person, Town, in_mixes
from support.mails import link_in_mail
from support.scripts import scripts_ready
from support.site_under_test import Site
from twite_common.drafts import PollDraft

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]


@pytest.fixture(scope="module")
def town(make_shared_site: Callable[..., Site]) -> Town:
    site = make_shared_site()
    site.start("worker")
    site.start("web")
    return Town(site)


@pytest.fixture
def open_browser(chromium: Browser, town: Town) -> Iterator[Callable[..., Person]]:
    with journeys.browsers(chromium, town) as open_browser:
        yield open_browser


@in_mixes("ar", phone=True, script=True)
def test_a_newcomer_signs_up_and_settles_in(town: Town, open_browser: Callable[..., Person], mix: Mix) -> None:
    host = town.add("host")
    town.set_profile(host, discoverable=True)
    me = open_browser(mix)
    me.name = f"newcomer{next(NUMBERS)}"
    me.go("/signup")
    me.press("Continue")
    me.field("Username").fill(me.name)
    me.field("E-mail address").fill(f"{me.name}@mail.example")
    me.field("Password").fill("a long enough one")
    me.press("Create account")
    expect(me.main.get_by_role("heading", level=1)).to_have_text(me.say("Check your e-mail"))
    me.go(link_in_mail(town.site, "/confirm/", to=f"{me.name}@mail.example"))
    me.press("Confirm")
    me.sees("Your e-mail address has been confirmed. You can log in now.")
    me.go("/login")
    me.field("Username or e-mail address").fill(me.name)
    me.field("Password").fill("a long enough one")
    me.press("Log in")
    me.page.locator("body[data-member]").wait_for()

    me.go("/welcome")
    me.sees("Welcome, @%(username)s", username=me.name)
    me.field("Name").fill("Newcomer")
    me.press("Save and go on")
    me.sees("Whom would you like to read?")
    row = me.main.get_by_role("listitem").filter(has_text=f"@{host}")
    row.get_by_role("button").click()
    expect(row.get_by_role("button", name=me.say("Unfollow"))).to_be_visible()
    me.press("Go on")
    me.sees("Say hello")
    me.main.get_by_role("textbox", name=me.say("What's new?")).fill("Hello, I am new here")
    me.press("Publish")
    expect(me.post("Newcomer")).to_contain_text("Hello, I am new here")
    me.go("/menu")
    me.press("Log out @%(name)s", name=me.name)
    me.sees("You are logged out.")


@in_mixes("ar", phone=False, script=False)
def test_a_poll_and_a_thread_are_written_and_a_post_is_edited(
    town: Town, open_browser: Callable[..., Person], mix: Mix
) -> None:
    me = open_browser(mix, town.add("writer"))
    me.compose()
    me.field("What's new?").fill("شاي أم قهوة؟ Tea or coffee?")
    me.open_part("Content warning")
    me.field("Shown first; readers click to see the text").fill("Drinks")
    me.open_part("Poll")
    me.field("Choice %(number)s", number=1).fill("Tea")
    me.field("Choice %(number)s", number=2).fill("Coffee")
    me.press("Publish")
    expect(me.post(me.name)).to_contain_text("Drinks")

    me.compose()
    me.field("What's new?").fill("One")
    me.press("Add another post")
    me.field("Post %(number)s of the thread", number=2).fill("Two")
    me.press("Publish")
    expect(me.post(me.name)).to_contain_text("One")
    me.go(f"/@{me.name}")
    expect(me.post(me.name)).to_contain_text("Two")
    me.follow_link("More", me.post(me.name))
    me.page.get_by_role("link", name=me.say("Edit"), exact=True).click()
    me.page.get_by_label(me.say("Your post"), exact=True).fill("Two and a half")
    me.page.get_by_role("button", name=me.say("Save"), exact=True).first.click()
    expect(me.main).to_contain_text("Two and a half")
    me.check_page()


@in_mixes("ar", phone=True, script=False)
def test_a_post_is_favourited_boosted_answered_and_voted_on_and_its_author_hears_of_it(
    town: Town, open_browser: Callable[..., Person], mix: Mix
) -> None:
    author = town.add("author")
    town.write(author, "Which?", poll=PollDraft(options=("Tea", "Coffee"), expires_in_seconds=3600))
    me = open_browser(mix, town.add("reader"))
    me.go(f"/@{author}")
    profile = me.main.locator(".profile")
    profile.locator("form.follow button").click()
    expect(profile.locator("form.follow button")).to_contain_text(me.say("Unfollow"))
    for verb, undo in (("favourite", "Remove favourite"), ("boost", "Undo boost"), ("bookmark", "Remove bookmark")):
        button = me.post(author).locator(f".actions .{verb}")
        button.click()
        expect(button).to_have_class(re.compile(r"\bon\b"))
        expect(button).to_have_attribute("title", me.say(undo))
    me.post(author).get_by_label("Tea").check()
    me.press("Vote", me.post(author))
    expect(me.post(author).locator(".poll")).to_contain_text(me.say("your vote"))

    me.post(author).get_by_role("link", name=me.say("Reply")).click()
    me.page.get_by_role("textbox", name=me.say("Your reply")).fill(f"@{author} Tea, please")
    me.page.get_by_role("button", name=me.say("Reply"), exact=True).click()
    expect(me.page.locator(".toast, .notice").last).to_contain_text(me.say("Your post has been published."))

    other = open_browser(mix, author)
    other.go("/notifications")
    for kind in ("follow", "favourite", "boost", "mention"):
        expect(other.main.locator(f".notification .kind[data-kind={kind}]")).to_have_count(1)
    expect(other.main).to_contain_text("Tea, please")
    dismissed = other.main.locator(".notification").filter(has=other.page.locator("[data-kind=favourite]"))
    dismissed.locator(".notification-head summary").click()
    other.press("Dismiss", dismissed)
    expect(dismissed).to_have_count(0)


@in_mixes("ar", phone=False, script=True)
def test_lists_filters_hashtags_and_settings_are_arranged(
    town: Town, open_browser: Callable[..., Person], mix: Mix
) -> None:
    friend = town.add("friend")
    me = open_browser(mix, town.add("tidy"))
    town.follow(me.name, friend)
    town.write(friend, "Marmalade for everybody #breakfast")
    me.go("/lists/new")
    me.field("Name").fill("Friends")
    me.press("Create list")
    me.sees("Your list is ready. Add the people you want on it.")
    me.go("/lists")
    me.main.get_by_role("link", name=re.compile(re.escape(me.say("Members")))).click()
    if mix.script:
        scripts_ready(me.page)
    me.field("Search people you follow").fill(friend)
    if not mix.script:
        me.press("Search")
    # People to add stand there before.
    me.sees("People found")
    add = me.main.get_by_role("listitem").filter(has_text=f"@{friend}").get_by_role("button")
    add.first.click()
    expect(add).to_have_count(2)
    me.main.get_by_title("Friends").click()
    expect(me.post(friend)).to_contain_text("Marmalade")

    me.go("/settings/filters/new")
    me.field("Name").fill("No jam")
    me.field("Word %(number)s", number=1).fill("marmalade")
    me.press("Create filter")
    me.sees("Your filter is active.")
    me.go("/")
    me.main.get_by_text(me.say("Filtered: %(title)s", title="No jam")).click()
    expect(me.post(friend)).to_contain_text("Marmalade")
    me.go("/tags/breakfast")
    me.press("Follow")
    expect(me.main.get_by_role("button", name=me.say("Unfollow"))).to_be_visible()

    me.go("/settings/preferences")
    other = "en" if me.language == "ar" else "ar"
    me.main.locator("select[name=locale]").select_option(other)
    me.press("Save")
    me.language = other
    me.sees("Your changes have been saved.")
    me.check_page()
    me.go("/settings/preferences")


@in_mixes("ar", phone=True, script=True)
def test_what_happened_in_between_is_caught_up_with(town: Town, open_browser: Callable[..., Person], mix: Mix) -> None:
    friend = town.add("busy")
    me = open_browser(mix, town.add("away"))
    town.follow(me.name, friend)
    town.write(friend, "While you were away")
    me.go("/catch-up?since=day")
    me.sees("Who posted")
    expect(me.post(friend)).to_contain_text("While you were away")
    me.sees("That is all.")
    me.main.locator("summary", has_text=me.say("How this is chosen")).click()
    rule = me.main.locator(".rules input[type=checkbox]").first
    rule.uncheck()
    me.press("Save")
    expect(rule).not_to_be_checked()


@in_mixes("ar", phone=False, script=False)
def test_people_hashtags_and_posts_are_searched(town: Town, open_browser: Callable[..., Person], mix: Mix) -> None:
    word = f"heron{next(NUMBERS)}"
    author = town.add(word)
    town.set_profile(author, discoverable=True, indexable=True)
    town.write(author, f"A {word} by the weir #{word}")
    me = open_browser(mix, town.add("seeker"))
    me.go("/search")
    box = me.main.get_by_role("searchbox").or_(me.main.get_by_role("combobox"))
    box.fill(word)
    box.press("Enter")
    for found in ("People", "Hashtags", "Posts"):
        expect(me.main.get_by_role("heading", level=2, name=me.say(found), exact=True)).to_be_visible()
    me.check_page()
    expect(me.post(author)).to_contain_text("by the weir")
    me.go(f"/search?q={word}+unheardof")
    me.sees("No results for “%(query)s”.", query=f"{word} unheardof")
    me.go("/search")
    me.press("Forget all")
    expect(me.main).not_to_contain_text("unheardof")


@in_mixes("ar", phone=True, script=False)
def test_figures_are_looked_at(town: Town, open_browser: Callable[..., Person], mix: Mix) -> None:
    me = open_browser(mix, town.add("counter"))
    town.write(me.name, "Count me")
    me.go("/statistics")
    chart = me.main.locator("figure.chart").first
    chart.locator("summary").click()
    expect(chart.get_by_role("table")).to_be_visible()
    csv = me.page.request.get(str(chart.get_by_role("link").get_attribute("href")))
    assert csv.headers["content-type"].startswith("text/csv")
    me.main.get_by_role("link", name=re.compile(r"\d{4}")).first.click()
    me.check_page()
    me.go("/about/statistics")
    expect(me.main.locator("figure.chart").first).to_be_visible()


@in_mixes("ar", phone=False, script=True)
def test_a_post_is_reported_and_looked_after(town: Town, open_browser: Callable[..., Person], mix: Mix) -> None:
    rude = town.add("rude")
    town.write(rude, "You are all fools")
    me = open_browser(mix, town.add("witness"))
    me.go(f"/@{rude}")
    me.follow_link("More", me.post(rude))
    me.page.get_by_role("link", name=me.say("Report"), exact=True).last.click()
    me.field("What should staff know?").fill("Please be kind")
    me.press("Report")
    me.page.wait_for_url(f"**/@{rude}*")

    staff = open_browser(mix, town.add("keeper", role="moderator"))
    staff.go("/admin")
    staff.go("/admin/reports")
    staff.main.get_by_role("link", name=rude).click()
    expect(staff.main).to_contain_text("You are all fools")
    expect(staff.main).to_contain_text("Please be kind")
    staff.press("Assign to me")
    staff.field("Message to the account").fill("Be kind")
    staff.press("Apply")
    expect(staff.main).to_contain_text(staff.say("resolved by @%(username)s", username=staff.name))
    staff.go("/admin/reports?settled=1")
    expect(staff.main).to_contain_text(rude)

    warned = open_browser(mix, rude)
    warned.go("/notifications")
    warned.follow_link("Read it or appeal")
    expect(warned.main).to_contain_text("Be kind")
    warned.check_page()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_everything_is_done_by_keyboard_though_the_network_is_cut(
    town: Town, open_browser: Callable[..., Person], language: str
) -> None:
    friend, other = town.add("friend"), town.add("other")
    town.write(friend, "Older")
    town.write(friend, "Newer")
    me = open_browser(Mix(language, phone=False, script=True), town.add("typist"))
    town.follow(me.name, friend)
    keyboard = me.page.keyboard
    me.go(f"/@{friend}")
    scripts_ready(me.page)
    keyboard.press("j")
    keyboard.press("j")
    expect(me.main.locator(".feed .post").nth(1)).to_be_focused()
    # It shows at once; the network is cut when it is done.
    with me.page.expect_response(lambda response: response.request.method == "POST"):
        keyboard.press("f")
    expect(me.main.locator(".feed .post").nth(1).locator(".favourite")).to_have_class(re.compile(r"\bon\b"))
    expect(me.main.locator(".feed .post").nth(1).locator("form.actions")).not_to_have_attribute("aria-busy", "true")
    me.page.context.set_offline(True)
    keyboard.press("b")
    expect(me.page.locator(".toast")).to_contain_text(me.say("The site can't be reached. Nothing was changed."))
    expect(me.main.locator(".feed .post").nth(1).locator(".boost")).not_to_have_class(re.compile(r"\bon\b"))
    me.page.context.set_offline(False)
    keyboard.press("r")
    dialog = me.page.get_by_role("dialog")
    reply = dialog.get_by_label(me.say("Your reply"))
    expect(reply).to_be_focused()
    expect(dialog.locator("[data-files]")).to_have_count(0)
    keyboard.type("I read it")
    keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0)
    expect(me.page.locator(".toast").last).to_contain_text(me.say("Your post has been published."))
    keyboard.press("/")
    expect(me.page.get_by_role("combobox")).to_be_focused()
    keyboard.type(other)
    expect(me.page.get_by_role("option").first).to_be_visible()
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    me.page.wait_for_url(f"**/@{other}")
    scripts_ready(me.page)
    keyboard.press("g")
    keyboard.press("n")
    me.page.wait_for_url("**/notifications")
    me.check_page()
