"""Following an account by mail: who may, when they are written to, and when they are forgotten."""

import pytest
from sqlalchemy import select

from support.deletion import delete_whole_account
from support.moment import NOW
from twite_common import clock, ids, secret
from twite_common.errors import Invalid, NotFound, TooMany
from twite_common.queries.notifications import mail_followers as queries
from twite_common.services.accounts import accounts, profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.identity import imports
from twite_common.services.notifications import mail_followers
from twite_common.services.notifications.mail_followers import confirmation_token, stop_token
from twite_common.services.posts import boosts, imported_posts
from twite_common.tables import mail, mail_follower

READER = "reader@elsewhere.example"
MORNING = NOW - NOW % clock.DAY + clock.DAY + 8 * clock.HOUR
"""The first hour of digests after NOW."""


@pytest.fixture
def signer():
    return secret.Signer(b"a key")


@pytest.fixture
def ann(make_account):
    return make_account("ann", follow_by_mail=True)


@pytest.fixture
def ask(db, settings, ann):
    def ask(email=READER, frequency="daily", *, of=ann, now=NOW, locale=None):
        given = {"account_id": of.id, "email": email, "frequency": frequency, "locale": locale}
        mail_followers.ask(db, settings, now=now, **given)
        return db.scalars(select(mail_follower.c.id).order_by(mail_follower.c.id.desc())).first()

    return ask


@pytest.fixture
def follow(db, settings, signer, ask):
    """Follow Ann by mail, and say yes to the link."""

    def follow(email=READER, frequency="daily", now=NOW):
        id = ask(email, frequency, now=now)
        mail_followers.confirm(db, signer, settings, confirmation_token(signer, id, frequency), now=now)
        return id

    return follow


@pytest.fixture
def written(db, settings):
    """Look for what is due at a time, and return the mails about posts that were written since the last time."""
    seen = set()

    def written(now):
        for id in queries.due(db, now=now, limit=100):
            mail_followers.plan(db, settings, id, now=now)
        rows = db.execute(select(mail.c.id, mail.c.address).where(mail.c.kind == "posts_by_mail")).all()
        new = [row.address for row in rows if row.id not in seen]
        seen.update(row.id for row in rows)
        return new

    return written


def count(db):
    return len(db.execute(select(mail_follower.c.id)).all())


def test_nothing_is_sent_before_somebody_says_yes_to_a_mail(db, ann, ask, make_post, written):
    ask()
    make_post(ann)
    [asked] = db.execute(select(mail.c.kind, mail.c.address, mail.c.account_id)).all()

    assert tuple(asked) == ("follow_by_mail", READER, None)
    assert written(NOW + 2 * clock.DAY) == []
    assert queries.count(db, ann.id) == 0
    assert written(NOW + mail_followers.UNCONFIRMED_MS) == []
    assert count(db) == 0


def test_new_posts_are_written_once_a_day_at_the_hour_of_digests_and_nothing_where_there_are_none(
    db, ann, follow, make_post, written
):
    make_post(ann, now=NOW - clock.HOUR)
    follow()
    make_post(ann, now=NOW + clock.HOUR)
    early, first, nothing = written(MORNING - 1), written(MORNING), written(MORNING + clock.DAY)
    make_post(ann, now=MORNING + 30 * clock.HOUR)

    assert (early, first, nothing) == ([], [READER], [])
    assert written(MORNING + 2 * clock.DAY) == [READER]
    assert queries.count(db, ann.id) == 1


def test_once_a_week_if_that_was_chosen_and_another_choice_takes_another_yes(
    db, ann, signer, settings, follow, ask, make_post, written
):
    id = follow(frequency="weekly")
    make_post(ann, now=NOW + clock.HOUR)
    early, due = written(MORNING + 5 * clock.DAY), written(MORNING + 6 * clock.DAY)
    assert ask(frequency="daily") == id
    before = queries.get(db, id).frequency
    mail_followers.confirm(db, signer, settings, confirmation_token(signer, id, "daily"), now=NOW)

    assert (early, due) == ([], [READER])
    assert (before, queries.get(db, id).frequency) == ("weekly", "daily")


@pytest.mark.parametrize("visibility", ["unlisted", "followers", "mentioned"])
def test_only_what_is_public_counts(ann, follow, make_post, written, visibility):
    follow()
    make_post(ann, now=NOW + clock.HOUR, visibility=visibility)

    assert written(MORNING) == []


