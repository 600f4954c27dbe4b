"""What pages that are open listen to (`/live`), and what they are told."""

from urllib.parse import parse_qsl

import pytest

from support.catalogs import catalog
from twite_common import clock
from twite_common.errors import NotFound
from twite_common.services.timelines import lists
from twite_common.services.timelines.lists import ListChanges
from twite_web.errors import Failure
from twite_web.streaming import channels
from twite_web.streaming.messages import Message

SHOWN = ("shown", "public:local")


def update(*, action="hide", contexts="[]"):
    filtered = f'[{{"filter": {{"filter_action": "{action}", "context": {contexts}}}}}]'
    return Message("update", f'{{"id": "17", "filtered": {filtered}}}', [])


def test_the_list_that_a_page_shows_is_told_apart_from_the_home_timeline():
    message = update()
    assert message.reference(("user",)) == b"event: update\ndata: 17\n\n"
    assert message.reference(SHOWN) == b"event: shown.update\ndata: 17\n\n"


def test_a_bare_id_is_told_as_it_is():
    assert Message("delete", "17", []).reference(("user",)) == b"event: delete\ndata: 17\n\n"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ('"type": "follow"', b"17"),
        ('"type": "favourite", "status": {"id": "4", "in_reply_to_id": "3"}', b"17 4"),
        ('"type": "mention", "status": {"id": "4", "in_reply_to_id": "3"}', b"17 3"),
        ('"type": "mention", "status": {"id": "4", "in_reply_to_id": null}', b"17 4"),
    ],
)
def test_a_notification_is_told_with_the_post_whose_figures_changed(content, named):
    message = Message("notification", f'{{"id": "17", {content}}}', [])
    assert message.reference(("user",)) == b"event: notification\ndata: " + named + b"\n\n"


def test_what_the_reader_hides_is_not_told():
    message = update(contexts='["home"]')
    assert b"17" not in message.reference(("user",))
    assert b"17" in message.reference(SHOWN)
    assert b"17" not in message.reference(("shown", "list", "5"))
    assert b"17" in update(contexts='["public"]').reference(("shown", "list", "5"))
    assert b"17" in update(action="warn", contexts='["home"]').reference(("user",))


@pytest.mark.parametrize(
    ("parameters", "channel"),
    [({"show": "public"}, ("public:local", "")), ({"tag": "Birds"}, ("hashtag:local", "birds"))],
)
def test_a_page_says_what_it_shows(database, ann, parameters, channel):
    with database.reading() as db:
        subscription = channels.shown(db, ann.id, parameters)
    assert subscription.channels == (channel,)
    assert subscription.named[0] == "shown"


def test_the_page_of_a_list_says_that_it_shows_it(database, ann, logged_in):
    with database.writing() as db:
        list_id = lists.add(db, now=clock.now(), account_id=ann.id, changes=ListChanges(title="Friends"))
    browser = logged_in(ann)
    browser.open(f"/lists/{list_id}")
    parameters = dict(parse_qsl(browser.page.find(class_="feed")["data-live"]))
    with database.reading() as db:
        assert channels.shown(db, ann.id, parameters).channels == (("list", list_id),)


def test_the_home_timeline_needs_no_more(database, ann):
    with database.reading() as db:
        assert channels.shown(db, ann.id, {}) is None


def test_a_list_is_for_its_owner(database, ann, bob):
    with database.writing() as db:
        list_id = lists.add(db, now=clock.now(), account_id=ann.id, changes=ListChanges(title="Friends"))
    with database.reading() as db:
        assert channels.shown(db, ann.id, {"list": str(list_id)}).channels == (("list", list_id),)
        with pytest.raises(NotFound):
            channels.shown(db, bob.id, {"list": str(list_id)})


def test_a_hashtag_needs_letters(database, ann):
    with database.reading() as db, pytest.raises(Failure):
        channels.shown(db, ann.id, {"tag": "#"})


def test_a_stranger_is_told_in_their_language_that_it_is_for_members(client, tmp_path):
    with catalog(tmp_path / "locale", "de", 'msgid "Please log in first."\nmsgstr "Bitte erst anmelden."'):
        answer = client.get("/live", headers={"Accept-Language": "de"})

    assert answer.status_code == 401
    assert "Bitte erst anmelden." in answer.text
