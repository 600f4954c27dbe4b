import pytest
from sqlalchemy import select

from support.moment import NOW
from twite_common.errors import NotFound
from twite_common.queries.notifications import notifications
from twite_common.queries.paging import Page
from twite_common.queries.timelines import conversations as queries
from twite_common.services.posts import post_deletion
from twite_common.services.timelines import conversations
from twite_common.tables import stream_event


@pytest.fixture
def write(ann, make_post):
    def write(text="@bob Hello", *, by=ann, **draft):
        return make_post(by, text, visibility="mentioned", **draft)

    return write


@pytest.fixture
def listed(db):
    """Return somebody's conversations: the last post of each, and whether it is new."""

    def listed(person):
        found = queries.of_account(db, Page(), viewer_id=person.id, now=NOW)
        return [(one.last_post_id, one.unread) for one in found]

    return listed


@pytest.fixture
def only(db):
    """Return the id of somebody's only conversation."""

    def only(person):
        [found] = queries.of_account(db, Page(), viewer_id=person.id, now=NOW)
        return found.id

    return only


def test_a_conversation_is_listed_for_all_who_are_in_it_and_new_for_all_but_the_author(write, listed, ann, bob, cho):
    post_id = write()

    assert [listed(person) for person in (ann, bob, cho)] == [[(post_id, False)], [(post_id, True)], []]


def test_an_answer_is_the_last_post_of_the_same_conversation(write, listed, ann, bob):
    answer = write("@ann Thanks", by=bob, in_reply_to_id=write())

    assert (listed(ann), listed(bob)) == ([(answer, True)], [(answer, False)])


def test_listeners_who_are_in_a_conversation_are_told(db, write, ann, bob):
    write()
    told = select(stream_event.c.account_id).where(stream_event.c.kind == "conversation.changed")

    assert sorted(db.scalars(told)) == [ann.id, bob.id]


def test_a_deleted_post_leaves_the_one_before_as_the_last(db, write, listed, ann, bob):
    first = write()
    second = write("@bob Are you there?", in_reply_to_id=first)
    post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=second)

    assert [post_id for post_id, _ in listed(bob)] == [first]


def test_a_conversation_goes_with_its_only_post(db, write, listed, ann, bob):
    post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=write())

    assert (listed(ann), listed(bob)) == ([], [])


def test_the_post_before_is_one_that_the_person_is_in(db, write, listed, ann, bob, cho):
    first = write()
    second = write("@bob @cho Come in", in_reply_to_id=first)
    post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=second)

    assert (listed(cho), [post_id for post_id, _ in listed(bob)]) == ([], [first])


def test_a_conversation_can_be_read_and_unread(db, write, listed, only, bob):
    post_id = write()
    for unread in (False, True):
        conversations.mark(db, account_id=bob.id, id=only(bob), unread=unread)
        assert listed(bob) == [(post_id, unread)]


def test_nobody_changes_the_conversations_of_others(db, write, listed, only, bob, cho):
    post_id = write()

    with pytest.raises(NotFound):
        conversations.mark(db, account_id=cho.id, id=only(bob), unread=False)
    with pytest.raises(NotFound):
        conversations.remove(db, account_id=cho.id, id=only(bob))
    assert listed(bob) == [(post_id, True)]


def test_a_removed_conversation_comes_back_with_its_next_post(db, write, listed, only, ann, bob):
    first = write()
    conversations.remove(db, account_id=bob.id, id=only(bob))
    assert (listed(bob), listed(ann)) == ([], [(first, False)])

    second = write("@bob Still there?", in_reply_to_id=first)
    assert listed(bob) == [(second, True)]


def test_a_muted_conversation_notifies_no_more_until_it_is_unmuted(db, ann, bob, make_post):
    def told():
        return len(notifications.page(db, Page(), viewer_id=bob.id, now=NOW))

    first = make_post(ann, "@bob")
    conversations.mute(db, account_id=bob.id, post_id=first)
    make_post(ann, "@bob again", in_reply_to_id=first)
    assert told() == 1

    conversations.unmute(db, account_id=bob.id, post_id=first)
    make_post(ann, "@bob once more", in_reply_to_id=first)
    assert told() == 2


def test_a_conversation_that_is_not_seen_cannot_be_muted(db, write, cho):
    post_id = write()

    for change in (conversations.mute, conversations.unmute):
        with pytest.raises(NotFound):
            change(db, account_id=cho.id, post_id=post_id)


@pytest.fixture
def with_people(db, ann):
    """Return the last post of the conversation in which Ann goes on writing to some people."""

    def with_people(*people):
        found = conversations.with_people(db, [person.id for person in people], viewer_id=ann.id, now=NOW)
        return found.last_post_id if found else None

    return with_people


def test_writing_goes_on_in_the_latest_conversation_with_the_same_people(write, with_people, bob, cho):
    write()
    latest = write("@ann Again", by=bob)
    of_three = write("@bob @cho Hello")
    write("@cho Just you")

    assert with_people(bob) == latest
    assert with_people(cho, bob) == of_three


def test_writing_begins_anew_with_nobody_the_same_people_or_where_one_may_not_answer(write, with_people, ann, bob, cho):
    write("@bob @cho Hello")
    write("@ann Don't answer", by=cho, reply_policy="nobody")

    assert [with_people(bob), with_people(cho), with_people(ann), with_people()] == [None] * 4