def test_boosts_answers_to_others_and_what_has_ended_are_left_out(db, settings, ann, bob, follow, make_post, written):
    follow()
    later = NOW + clock.HOUR
    of_bob = make_post(bob, now=later)
    make_post(ann, now=later, in_reply_to_id=of_bob)
    make_post(ann, now=later, expires_in_seconds=600)
    boosts.boost_post(db, settings, now=later, account_id=ann.id, post_id=of_bob)
    found = queries.new_posts(db, ann.id, after_id=ids.first_at(NOW), now=MORNING, limit=10)

    assert found == []
    assert written(MORNING) == []


@pytest.mark.parametrize("state", ["off", "suspended", "limited"])
def test_accounts_that_are_not_offered_are_neither_followed_nor_written_about(
    db, ann, bob, follow, ask, make_post, written, state
):
    follow()
    make_post(ann, now=NOW + clock.HOUR)
    if state == "off":
        changes = ProfileChanges(follow_by_mail=False)
        profiles.change_profile(db, now=NOW, account_id=ann.id, changes=changes)
    else:
        db.execute(accounts.CHANGE.values({f"{state}_at": NOW}), {"the_id": ann.id})

    with pytest.raises(NotFound, match="can't be followed by e-mail"):
        ask("other@elsewhere.example")
    with pytest.raises(NotFound, match="can't be followed by e-mail"):
        ask(of=bob)
    assert written(MORNING) == []
    # Readers of an account that staff have hidden may get it back; its owner's no is final.
    assert count(db) == (0 if state == "off" else 1)


def test_posts_that_are_imported_come_silently(db, settings, ann, follow, written):
    follow(now=NOW - 30 * clock.DAY)
    import_id, _file = imports.begin(db, now=NOW, account_id=ann.id, kind="posts")
    old = imported_posts.ImportedPost(source_id="1", at=NOW - 20 * clock.DAY, text="From elsewhere")
    given = {"account_id": ann.id, "import_id": import_id, "source": "x", "posts_with_media": [(old, [])]}
    assert imported_posts.add(db, settings, now=NOW, **given) == 1

    assert written(NOW) == []


def test_whoever_asks_again_has_as_long_to_say_yes(db, ask):
    ask()
    id = ask(now=NOW + clock.DAY)

    assert queries.get(db, id).due_at == NOW + clock.DAY + mail_followers.UNCONFIRMED_MS


def test_whoever_stops_is_forgotten_and_a_second_time_changes_nothing(db, ann, signer, follow, make_post, written):
    id, other = follow(), follow("other@elsewhere.example")
    token = stop_token(signer, id)
    make_post(ann, now=NOW + clock.HOUR)
    mail_followers.stop(db, signer, token)
    mail_followers.stop(db, signer, token)

    assert [row[0] for row in db.execute(select(mail_follower.c.id))] == [other]
    assert written(MORNING) == ["other@elsewhere.example"]
    assert READER not in str(db.execute(select(mail_follower)).all())


@pytest.mark.parametrize(
    "change", [lambda token: token[:-1], lambda token: f"1{token}", lambda token: token.replace("daily", "weekly")]
)
def test_forged_links_do_nothing(db, settings, signer, ask, follow, change):
    id = ask()
    with pytest.raises(NotFound):
        mail_followers.confirm(db, signer, settings, change(confirmation_token(signer, id, "daily")), now=NOW)
    with pytest.raises(NotFound):
        mail_followers.stop(db, signer, change(f"{stop_token(signer, id)}daily"))
    with pytest.raises(NotFound):
        mail_followers.stop(db, signer, confirmation_token(signer, id, "daily"))

    assert queries.get(db, id).confirmed_at is None


def test_floods_are_bounded_by_address_and_by_account(db, settings, ask, monkeypatch):
    for _ in range(5):
        ask()
    sent = [row.state for row in db.execute(select(mail.c.state))]
    monkeypatch.setattr(mail_followers, "MAX_UNCONFIRMED", 3)
    for number in range(2):
        ask(f"r{number}@elsewhere.example")
    with pytest.raises(TooMany):
        ask("r3@elsewhere.example")
    # Otherwise whoever fills it up would learn who follows.
    with pytest.raises(TooMany):
        ask()

    assert sorted(sent) == ["dropped", "dropped", "dropped", "due", "due"]
    assert count(db) == 3


def test_an_address_is_one_in_whichever_case_it_is_typed(db, ask):
    ask()

    assert ask(READER.upper().replace("EXAMPLE", "example"))
    assert count(db) == 1


@pytest.mark.once
def test_what_is_no_address_or_frequency_is_refused(db, ask):
    for given in ({"email": "reader"}, {"email": ""}, {"frequency": "hourly"}):
        with pytest.raises(Invalid):
            ask(**given)

    assert count(db) == 0


def test_readers_go_with_the_account(db, ann, follow):
    follow()
    delete_whole_account(db, ann.id)

    assert count(db) == 0
