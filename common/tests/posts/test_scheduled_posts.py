import pytest
from sqlalchemy import select, update

from support.moment import NOW
from twite_common import clock, outbox
from twite_common.drafts import Draft, PollDraft
from twite_common.errors import Invalid, NotFound
from twite_common.media.pictures import Picture, PreparedAttachment
from twite_common.queries.paging import Page
from twite_common.queries.posts import media as media_queries
from twite_common.queries.posts import scheduled_posts as queries
from twite_common.services.posts import media, scheduled_posts
from twite_common.tables import credentials, post

SOON = NOW + 5 * clock.MINUTE
TOMORROW = clock.start_of(clock.as_date(NOW)) + clock.DAY
PICTURE = Picture(data=b"picture", media_type="image/webp", extension="webp", width=40, height=30)
PREPARED = PreparedAttachment(picture=PICTURE, preview=PICTURE, blurhash="x")


@pytest.fixture
def schedule(db, settings, ann):
    def schedule(text="Later", *, by=ann, now=NOW, due_at=SOON, key=None, **draft):
        given = {"account_id": by.id, "due_at": due_at, "idempotency_name": key}
        return scheduled_posts.schedule(db, settings, now=now, draft=Draft(text=text, **draft), **given)

    return schedule


@pytest.fixture
def move(db, ann):
    def move(id, due_at, *, by=ann):
        scheduled_posts.move(db, now=NOW, account_id=by.id, scheduled_id=id, due_at=due_at)

    return move


@pytest.fixture
def publish(db, settings):
    return lambda scheduled_id, *, now=SOON: scheduled_posts.publish_due(
        db, settings, now=now, scheduled_id=scheduled_id
    )


@pytest.fixture
def waiting(db, ann):
    return lambda: {one.id: one.due_at for one in queries.of_account(db, ann.id, Page(limit=400))}


@pytest.fixture
def published(db):
    return lambda: list(db.scalars(select(post.c.text).order_by(post.c.id)))


@pytest.fixture
def picture(db, ann):
    return media.add_picture(db, PREPARED, now=NOW, account_id=ann.id, file="aa/1.webp", preview="aa/2.webp")


def test_a_post_is_published_once_when_its_time_has_come(schedule, publish, waiting, published):
    id = schedule()
    publish(id, now=SOON - 1)
    assert (waiting(), published()) == ({id: SOON}, [])

    for _ in range(2):
        publish(id)
    assert (waiting(), published()) == ({}, ["Later"])


def test_a_thread_is_published_in_order_with_its_attachments(db, settings, ann, publish, waiting, picture):
    drafts = [Draft(text="One"), Draft(text="Two", media_ids=(picture,)), Draft(text="Three")]
    given = {"account_id": ann.id, "due_at": SOON}
    id = scheduled_posts.schedule_thread(db, settings, now=NOW, drafts=drafts, **given)
    publish(id)

    rows = db.execute(select(post.c.id, post.c.text, post.c.in_reply_to_id).order_by(post.c.id)).all()
    assert [row.text for row in rows] == ["One", "Two", "Three"]
    assert [row.in_reply_to_id for row in rows] == [None, rows[0].id, rows[1].id]
    assert media_queries.of_account(db, ann.id, [picture])[picture].post_id == rows[1].id
    assert waiting() == {}


def test_a_thread_is_scheduled_whole_or_not_at_all(db, settings, ann, waiting, picture):
    def schedule(*drafts):
        scheduled_posts.schedule_thread(db, settings, now=NOW, account_id=ann.id, drafts=drafts, due_at=SOON)

    same = Draft(text="x", media_ids=(picture,))
    for drafts in ((), (Draft(text="One"), Draft(text=" ")), (same, same), (Draft(text="x"),) * 26):
        with pytest.raises(Invalid):
            schedule(*drafts)
    assert waiting() == {}


def test_each_post_whose_time_has_come_has_a_task_of_its_own(db, schedule):
    due, _later = schedule(), schedule(due_at=SOON + 1)
    scheduled_posts.announce_due(db, now=SOON)

    assert [event.details() for event in outbox.pending(db) if event.kind == scheduled_posts.EVENT] == [
        {"scheduled_id": due}
    ]


