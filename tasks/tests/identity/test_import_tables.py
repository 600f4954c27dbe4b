"""Imported tables: what their lines mean here, what comes of them, and how it is taken back."""

import msgspec
import pytest
from sqlalchemy import select, update

from support.moment import NOW
from twite_common import clock, tables
from twite_common.errors import Conflict, Invalid
from twite_common.queries.timelines import lists as list_queries
from twite_common.services.accounts import account_deletion, domain_blocks, follows, profiles
from twite_common.services.identity import imports, usernames
from twite_common.services.posts import bookmarks
from twite_common.services.timelines import lists
from twite_common.services.timelines.lists import ListChanges
from twite_tasks.identity.imports import turns, working

FOLLOWS = """Account address,Show boosts,Notify on new posts,Languages
bob@twite.example,false,true,"de, en"
@cho@twite.example,true,false,
bob,true,false,
eve@elsewhere.example,true,false,
nobody,true,false,
ann@twite.example,true,false,
what is this?,true,false,
"""


@pytest.fixture
def cho(make_account):
    return make_account("cho")


@pytest.fixture
def followed(rows, ann):
    def followed():
        follow, account = tables.follow, tables.account
        statement = (
            select(account.c.username, follow.c.boosts, follow.c.notify, follow.c.languages)
            .join(follow, follow.c.followee_id == account.c.id)
            .where(follow.c.follower_id == ann.id)
            .order_by(account.c.username)
        )
        return [tuple(row) for row in rows(statement)]

    return followed


def test_the_preview_says_what_will_come_and_what_cannot(read, outcomes, kept_files, row, bob, cho):
    id = read("follows", "\ufeff" + FOLLOWS)

    assert outcomes(id) == [
        ("bob@twite.example", "new"),
        ("cho@twite.example", "new"),
        ("bob", "there"),
        ("eve@elsewhere.example", "elsewhere"),
        ("nobody", "unknown"),
        ("ann@twite.example", "self"),
        ("what is this?", "invalid"),
    ]
    assert (row(id).file, kept_files()) == (None, [])


def test_follows_come_as_they_were_with_requests_where_these_are_needed(
    do, read, brought, followed, outcomes, rows, bob, cho, ann
):
    do(profiles.change_profile, now=NOW, account_id=cho.id, changes=profiles.ProfileChanges(locked=True))
    done = brought(read("follows", FOLLOWS))
    again = brought(read("follows", FOLLOWS))
    [request] = rows(select(tables.follow_request.c.followee_id))
    told = rows(select(tables.notification.c.account_id, tables.notification.c.kind))

    assert (done.state, done.brought, again.state, again.brought) == ("done", 2, "done", 0)
    assert followed() == [("bob", False, True, ",de,en,")]
    assert request == (cho.id,)
    assert sorted(map(tuple, told)) == sorted([(bob.id, "follow"), (cho.id, "follow_request")])


def test_replacing_names_who_goes_and_undoing_gives_them_back(
    do, read, brought, followed, outcomes, make_account, ann, bob, cho
):
    dee = make_account("dee")
    options = follows.Options(boosts=False, languages=("fr",))
    do(follows.follow_account, now=NOW, follower_id=ann.id, followee_id=dee.id, options=options)
    do(follows.follow_account, now=NOW, follower_id=ann.id, followee_id=bob.id)
    id = read("follows", "bob@twite.example\ncho@twite.example\n")
    shown = outcomes(id)
    replaced = brought(id, "replace")
    after = [name for name, *_how in followed()]
    undone = brought(id, undo=True)

    assert shown == [("bob@twite.example", "there"), ("cho@twite.example", "new"), ("dee", "remove")]
    assert (replaced.state, after) == ("done", ["bob", "cho"])
    assert (undone.state, undone.brought) == ("undone", 0)
    assert followed() == [("bob", True, False, None), ("dee", False, False, ",fr,")]


def test_adding_takes_nobody_away(do, read, brought, followed, ann, bob, cho):
    do(follows.follow_account, now=NOW, follower_id=ann.id, followee_id=cho.id)
    brought(read("follows", "bob\n"))

    assert [name for name, *_how in followed()] == ["bob", "cho"]


