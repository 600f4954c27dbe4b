"""Columns that are pinned beside each other."""

import pytest

from support.moment import NOW
from twite_common.errors import Invalid
from twite_common.queries.timelines import columns as queries
from twite_common.queries.timelines.columns import Column
from twite_common.services.timelines import columns, lists
from twite_common.services.timelines.lists import ListChanges

HOME, NOTIFICATIONS, BIRDS = Column("home"), Column("notifications"), Column("tag", tag="Birds")


@pytest.fixture
def make_list(db, ann):
    def make_list(title="Friends", by=ann):
        return lists.add(db, now=NOW, account_id=by.id, changes=ListChanges(title=title))

    return make_list


@pytest.fixture
def arrange(db, ann):
    def arrange(*chosen):
        columns.arrange(db, account_id=ann.id, columns=chosen)

    return arrange


@pytest.fixture
def pinned(db, ann):
    def pinned():
        return [(shown.column, shown.title) for shown in queries.of_account(db, ann.id)]

    return pinned


def test_columns_are_kept_in_order_with_their_titles(arrange, pinned, make_list):
    friends = Column("list", list_id=make_list())
    arrange(NOTIFICATIONS, friends, Column("tag", tag="#Birds"), HOME, Column("tag", tag="birds"))

    assert pinned() == [(NOTIFICATIONS, ""), (friends, "Friends"), (BIRDS, "Birds"), (HOME, "")]


def test_columns_are_pinned_moved_and_unpinned(db, pinned, ann):
    for column in (HOME, BIRDS, NOTIFICATIONS, HOME):
        columns.pin(db, account_id=ann.id, column=column)
    columns.move(db, account_id=ann.id, column=NOTIFICATIONS, position=0)
    moved = pinned()
    columns.unpin(db, account_id=ann.id, column=Column("tag", tag="#birds"))
    columns.unpin(db, account_id=ann.id, column=Column("list", list_id=5))

    assert [column for column, _ in moved] == [NOTIFICATIONS, HOME, BIRDS]
    assert [column for column, _ in pinned()] == [NOTIFICATIONS, HOME]


def test_a_list_that_is_gone_has_no_column(db, arrange, pinned, make_list, ann):
    id = make_list()
    arrange(HOME, Column("list", list_id=id))
    lists.remove(db, account_id=ann.id, list_id=id)

    assert pinned() == [(HOME, "")]


def test_there_are_no_more_columns_than_fit(db, arrange, ann):
    arrange(*(Column("tag", tag=f"t{n}") for n in range(6)))
    with pytest.raises(Invalid, match="up to 6"):
        columns.pin(db, account_id=ann.id, column=HOME)


def test_columns_show_what_there_is_and_one_may_see(arrange, make_list, bob, pinned):
    of_bob = make_list(by=bob)
    for column, sentence in (
        (Column("list", list_id=of_bob), "no such list"),
        (Column("list"), "no such list"),
        (Column("tag", tag="no tag"), "no hashtag"),
        (Column("tag"), "no hashtag"),
        (Column("public"), "A column shows"),
    ):
        with pytest.raises(Invalid, match=sentence):
            arrange(column)
    assert pinned() == []
