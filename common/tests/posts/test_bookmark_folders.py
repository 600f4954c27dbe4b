"""Sorting bookmarks into folders, and finding them."""

import pytest

from support.moment import NOW
from twite_common.errors import Invalid, NotFound
from twite_common.queries.paging import Page
from twite_common.queries.posts import bookmark_folders as queries
from twite_common.queries.timelines import search, search_terms, timelines
from twite_common.queries.timelines.search import Bounds
from twite_common.services.posts import bookmark_folders, bookmarks
from twite_common.services.posts.bookmark_folders import FolderChanges
from twite_common.tables import account


@pytest.fixture
def add(db, ann):
    def add(name="Birds", by=ann):
        return bookmark_folders.add(db, now=NOW, account_id=by.id, name=name)

    return add


@pytest.fixture
def put(db, ann):
    def put(post_id, folder_id, by=ann):
        return bookmark_folders.put(db, now=NOW, account_id=by.id, post_id=post_id, folder_id=folder_id)

    return put


@pytest.fixture
def shown(db, ann):
    """Return the posts that Ann has bookmarked, in a folder if that is asked for."""

    def shown(folder_id=None, page=None):
        entries = timelines.bookmarks(db, page or Page(), viewer_id=ann.id, folder_id=folder_id)
        return [entry.post_id for entry in entries]

    return shown


@pytest.fixture
def folders(db, ann):
    def folders(of=ann):
        return [(folder.name, folder.position) for folder in queries.of_account(db, of.id)]

    return folders


@pytest.fixture
def find(db, ann):
    def find(query, folder_id=None):
        terms = search_terms.parse(query)
        found = search.among_bookmarks(db, terms, Bounds(Page(), folder_id=folder_id), viewer_id=ann.id)
        return [entry.post_id for entry in found]

    return find


def test_bookmarks_are_listed_by_folder_the_latest_first(add, put, shown, bob, make_post):
    birds, trees = add(), add("Trees")
    wren, robin, oak = (make_post(bob, name) for name in ("wren", "robin", "oak"))
    for post_id, folder_id in ((wren, birds), (robin, birds), (oak, trees)):
        put(post_id, folder_id)

    assert (shown(birds), shown(trees), shown()) == ([robin, wren], [oak], [oak, robin, wren])
    assert shown(birds, Page(limit=1)) == [robin]


def test_a_bookmark_is_moved_and_taken_out(db, add, put, shown, ann, bob, make_post):
    birds, trees = add(), add("Trees")
    wren = make_post(bob, "wren")
    bookmarks.bookmark_post(db, now=NOW, account_id=ann.id, post_id=wren)
    put(wren, birds)
    first = (shown(birds), shown(trees))
    put(wren, trees)
    second = (shown(birds), shown(trees))
    put(wren, None)

    assert (first, second) == (([wren], []), ([], [wren]))
    assert (shown(trees), shown()) == ([], [wren])


def test_whoever_bookmarks_again_keeps_the_folder(db, add, put, shown, ann, bob, make_post):
    birds, wren = add(), make_post(bob, "wren")
    put(wren, birds)
    bookmarks.bookmark_post(db, now=NOW, account_id=ann.id, post_id=wren)

    assert shown(birds) == [wren]


def test_bookmarks_stay_when_their_folder_goes(db, add, put, shown, folders, ann, bob, make_post):
    birds, wren = add(), make_post(bob, "wren")
    put(wren, birds)
    bookmark_folders.remove(db, account_id=ann.id, folder_id=birds)

    assert (folders(), shown(), shown(birds)) == ([], [wren], [])


def test_folders_are_renamed_and_moved(db, add, folders, ann):
    _, trees, _ = add("Birds"), add("Trees"), add("Stones")
    change = FolderChanges(name=" Woods ", position=0)
    bookmark_folders.change(db, account_id=ann.id, folder_id=trees, changes=change)
    moved = folders()
    bookmark_folders.change(db, account_id=ann.id, folder_id=trees, changes=FolderChanges(position=99))

    assert moved == [("Woods", 0), ("Birds", 1), ("Stones", 2)]
    assert [name for name, _ in folders()] == ["Birds", "Stones", "Woods"]


@pytest.mark.parametrize(("name", "sentence"), [(" ", "needs a name"), ("x" * 61, "up to 60"), ("Birds", "already")])
def test_a_folder_has_a_name_of_its_own(db, add, folders, ann, name, sentence):
    add()
    other = add("Trees")
    with pytest.raises(Invalid, match=sentence):
        add(name)
    with pytest.raises(Invalid, match=sentence):
        bookmark_folders.change(db, account_id=ann.id, folder_id=other, changes=FolderChanges(name=name))
    assert [name for name, _ in folders()] == ["Birds", "Trees"]


def test_there_are_no_more_folders_than_the_limit(add, monkeypatch, bob):
    monkeypatch.setattr(bookmark_folders, "MAX_COUNT", 1)
    add()
    add(by=bob)
    with pytest.raises(Invalid, match="up to 1"):
        add("Trees")


def test_other_peoples_folders_and_unseen_posts_are_not_there(db, add, put, ann, bob, cho, make_post):
    of_bob, wren = add(by=bob), make_post(cho, "wren")
    secret = make_post(bob, "secret", visibility="mentioned")
    for refused in (
        lambda: put(wren, of_bob),
        lambda: put(secret, None),
        lambda: bookmark_folders.remove(db, account_id=ann.id, folder_id=of_bob),
        lambda: bookmark_folders.change(db, account_id=ann.id, folder_id=of_bob, changes=FolderChanges(name="x")),
    ):
        with pytest.raises(NotFound):
            refused()
    assert queries.get(db, of_bob, account_id=ann.id) is None


def test_bookmarks_are_found_by_their_words(db, add, put, find, ann, bob, cho, make_post):
    birds, trees = add(), add("Trees")
    wren, oak, nest = (make_post(bob, text) for text in ("a wren", "a wren in an oak", "a nest"))
    make_post(cho, "a wren that isn't bookmarked")
    make_post(ann, "my wren")
    for post_id, folder_id in ((wren, birds), (oak, trees), (nest, None)):
        put(post_id, folder_id)
    db.execute(account.update().where(account.c.id == bob.id).values(limited_at=NOW))

    assert find("wren") == [oak, wren]
    assert find("wren", birds) == [wren]
    assert find("from:bob", birds) == [wren]
    assert find("wren -oak") == [wren]
    assert find("-oak a") == [nest, wren]
    assert find("has:poll") == []


def test_what_is_bookmarked_but_not_visible_any_more_is_not_found(db, put, find, shown, bob, make_post):
    secret = make_post(bob, "@ann a wren", visibility="mentioned")
    put(secret, None)
    seen = (find("wren"), shown())
    db.execute(account.update().where(account.c.id == bob.id).values(suspended_at=NOW))

    assert (seen, find("wren"), shown()) == (([secret], [secret]), [], [])
