"""What tasks do when an emoji changes."""

import msgspec
from sqlalchemy import insert, select

from support.moment import NOW
from twite_common import ids
from twite_common.media import pictures, storage
from twite_common.queries import viewers
from twite_common.services.accounts import accounts
from twite_common.services.posts import emojis
from twite_common.tables import emoji, event, post
from twite_tasks import event_handlers


def test_a_changed_emoji_is_shown_in_posts_and_a_removed_ones_files_go(context, database, settings, ann, make_post):
    id = make_post(ann, "a :wren:")
    name = storage.media(settings).store(pictures.Picture(b"wren", "image/webp", "webp", width=1, height=1))
    with database.writing() as db:
        accounts.set_role(db, account_id=ann.id, role="admin")
        admin = viewers.by_account(db, ann.id)
        found = emojis.add(db, now=NOW, viewer=admin, shortcode="wren", picture=name, still_picture=name)

    def work():
        with database.reading() as db:
            waiting = db.scalars(select(event.c.id).where(event.c.kind.in_([emojis.EVENT, "files.unused"]))).all()
        for event_id in waiting:
            event_handlers.handle(context, event_id, now=NOW)
        with database.reading() as db:
            return "wren" in db.scalar(select(post.c.details).where(post.c.id == id))

    shown = work()
    with database.writing() as db:
        emojis.remove(db, now=NOW, viewer=admin, emoji_id=found)

    assert (shown, work(), (settings.data / "media" / name).exists()) == (True, False, False)


def test_many_posts_are_written_anew_a_part_at_a_time(context, database, ann, monkeypatch):
    monkeypatch.setattr(emojis, "POSTS", emojis.POSTS.limit(2))
    monkeypatch.setattr(emojis, "AT_ONCE", 2)
    rows = [
        {"id": ids.new(NOW), "account_id": ann.id, "text": ":wren:", "visibility": "public", "conversation_id": 1}
        for _ in range(5)
    ]
    with database.writing() as db:
        db.execute(insert(post), rows)
        db.execute(insert(emoji).values(id=1, shortcode="wren", picture="a", still_picture="b"))
        emojis.spread(db, now=NOW, shortcode="wren", before_id=ids.MAXIMUM)
    for _ in range(3):
        with database.reading() as db:
            waiting = db.scalars(select(event.c.id).where(event.c.kind == emojis.EVENT)).all()
        for id in waiting:
            event_handlers.handle(context, id, now=NOW)

    with database.reading() as db:
        written = db.scalars(select(post.c.details)).all()
    assert [len(msgspec.json.decode(one)["emojis"]) for one in written] == [1] * 5
