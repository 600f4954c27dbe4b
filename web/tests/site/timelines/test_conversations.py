"""Messages: conversations as an inbox, and each as a thread."""

import pytest

from support.pictures import picture


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
    opened(as_bob)

    assert lines(as_ann) == lines(as_bob) == ["Hello Bob"]


def test_a_message_to_somebody_goes_on_in_the_conversation_with_them(as_ann, ann, bob, hello):
    address = opened(as_ann)
    as_ann.open("/messages/new?to=bob")
    from_profile = as_ann.path
    as_ann.open("/messages/new")
    as_ann.submit("/messages", {"q": "bob", "text": "Here I am"})

    assert from_profile == as_ann.path == address
    assert lines(as_ann) == ["Are you coming?", "Here I am"]


def test_people_are_found_chosen_and_taken_off_without_script(as_ann, as_bob, bob, cho):
    as_ann.open("/messages/new")
    as_ann.submit("/messages/new", {"q": "bo", "text": "Shall we meet?"})
    found = [button["value"] for button in as_ann.page.select("[name=add]")]
    as_ann.submit("/messages/new", {"add": str(bob.id)})
    as_ann.submit("/messages/new", {"q": "ch"})
    as_ann.submit("/messages/new", {"add": str(cho.id)})
    chosen = [button.get_text().strip() for button in as_ann.page.select("[name=remove]")]
    as_ann.submit("/messages/new", {"remove": str(cho.id)})
    as_ann.submit("/messages")
    opened(as_bob)

    assert found == [str(bob.id)]
    assert chosen == ["bob", "cho"]
    assert lines(as_bob) == ["Shall we meet?"]
    assert [name.get_text() for name in as_ann.page.select("h1 .name")] == ["bob"]


def test_several_people_get_one_message(as_ann, as_bob, bob, cho, logged_in):
    as_ann.open("/messages/new?to=bob")
    as_ann.submit("/messages/new", {"q": "cho"})
    as_ann.submit("/messages/new", {"add": str(cho.id)})
    as_ann.submit("/messages", {"text": "Hello both"})
    as_cho = logged_in(cho)
    opened(as_bob)
    opened(as_cho)

    assert lines(as_bob) == lines(as_cho) == ["Hello both"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("nobody", "There is nobody here with this name."), ("", "Choose whom the message is for.")],
)
def test_a_message_to_nobody_is_shown_again(as_ann, typed, sentence):
    as_ann.open("/messages/new")
    as_ann.submit("/messages", {"q": typed, "text": "Hello?"})

    assert sentence in as_ann.text
    assert "Hello?" in as_ann.text


def test_a_picture_is_a_message(as_ann, as_bob, hello):
    address = opened(as_ann)
    file = ("heron.png", picture((30, 20)), "image/png")
    as_ann.submit(address, {"descriptions[0]": "A heron"}, {"files[0]": file})
    as_bob.open("/messages")
    excerpt = as_bob.page.select_one(".excerpt").get_text()
    opened(as_bob)

    assert excerpt == "Picture"
    assert [image["alt"] for image in as_bob.page.select(".message .media img")] == ["A heron"]
    assert lines(as_bob) == ["Are you coming?", ""]


def test_a_picture_stays_chosen_where_the_text_is_refused(as_ann, hello):
    address = opened(as_ann)
    file = ("heron.png", picture((30, 20)), "image/png")
    as_ann.submit(address, {"text": "x" * 501}, {"files[0]": file})
    refused = as_ann.page.select_one(".message-form .problem").get_text()
    as_ann.submit(address, {"text": "Look"})

    assert "only 500 are allowed" in refused
    assert len(as_ann.page.select(".message .media img")) == 1


def test_messages_are_grouped_by_day_and_author(as_ann, ann, hello, make_post, bob):
    answer = make_post(ann, "@bob Yes", visibility="mentioned", in_reply_to_id=hello)
    make_post(ann, "@bob At ten", visibility="mentioned", in_reply_to_id=answer)
    opened(as_ann)

    assert [("follows" in message["class"]) for message in as_ann.page.select(".message")] == [False, False, True]
    assert len(as_ann.page.select(".messages > .day")) == 1


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
