"""Links, tokens, codes and applications that nobody uses are removed after a while, and nothing that somebody needs."""

import re

import pytest
from sqlalchemy import event, func, insert, select, update

from support.moment import NOW
from twite_common import secret
from twite_common.clock import DAY, HOUR, MINUTE
from twite_common.drafts import Draft
from twite_common.secret import Signer
from twite_common.services import one_time_links
from twite_common.services.accounts import account_deletion
from twite_common.services.identity import applications, device_grants, grants, registrations, tokens
from twite_common.services.identity.registrations import SignUp
from twite_common.services.operations import cleaning
from twite_common.services.posts import posts, scheduled_posts
from twite_common.tables import application, device_grant, grant, link, post, token

pytestmark = pytest.mark.faults

LATER = NOW + 400 * DAY


@pytest.fixture
def register(db):
    def register(now=NOW):
        return applications.register(
            db, now=now, name="App", redirect_uris=["https://app.example/"], scopes="read", website=None
        )[0]

    return register


@pytest.fixture
def give(db, ann):
    """Give an application a token for Ann."""

    def give(application_id, name="token", **options):
        return tokens.add(
            db,
            now=NOW,
            access_token=name,
            scopes="read",
            application_id=application_id,
            **{"account_id": ann.id, **options},
        )

    return give


@pytest.fixture
def allow(db, ann):
    """Have Ann let an application in; return the grant's id."""

    def allow(application_id, code="code"):
        grants.add(
            db,
            now=NOW,
            code=code,
            application_id=application_id,
            account_id=ann.id,
            redirect_uri="",
            scopes="read",
            code_challenge=None,
            code_challenge_method=None,
        )
        return db.scalars(select(grant.c.id).where(grant.c.code_hash == secret.digest(code))).one()

    return allow


def left(db, table):
    return list(db.scalars(select(table.c.id).order_by(table.c.id)))


def test_an_application_of_which_there_is_nothing_goes_after_a_week(db, register):
    register()
    cleaning.remove_unused(db, now=NOW + 6 * DAY)
    before = left(db, application)
    cleaning.remove_unused(db, now=NOW + 8 * DAY)

    assert (len(before), left(db, application)) == (1, [])


@pytest.mark.parametrize("need", ["token", "own token", "code", "device", "post", "scheduled post", "account"])
def test_an_application_that_something_needs_stays(db, settings, ann, register, give, allow, need):
    id, now = register(), LATER
    if need == "token":
        give(id)
    elif need == "own token":
        tokens.touch(db, now=now, token_id=give(id, account_id=None))
    elif need == "code":
        allow(id)
        now = NOW + 8 * DAY
    elif need == "device":
        now = NOW + 8 * DAY
        device_grants.begin(
            db,
            Signer(b"x"),
            now=now - 10 * MINUTE,
            application_id=id,
            scopes="read",
            device_code="device code",
            user_code="BCDF-GHJK",
        )
    elif need == "post":
        posts.publish(db, settings, now=NOW, author_id=ann.id, draft=Draft(text="x"), application_id=id)
    elif need == "scheduled post":
        scheduled_posts.schedule(
            db, settings, now=NOW, account_id=ann.id, due_at=NOW + DAY, draft=Draft(text="x"), application_id=id
        )
    else:
        form = SignUp(username="dot", email="d@mail.example", password_hash="x", application_id=id)
        registrations.add(db, settings, now=NOW, sign_up=form)
    for _ in range(3):
        cleaning.remove_unused(db, now=now)
        now += applications.UNUSED_MS if need not in {"code", "device", "own token"} else 0

    assert left(db, application) == [id]


def test_what_a_device_asked_for_goes_soon_after_its_end(db, register):
    id = register()
    device_grants.begin(
        db, Signer(b"x"), now=NOW, application_id=id, scopes="read", device_code="device code", user_code="BCDF-GHJK"
    )
    cleaning.remove_unused(db, now=NOW + HOUR)
    before = left(db, device_grant)
    cleaning.remove_unused(db, now=NOW + 2 * HOUR)

    assert (len(before), left(db, device_grant)) == (1, [])


