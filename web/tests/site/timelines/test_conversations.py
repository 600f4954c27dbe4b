"""Messages: conversations as an inbox, and each as a thread."""

import pytest


@pytest.fixture
def hello(ann, bob, make_post):
    """A post by Bob that only Ann can read."""
    return make_post(bob, "@ann Are you coming?", visibility="mentioned")


def opened(browser):
    """Open the first conversation of somebody's inbox, and return its address."""
    browser.open("/messages")
    address = browser.page.select_one(".conversation .name")["href"].partition("#")[0]
    browser.open(address)
    return address


def lines(browser):
    return [line.get_text().strip() for line in browser.page.select(".message .text")]


def test_the_inbox_says_with_whom_and_what_came_last(as_ann, hello):
    as_ann.open("/messages")
    line = as_ann.page.select_one(".conversation")

    assert "bob" in line.select_one(".name").get_text()
    assert line.select_one(".excerpt").get_text() == "Are you coming?"
    assert "unread" in line["class"]


def test_looking_at_a_conversation_makes_it_read(as_ann, hello):
    address = opened(as_ann)
    as_ann.open("/messages")
    read = not as_ann.page.select(".conversation.unread")
    as_ann.submit(f"{address}/unread")
    as_ann.open("/messages")

    assert read
    assert as_ann.page.select(".conversation.unread")


def test_a_reply_reaches_who_is_in_the_conversation_and_nobody_else(as_ann, as_bob, hello, make_account, logged_in):
    opened(as_ann)
    as_ann.submit(as_ann.page.select_one(".message-form")["action"], {"text": "On my way"})
    opened(as_bob)
    cho = logged_in(make_account("cho"))
    cho.open("/messages")

    assert lines(as_ann) == lines(as_bob) == ["Are you coming?", "On my way"]
    assert not cho.page.select(".conversation")


def test_what_others_may_read_is_no_message(as_ann, ann, hello, make_post):
    make_post(ann, "Anybody else?", visibility="public", in_reply_to_id=hello)
    opened(as_ann)

    assert lines(as_ann) == ["Are you coming?"]


def test_a_message_to_somebody_begins_on_their_profile(as_ann, as_bob):
    as_ann.open("/@bob")
    as_ann.open(as_ann.page.select_one('a[href^="/messages/new"]')["href"])
    as_ann.submit("/messages", {"text": "Hello Bob"})
    notice = as_ann.page.select_one(".notice")
    opened(as_bob)

    assert lines(as_bob) == ["Hello Bob"]
    assert notice.get_text() == "Your message has been sent."


def test_a_message_to_nobody_is_shown_again(as_ann):
    as_ann.open("/messages/new")
    as_ann.submit("/messages", {"to": "nobody", "text": "Hello?"})

    assert "There is nobody here with this name." in as_ann.text
    assert "Hello?" in as_ann.text


def test_an_empty_message_is_refused(as_ann, hello):
    address = opened(as_ann)
    as_ann.submit(address, {"text": "  "})

    assert as_ann.page.select(".problem")
    assert lines(as_ann) == ["Are you coming?"]


def test_a_form_sent_twice_makes_one_message(as_ann, hello):
    address = opened(as_ann)
    page = as_ann.page
    as_ann.submit(address, {"text": "Once"})
    as_ann.page = page
    as_ann.submit(address, {"text": "Once"})

    assert lines(as_ann) == ["Are you coming?", "Once"]


def test_a_removed_conversation_is_gone_from_ones_own_list_only(as_ann, as_bob, hello):
    address = opened(as_ann)
    as_ann.submit(f"{address}/delete")
    as_ann.open("/messages")
    as_bob.open("/messages")

    assert not as_ann.page.select(".conversation")
    assert as_bob.page.select(".conversation")


def test_nobody_elses_conversation_is_found(as_ann, hello, make_account, logged_in):
    address = opened(as_ann)
    cho = logged_in(make_account("cho"))
    cho.open(address)

    assert cho.response.status_code == 404
    assert "Are you coming?" not in cho.text


def test_a_message_is_sent_whatever_its_form_is_called(as_ann, bob):
    as_ann.open("/messages/new?to=bob")
    response = as_ann.submit("/messages", {"text": "Hello", "key": "\x00"})

    assert response.status_code == 200
    assert lines(as_ann) == ["Hello"]