def test_no_more_are_followed_in_a_day_than_the_site_allows(context, do, read, row, followed, ann, bob, cho):
    few = msgspec.structs.replace(context, settings=msgspec.structs.replace(context.settings, limit_follows=1))
    id = read("follows", "bob\ncho\n")
    do(imports.confirm, now=clock.now(), account_id=ann.id, import_id=id, mode="merge")
    working.work(few, id)
    waits, first = row(id), [name for name, *_how in followed()]
    working.work(few, id)
    do(imports.stop, now=clock.now(), account_id=ann.id, import_id=id)

    assert (waits.state, first) == ("importing", ["bob"])
    assert waits.turn_at % clock.DAY == 0
    assert waits.turn_at > clock.now()
    assert row(id).can_be_undone


def test_blocks_mutes_and_servers_come_and_go(read, brought, rows, ann, bob, cho):
    done = [
        read_id
        for kind, content in (
            ("blocks", "bob@twite.example\nbob@elsewhere.example\n"),
            ("mutes", "Account address,Hide notifications\ncho,false\n"),
            ("domain_blocks", "#domain\nBad.example\nnot a domain\n"),
        )
        if brought(read_id := read(kind, content))
    ]
    blocked = rows(select(tables.block.c.blocked_id))
    muted = rows(select(tables.mute.c.muted_id, tables.mute.c.notifications))
    servers = rows(select(tables.account_domain_block.c.domain))
    for id in done:
        brought(id, undo=True)

    assert ([*map(tuple, blocked)], [*map(tuple, muted)]) == ([(bob.id,)], [(cho.id, False)])
    assert [*map(tuple, servers)] == [("bad.example",)]
    for table in (tables.block, tables.mute, tables.account_domain_block):
        assert rows(select(table)) == []


def test_a_server_stays_whose_name_is_written_otherwise_in_a_table_that_replaces(do, read, brought, rows, ann):
    do(domain_blocks.block_domain, now=NOW, account_id=ann.id, domain="bücher.example")
    brought(read("domain_blocks", "#domain\nBÜCHER.example.\nbad.example\n"), "replace")
    servers = rows(select(tables.account_domain_block.c.domain).order_by(tables.account_domain_block.c.domain))

    assert [*map(tuple, servers)] == [("bad.example",), ("xn--bcher-kva.example",)]


def test_bookmarks_are_of_posts_that_one_may_see(do, read, brought, outcomes, make_post, rows, ann, bob):
    seen, hidden = make_post(bob), make_post(bob, "for few", visibility="followers")
    site = "https://twite.example"
    kept = make_post(bob, "kept")
    do(bookmarks.bookmark_post, now=NOW, account_id=ann.id, post_id=kept)
    lines = [f"{site}/@bob/{seen}", f"{site}/@bob/{hidden}", "https://elsewhere.example/@eve/1", f"{site}/about"]
    id = read("bookmarks", "\n".join(lines))
    shown = [outcome for _subject, outcome in outcomes(id)]
    brought(id, "replace")
    replaced = rows(select(tables.bookmark.c.post_id))
    brought(id, undo=True)

    assert shown == ["new", "no_post", "elsewhere", "invalid", "remove"]
    assert [*map(tuple, replaced)] == [(seen,)]
    assert [*map(tuple, rows(select(tables.bookmark.c.post_id)))] == [(kept,)]


def test_lists_are_made_with_their_members_and_go_with_them(do, read, brought, outcomes, database, ann, bob, cho):
    do(follows.follow_account, now=NOW, follower_id=ann.id, followee_id=bob.id)
    own = do(lists.add, now=NOW, account_id=ann.id, changes=ListChanges(title="Old"))
    do(lists.add_members, now=NOW, account_id=ann.id, list_id=own, member_ids=[bob.id])
    id = read("lists", '"Friends, near",bob@twite.example\nFriends,cho@twite.example\n')
    shown = [outcome for _subject, outcome in outcomes(id)]

    def titles():
        with database.reading() as db:
            return [one.title for one in list_queries.of_account(db, ann.id)]

    brought(id, "replace")
    replaced = titles()
    brought(id, undo=True)

    assert shown == ["new", "not_followed", "remove"]
    assert (replaced, titles()) == (["Friends, near"], ["Old"])


