from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from support.moment import NOW
from twite_common.drafts import Draft
from twite_common.services.identity import registrations
from twite_common.services.identity.registrations import SignUp
from twite_common.services.posts import posts
from twite_common.tables import account, post


def test_requests_with_one_name_at_the_same_moment_make_one_post(database, settings):
    with database.writing() as db:
        sign_up = SignUp(username="ann", email="ann@mail.example", password_hash="x")
        ann = registrations.create(db, now=NOW, sign_up=sign_up, confirmed=True, smtp_utf8=False)

    def publish(n):
        with database.writing() as db:
            draft = Draft(text=f"Attempt {n}")
            return posts.publish(db, settings, now=NOW, author_id=ann, draft=draft, idempotency_name="once")

    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(publish, range(12)))

    assert len(set(made)) == 1
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(post)) == 1
        assert db.scalar(select(account.c.posts_count)) == 1
