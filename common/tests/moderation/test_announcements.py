import pytest
from sqlalchemy import insert, select

from support.moment import NOW
from twite_common import clock
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.moderation import announcements as queries
from twite_common.services.accounts import accounts
from twite_common.services.moderation import announcements
from twite_common.tables import audit_entry, emoji, stream_event

LATER = NOW + clock.HOUR


@pytest.fixture
def admin(db, ann):
    accounts.set_role(db, account_id=ann.id, role="admin")
    return viewers.by_account(db, ann.id)


@pytest.fixture
def announce(db, admin):
    def announce(words="Hello", **times):
        return announcements.announce(db, now=NOW, viewer=admin, words=words, **times)

    return announce


@pytest.fixture
def change(db, admin):
    def change(id, words="Changed", *, now=NOW + 1, **times):
        announcements.change(db, now=now, viewer=admin, announcement_id=id, words=words, **times)
        return queries.get(db, id)

    return change


@pytest.fixture
def told(db):
    """Return what listeners are told, in order."""
    return lambda: list(db.scalars(select(stream_event.c.kind).order_by(stream_event.c.number)))


def test_a_change_is_told_and_shown_again_to_those_who_put_it_away(db, bob, announce, change, told):
    id = announce()
    announcements.dismiss(db, account_id=bob.id, announcement_id=id)
    found = change(id, ends_at=LATER)

    assert (found.text, found.ends_at, found.published_at) == ("Changed", LATER, NOW)
    assert [one.id for one in queries.published(db, viewer_id=bob.id, now=NOW)] == [id]
    assert told() == ["announcement.published"] * 2
    assert [row.action for row in db.execute(select(audit_entry))] == ["create", "update"]


def test_one_that_is_to_start_later_disappears_until_then(db, announce, change, told):
    id = announce()
    assert change(id, starts_at=LATER).published_at is None
    announcements.publish_due(db, now=LATER)

    assert queries.get(db, id).published_at == LATER
    assert told() == ["announcement.published", "announcement.deleted", "announcement.published"]


def test_one_that_waits_is_published_once_it_may_start_at_once(announce, change, told):
    id = announce(starts_at=LATER)
    before = told()

    assert change(id).published_at == NOW + 1
    assert (before, told()) == ([], ["announcement.published"])


def test_one_that_is_over_is_told_of_as_deleted_once(announce, change, told):
    id = announce()
    change(id, now=LATER, ends_at=LATER)
    change(id, now=LATER, ends_at=LATER)

    assert told() == ["announcement.published", "announcement.deleted"]


@pytest.mark.parametrize(("times", "whole"), [(("starts_at", "ends_at"), True), (("starts_at",), False), ((), False)])
def test_only_what_begins_and_ends_lasts_whole_days(db, announce, change, times, whole):
    chosen = {name: NOW + index for index, name in enumerate(times)}
    later = {name: LATER + index for index, name in enumerate(times)}
    id = announce(all_day=True, **later)

    assert (queries.get(db, id).all_day, change(id, all_day=True, **chosen).all_day) == (whole, whole)


@pytest.mark.parametrize(
    "values",
    [{"words": ""}, {"words": "x" * 5001}, {"starts_at": LATER, "ends_at": LATER}, {"words": "\x00"}],
)
def test_what_can_not_be_is_refused(announce, change, values):
    id = announce()
    with pytest.raises(Invalid):
        change(id, **values)
    with pytest.raises(Invalid):
        announce(**values)


def test_nobody_else_changes_one(db, bob, announce):
    id = announce()
    with pytest.raises(NotAllowed):
        announcements.change(db, now=NOW, viewer=viewers.by_account(db, bob.id), announcement_id=id, words="mine")


def test_what_is_gone_is_not_changed(change):
    with pytest.raises(NotFound):
        change(1)


@pytest.fixture
def react(db, bob):
    def react(announcement_id, name, *, by=bob):
        announcements.react(db, now=NOW, account_id=by.id, announcement_id=announcement_id, name=name)

    return react


@pytest.fixture
def reactions(db, bob):
    def reactions(announcement_id):
        found = queries.reactions(db, [announcement_id], viewer_id=bob.id)[announcement_id]
        return [(one.name, one.count, one.me) for one in found]

    return reactions


def test_people_react_with_each_emoji_once(announce, react, reactions, bob, cho):
    id = announce()
    for person in (bob, bob, cho):
        react(id, "🐦", by=person)
    react(id, "🎉", by=cho)

    assert reactions(id) == [("🐦", 2, True), ("🎉", 1, False)]


def test_an_announcement_takes_eight_different_emojis(announce, react, reactions, cho):
    id = announce()
    for name in "🐦🐧🦉🦆🦅🐔🦜🦢":
        react(id, name)

    with pytest.raises(Invalid, match="Limit of different reactions"):
        react(id, "🐝")
    react(id, "🐦", by=cho)
    assert len(reactions(id)) == 8


@pytest.mark.parametrize("name", ["", "wren", ":)", "🐦🐦"])
def test_people_react_with_emojis_alone(announce, react, name):
    with pytest.raises(Invalid, match="not a recognized emoji"):
        react(announce(), name)


@pytest.mark.parametrize("disabled", [False, True])
def test_the_sites_own_emojis_do_as_well_unless_they_are_switched_off(db, announce, react, reactions, disabled):
    pictures = {"picture": "aa/1.webp", "still_picture": "aa/2.webp"}
    db.execute(insert(emoji).values(id=1, shortcode="wren", disabled=disabled, **pictures))
    id = announce()
    if disabled:
        with pytest.raises(Invalid):
            react(id, "wren")
    else:
        react(id, "wren")
        assert reactions(id) == [("wren", 1, True)]


def test_a_reaction_is_taken_back_and_each_change_told_once(db, announce, react, told, bob):
    id = announce()
    react(id, "🐦")
    for _ in range(2):
        announcements.take_back(db, now=NOW, account_id=bob.id, announcement_id=id, name="🐦")

    assert told() == ["announcement.published", "announcement.reacted", "announcement.reacted"]


def test_nobody_reacts_to_what_is_not_published(db, announce, react, bob):
    for id in (announce(starts_at=LATER), 1):
        with pytest.raises(NotFound):
            react(id, "🐦")
        with pytest.raises(NotFound):
            announcements.dismiss(db, account_id=bob.id, announcement_id=id)