def test_a_former_name_means_whoever_had_it(do, read, outcomes, settings, ann, bob):
    do(usernames.change, now=clock.now(), account_id=bob.id, username="robert")
    id = read("follows", "bob@twite.example\n")

    assert outcomes(id) == [("bob@twite.example", "new")]


def test_a_killed_worker_is_followed_by_another(context, do, read, row, followed, monkeypatch, ann, bob, cho):
    class Killed(BaseException):
        pass

    def kill(*_arguments, **_options):
        raise Killed

    id = read("follows", "bob\ncho\n")
    do(imports.confirm, now=clock.now(), account_id=ann.id, import_id=id, mode="merge")
    with monkeypatch.context() as patched:
        patched.setattr(turns.Turn, "check", kill)
        with pytest.raises(Killed):
            working.work(context, id)
    first = [name for name, *_how in followed()]
    working.work(context, id)
    blocked = row(id).state
    do(imports.recover, now=clock.now() + 2 * imports.CLAIM_MS)
    working.work(context, id)

    assert (first, blocked) == (["bob"], "importing")
    assert ([name for name, *_how in followed()], row(id).state) == (["bob", "cho"], "done")


def test_reading_ends_however_long_it_takes(context, uploaded, row, monkeypatch, bob, cho):
    monkeypatch.setattr(working, "Turn", lambda goes_on: turns.Turn(goes_on, seconds=-1))
    id = uploaded("follows", "bob\ncho\n")
    working.work(context, id)

    assert (row(id).state, row(id).total) == ("ready", 2)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b'a,"' + b"x" * 200_000, b"bob\n" * 20_001])
def test_what_is_no_table_is_refused_in_words(context, uploaded, row, rows, content):
    id = uploaded("follows", content)
    working.work(context, id)

    assert row(id).state == "failed"
    assert row(id).error.startswith("The file")
    assert row(id).can_be_removed


def test_nothing_comes_for_an_account_that_staff_have_closed(do, read, brought, followed, ann, bob):
    credentials = tables.credentials
    closed = update(credentials).where(credentials.c.account_id == ann.id).values(disabled_at=1)
    id = read("follows", "bob\n")
    do(lambda db: db.execute(closed))

    assert brought(id).state == "failed"
    assert not followed()


def test_one_at_a_time_and_none_that_is_empty(do, uploaded, ann, row):
    with pytest.raises(Invalid):
        uploaded("follows", b"")
    uploaded("follows", b"bob")
    with pytest.raises(Conflict):
        uploaded("follows", b"bob")
    with pytest.raises(Invalid):
        do(imports.begin, now=NOW, account_id=ann.id, kind="cats")


def test_after_a_week_nothing_is_kept_of_what_nobody_wanted(do, uploaded, row, kept_files, ann):
    id = uploaded("posts", b"an archive")
    kept = kept_files()
    do(imports.remove_over, now=clock.now() + imports.KEEP_MS + 1)
    removed, left = row(id), kept_files()
    uploaded("posts", b"an archive")
    do(account_deletion.delete_account, now=clock.now(), account_id=ann.id)

    assert (len(kept), removed, left, kept_files()) == (1, None, [], [])


def test_after_a_week_the_names_of_those_who_could_not_come_are_forgotten(do, read, brought, outcomes, row, bob, cho):
    id = brought(read("follows", FOLLOWS)).id
    do(imports.remove_over, now=clock.now() + imports.KEEP_MS + clock.MINUTE)

    assert {outcome for _subject, outcome in outcomes(id)} == {"brought", "there"}
    assert brought(id, undo=True).state == "undone"
    do(imports.remove_over, now=clock.now() + imports.KEEP_MS + clock.MINUTE)
    assert row(id) is None


def test_follows_keep_the_languages_that_mastodon_writes(read, brought, followed, bob):
    brought(read("follows", 'Account address,Languages\nbob,"pt-BR, de, nonsense!"\n'))

    assert followed() == [("bob", True, False, ",pt-BR,de,")]
