"""Getting an account back from a thief."""

import msgspec
import pytest
from sqlalchemy import insert, select

from support.moment import NOW
from twite_common import clock
from twite_common.drafts import Draft
from twite_common.media.pictures import Picture, PreparedAttachment
from twite_common.queries.identity import imports as import_queries
from twite_common.queries.paging import Page
from twite_common.queries.posts import drafts, post_deletion_rules
from twite_common.queries.posts import media as media_queries
from twite_common.queries.posts.post_deletion_rules import Rule
from twite_common.secret import signer
from twite_common.services import one_time_links
from twite_common.services.identity import account_recovery, security_events
from twite_common.services.posts import media, scheduled_posts
from twite_common.services.posts import post_deletion_rules as rules
from twite_common.tables import import_, mail, scheduled_post

PICTURE = Picture(data=b"picture", media_type="image/webp", extension="webp", width=40, height=30)


@pytest.fixture
def take_back(db, settings, ann):
    """Say of a mail that Ann got that it wasn't her."""

    def take_back():
        security_events.tell(db, "password_changed", now=NOW, account_id=ann.id, at=NOW, tokens_ended=False)
        detail = msgspec.json.decode(db.scalars(select(mail.c.detail).order_by(mail.c.id.desc())).first())
        token = one_time_links.token(signer(settings), detail["link_id"], security_events.LINK)
        account_recovery.take_back(db, signer(settings), now=NOW, token=token)

    return take_back


def test_what_a_thief_has_left_to_happen_later_does_not(db, settings, ann, bob, take_back):
    due_at = NOW + clock.DAY
    for account_id, words in ((ann.id, ["Buy", "this"]), (bob.id, ["Good morning"])):
        parts = [Draft(text=one) for one in words]
        given = {"account_id": account_id, "drafts": parts, "due_at": due_at}
        scheduled_posts.schedule_thread(db, settings, now=NOW, **given)
        rules.set_rule(db, now=NOW, account_id=account_id, rule=Rule(days=14))
    for id, state in enumerate(("importing", "undoing"), start=1):
        row = {"id": id, "account_id": ann.id, "kind": "posts", "state": state, "expires_at": due_at}
        db.execute(insert(import_), row)
    take_back()
    [kept] = drafts.of_account(db, ann.id, Page())

    assert [part.text for part in kept.decoded()] == ["Buy", "this"]
    assert kept.scheduled_at == due_at
    assert db.scalars(select(scheduled_post.c.account_id)).all() == [bob.id]
    assert post_deletion_rules.of_account(db, ann.id) is None
    assert post_deletion_rules.of_account(db, bob.id) is not None
    assert {one.state for one in import_queries.of_account(db, ann.id)} == {"stopped"}


def test_what_a_scheduled_post_was_to_show_waits_with_its_draft(db, settings, ann, take_back):
    prepared = PreparedAttachment(picture=PICTURE, preview=PICTURE, blurhash="x")
    media_id = media.add_picture(db, prepared, now=NOW, account_id=ann.id, file="aa/1.webp", preview="aa/2.webp")
    given = {"account_id": ann.id, "draft": Draft(text="Look", media_ids=(media_id,)), "due_at": NOW + clock.DAY}
    scheduled_posts.schedule(db, settings, now=NOW, **given)
    take_back()
    [kept] = drafts.of_account(db, ann.id, Page())

    assert [one.id for one in media_queries.of_drafts(db, [kept.id])[kept.id]] == [media_id]