def test_a_post_is_scheduled_at_least_five_minutes_ahead(schedule, move, waiting):
    with pytest.raises(Invalid, match="at least 5 minutes"):
        schedule(due_at=SOON - 1)
    id = schedule()
    with pytest.raises(Invalid, match="at least 5 minutes"):
        move(id, SOON - 1)
    assert waiting() == {id: SOON}


def test_an_account_schedules_25_posts_on_a_day(schedule, bob):
    for minute in range(25):
        schedule(due_at=TOMORROW + minute)

    with pytest.raises(Invalid, match="25 scheduled posts for that day"):
        schedule(due_at=TOMORROW + clock.DAY - 1)
    schedule(due_at=TOMORROW + clock.DAY)
    schedule(due_at=TOMORROW, by=bob)


def test_a_post_can_be_moved_within_a_full_day_but_not_into_one(schedule, move, waiting):
    ids = [schedule(due_at=TOMORROW + minute) for minute in range(25)]
    other = schedule(due_at=TOMORROW + clock.DAY)
    move(ids[0], TOMORROW + clock.HOUR)

    with pytest.raises(Invalid, match="25 scheduled posts for that day"):
        move(other, TOMORROW)
    assert (waiting()[ids[0]], waiting()[other]) == (TOMORROW + clock.HOUR, TOMORROW + clock.DAY)


def test_an_account_has_300_scheduled_posts(schedule, move, monkeypatch):
    monkeypatch.setattr(scheduled_posts, "MAX_COUNT", 2)
    schedule()
    last = schedule()

    with pytest.raises(Invalid, match="300 scheduled posts"):
        schedule()
    move(last, TOMORROW)


def test_the_same_key_within_an_hour_schedules_once(schedule, ann, bob):
    first = schedule(key="a")

    assert schedule(key="a", now=NOW + clock.HOUR, due_at=TOMORROW) == first
    assert schedule(key="b") != first
    assert schedule(key="a", by=bob) != first
    assert schedule(key="a", now=NOW + clock.HOUR + clock.SECOND, due_at=TOMORROW) != first


@pytest.mark.parametrize(
    "draft",
    [
        {"text": " "},
        {"text": "x" * 501},
        {"text": "x", "poll": PollDraft(options=("A",), expires_in_seconds=300)},
        {"text": "x", "media_ids": (1,)},
    ],
)
def test_what_could_not_be_published_is_not_scheduled(schedule, waiting, draft):
    with pytest.raises(Invalid):
        schedule(**draft)
    assert waiting() == {}


def test_attachments_wait_with_the_post_and_are_published_with_it(db, schedule, publish, ann, picture):
    id = schedule(media_ids=(picture,))
    with pytest.raises(Invalid, match="attached to another post"):
        schedule(media_ids=(picture,))
    media.drop_left(db, now=NOW + 2 * clock.DAY)
    publish(id)

    attached = media_queries.of_account(db, ann.id, [picture])[picture]
    assert (attached.post_id is not None, attached.scheduled_post_id) == (True, None)


def test_attachments_of_a_post_that_was_given_up_are_free(db, schedule, ann, picture):
    scheduled_posts.cancel(db, account_id=ann.id, scheduled_id=schedule(media_ids=(picture,)))

    assert schedule(media_ids=(picture,))


def test_nobody_changes_what_others_scheduled(db, schedule, move, waiting, bob):
    id = schedule()

    with pytest.raises(NotFound):
        move(id, TOMORROW, by=bob)
    with pytest.raises(NotFound):
        scheduled_posts.cancel(db, account_id=bob.id, scheduled_id=id)
    assert waiting() == {id: SOON}


def test_nothing_is_published_for_an_account_that_staff_have_closed(db, schedule, publish, published, waiting, ann):
    id = schedule()
    db.execute(update(credentials).where(credentials.c.account_id == ann.id).values(disabled_at=NOW))
    publish(id)

    assert (published(), waiting()) == ([], {})


def test_what_cannot_be_published_any_more_is_given_up_with_a_line_in_the_log(
    db, schedule, publish, waiting, published, caplog, make_post, ann, bob
):
    answered = make_post(bob)
    id = schedule(in_reply_to_id=answered)
    db.execute(post.delete())
    publish(id)

    assert (waiting(), published()) == ({}, [])
    assert f"scheduled_post_given_up {{'scheduled_id': {id}" in caplog.text
