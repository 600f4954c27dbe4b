import pytest
from sqlalchemy import insert, select

from support.moment import NOW
from twite_common import ids
from twite_common.queries.paging import Page
from twite_common.queries.timelines import timelines
from twite_common.services.timelines import lists, trimming
from twite_common.services.timelines.lists import ListChanges
from twite_common.tables import home_timeline

HOME, LISTS = trimming.TIMELINES


@pytest.fixture
def at_home(db):
    def at_home(person):
        return [entry.post_id for entry in timelines.home(db, Page(limit=40), viewer_id=person.id, now=NOW)]

    return at_home


def test_a_timeline_is_too_long_by_a_tenth_and_cut_to_its_length(db, at_home, ann, bob, make_post):
    post_ids = [make_post(ann) for _ in range(11)]
    make_post(bob)
    assert list(HOME.too_long(db, 10)) == []

    post_ids.append(make_post(ann))
    assert list(HOME.too_long(db, 10)) == [ann.id]
    HOME.cut(db, ids=[ann.id], length=10)
    assert at_home(ann) == post_ids[:1:-1]
    assert len(at_home(bob)) == 1


def test_a_short_timeline_is_left_as_it_is(db, at_home, ann, make_post):
    post_id = make_post(ann)
    HOME.cut(db, ids=[ann.id], length=10)

    assert at_home(ann) == [post_id]


def test_lists_are_cut_like_home_timelines(db, ann, make_post):
    list_id = lists.add(db, now=NOW, account_id=ann.id, changes=ListChanges(title="Mine"))
    lists.add_members(db, now=NOW, account_id=ann.id, list_id=list_id, member_ids=[ann.id])
    post_ids = [make_post(ann) for _ in range(3)]
    assert list(LISTS.too_long(db, 2)) == [list_id]

    LISTS.cut(db, ids=[list_id], length=2)
    entries = timelines.of_list(db, list_id, Page(), viewer_id=ann.id, now=NOW)
    assert [entry.post_id for entry in entries] == post_ids[:0:-1]


def test_lines_whose_posts_are_gone_are_taken_out(db, ann, make_post):
    post_id, gone_id = make_post(ann), ids.new(NOW)
    db.execute(insert(home_timeline).values(account_id=ann.id, post_id=gone_id))
    lines = HOME.gone(db)
    assert [tuple(line) for line in lines] == [(ann.id, gone_id)]

    HOME.take_out(db, lines=lines)
    assert list(db.scalars(select(home_timeline.c.post_id))) == [post_id]