def test_an_application_goes_some_time_after_its_last_token(db, register, give):
    register()
    give(left(db, application)[0])
    cleaning.remove_unused(db, now=NOW + 8 * DAY)
    tokens.revoke(db, now=NOW + 9 * DAY, token_id=left(db, token)[0])
    for days in range(16, 60, 7):
        cleaning.remove_unused(db, now=NOW + days * DAY)

    assert (left(db, token), left(db, application)) == ([], [])


def test_an_applications_own_token_goes_when_nobody_uses_it(db, register, give):
    unused, used = give(register(), "unused", account_id=None), give(register(), "used", account_id=None)
    old = give(register(), "of an older version", account_id=None)
    db.execute(update(token).where(token.c.id == old).values(used_at=None))
    tokens.touch(db, now=NOW + 30 * DAY, token_id=used)
    cleaning.remove_unused(db, now=NOW + 89 * DAY)
    before = left(db, token)
    cleaning.remove_unused(db, now=NOW + 91 * DAY)

    assert before == [unused, used, old]
    assert left(db, token) == [used]


def test_a_persons_token_stays_until_it_ends(db, register, give, ann):
    lasting = give(register(), "lasting")
    personal = give(None, "personal")
    revoked, over, refreshable = (
        give(register(), "revoked"),
        give(register(), "over", lifetime_seconds=60),
        give(register(), "refreshable", lifetime_seconds=60, refresh_token="refresh"),
    )
    tokens.revoke(db, now=NOW, token_id=revoked)
    remaining = []
    for days in (29, 31, 364, 367):
        cleaning.remove_unused(db, now=NOW + days * DAY)
        remaining.append(set(left(db, token)) - {lasting, personal})

    assert remaining == [{revoked, over, refreshable}, {refreshable}, {refreshable}, set()]
    assert left(db, token) == [lasting, personal]


def test_a_grant_stays_as_long_as_the_family_of_tokens_that_it_holds_together(db, register, give, allow):
    id = register()
    unused, used, held = allow(id, "unused"), allow(id, "used"), allow(id, "held")
    give(id, "used", grant_id=used)
    refreshed = give(id, "held", grant_id=held, lifetime_seconds=60, refresh_token="refresh")
    cleaning.remove_unused(db, now=NOW + 29 * DAY)
    before = left(db, grant)
    cleaning.remove_unused(db, now=NOW + 31 * DAY)
    after = left(db, grant)
    tokens.revoke(db, now=NOW + 200 * DAY, token_id=refreshed)
    cleaning.remove_unused(db, now=NOW + 231 * DAY)

    assert (before, after, left(db, grant)) == ([unused, used, held], [held], [])


def test_a_refresh_token_that_comes_back_months_later_still_ends_its_family(db, register, give, allow):
    id = register()
    held = allow(id)
    first = give(id, "first", grant_id=held, lifetime_seconds=60, refresh_token="refresh")
    second = give(id, "second", grant_id=held, lifetime_seconds=60, refresh_token="next")
    tokens.revoke(db, now=NOW + 60 * DAY, token_id=first)
    cleaning.remove_unused(db, now=NOW + 80 * DAY)
    tokens.refreshable(db, now=NOW + 80 * DAY, refresh_token="refresh", application_id=id, client_authenticated=False)

    assert db.scalar(select(token.c.revoked_at).where(token.c.id == second)) is not None


def test_links_go_a_day_after_their_end_used_or_not(db, ann):
    for purpose in ("reset", "change_email", "confirm"):
        one_time_links.add(db, purpose, now=NOW, account_id=ann.id)
    numbers = []
    for days in (0.5, 1.5, 2.5, 8.5):
        cleaning.remove_unused(db, now=NOW + int(days * DAY))
        numbers.append(db.scalar(select(func.count()).select_from(link).where(link.c.purpose != "x")))

    assert numbers == [3, 2, 1, 0]


def test_a_flood_is_removed_in_bounded_steps_oldest_first_and_nothing_is_looked_at_forever(db, register, give):
    needed = [register() for _ in range(3)]
    for number, id in enumerate(needed):
        give(id, f"token {number}")
    flood = [register(NOW + 1) for _ in range(10)]
    numbers = []
    for _ in range(5):
        cleaning.remove_unused(db, now=NOW + 8 * DAY, limit=4)
        numbers.append(len(left(db, application)))

    assert numbers == [12, 8, 4, 3, 3]
    assert left(db, application) == needed
    assert not set(flood) & set(left(db, application))


def test_an_application_of_an_older_version_of_the_code_is_looked_at_and_kept_while_it_is_young(db, register):
    id = register(NOW)
    db.execute(update(application).values(review_at=0))
    cleaning.remove_unused(db, now=NOW + DAY)
    young = left(db, application)
    cleaning.remove_unused(db, now=NOW + 9 * DAY)

    assert (young, left(db, application)) == ([id], [])


def test_what_is_to_go_is_found_by_an_index(db, register, give, allow):
    id = register()
    give(id, grant_id=allow(id), lifetime_seconds=60)
    if db.dialect.name == "postgresql":
        db.exec_driver_sql("SET LOCAL enable_seqscan = off")
    ran = []
    event.listen(
        db, "before_cursor_execute", lambda _c, _cursor, statement, parameters, *_: ran.append((statement, parameters))
    )
    cleaning.remove_unused(db, now=LATER)
    explain = "EXPLAIN QUERY PLAN" if db.dialect.name == "sqlite" else "EXPLAIN"
    plans = ["\n".join(map(str, db.exec_driver_sql(f"{explain} {statement}", given))) for statement, given in list(ran)]

    assert len(plans) == 15
    assert not [plan for plan in plans if "Seq Scan" in plan or re.search(r"SCAN (?!json_each)", plan)]


def test_who_is_not_confirmed_is_found_among_those_that_are_not(db):
    if db.dialect.name == "postgresql":
        db.exec_driver_sql("SET LOCAL enable_seqscan = off")
    ran = []
    event.listen(
        db, "before_cursor_execute", lambda _c, _cursor, statement, parameters, *_: ran.append((statement, parameters))
    )
    cleaning.unconfirmed(db, now=NOW)
    [(statement, given)] = ran
    explain = "EXPLAIN QUERY PLAN" if db.dialect.name == "sqlite" else "EXPLAIN"

    assert "ix_account_pending" in str(db.exec_driver_sql(f"{explain} {statement}", given).all())


def test_removing_an_application_looks_at_no_posts_but_its_own(db, ann, register, settings):
    """Each removed application would otherwise have all posts read: by the condition, and by the reference."""
    register()
    rows = [
        {"id": NOW * 65536 + n, "account_id": ann.id, "visibility": "public", "conversation_id": n}
        for n in range(1, 20_001)
    ]
    db.execute(insert(post), rows)
    if db.dialect.name == "sqlite":
        written = str(
            update(post)
            .where(post.c.application_id == 1)
            .values(application_id=None)
            .compile(db.engine, compile_kwargs={"literal_binds": True})
        )
        plan = "\n".join(str(row) for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}"))
    else:
        db.exec_driver_sql("ANALYZE post")
        plan = "\n".join(row[0] for row in db.exec_driver_sql("EXPLAIN SELECT 1 FROM post WHERE application_id = 1"))

    assert "ix_post_application_id" in plan


def test_a_deleted_account_takes_its_tokens_and_grants_along(db, ann, register, give, allow):
    id = register()
    give(id, grant_id=allow(id))
    account_deletion.delete_account(db, now=NOW, account_id=ann.id)

    assert (left(db, token), left(db, grant)) == ([], [])
