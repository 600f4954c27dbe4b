import pytest
from sqlalchemy import func, select, update

from support.moment import NOW
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.accounts import credentials
from twite_common.queries.moderation import reports, warnings
from twite_common.queries.paging import Page
from twite_common.queries.posts import posts as post_queries
from twite_common.services.accounts import accounts
from twite_common.services.identity import confirmations, registrations
from twite_common.services.identity.registrations import SignUp
from twite_common.services.moderation import account_actions
from twite_common.services.moderation import reports as report_services
from twite_common.services.moderation.account_actions import Decision
from twite_common.services.moderation.reports import ReportDraft
from twite_common.tables import account, audit_entry, mail, notification, session
from twite_common.tables import credentials as credentials_table


@pytest.fixture
def viewer(db, ann):
    """Ann, in a role."""

    def viewer(role="moderator"):
        accounts.set_role(db, account_id=ann.id, role=role)
        return viewers.by_account(db, ann.id)

    return viewer


@pytest.fixture
def act(db, bob, viewer):
    """Do something about Bob's account."""

    def act(action, by="moderator", **decision):
        account_actions.act(
            db, now=NOW, viewer=viewer(by), account_id=bob.id, decision=Decision(action=action, **decision)
        )

    return act


@pytest.fixture
def make_report(db, bob, cho):
    """Have Cho report Bob."""

    def make_report(**draft):
        return report_services.file(db, now=NOW, account_id=cho.id, draft=ReportDraft(target_id=bob.id, **draft))

    return make_report


@pytest.fixture
def state(db, bob):
    """What was done about Bob's account."""

    def state():
        columns = {
            "suspend": account.c.suspended_at,
            "silence": account.c.limited_at,
            "sensitive": account.c.sensitized_at,
            "disable": credentials_table.c.disabled_at,
        }
        row = db.execute(
            select(*columns.values())
            .join(credentials_table, credentials_table.c.account_id == account.c.id)
            .where(account.c.id == bob.id)
        ).one()
        return {name for name, at in zip(columns, row, strict=True) if at is not None}

    return state


@pytest.fixture
def audited(db):
    def audited():
        rows = db.execute(select(audit_entry).order_by(audit_entry.c.id))
        return [(row.action, row.target_kind, row.target_name) for row in rows]

    return audited


@pytest.mark.parametrize("action", account_actions.TAKEN_BACK)
def test_what_was_done_is_taken_back_and_both_are_recorded(db, bob, viewer, act, state, audited, action):
    act(action)
    done = state()
    account_actions.take_back(db, now=NOW, viewer=viewer(), account_id=bob.id, action=action)

    assert (done, state()) == ({action}, set())
    assert audited() == [(action, "account", "bob"), (account_actions.TAKEN_BACK[action], "account", "bob")]


@pytest.mark.parametrize(
    ("role", "other"),
    [("", ""), ("", "admin"), ("moderator", "moderator"), ("moderator", "admin"), ("admin", "admin")],
)
def test_nobody_acts_on_somebody_of_the_same_rank_or_above(db, bob, viewer, act, state, audited, role, other):
    accounts.set_role(db, account_id=bob.id, role=other)
    with pytest.raises(NotAllowed):
        act("suspend", by=role)
    with pytest.raises(NotAllowed):
        account_actions.take_back(db, now=NOW, viewer=viewer(role), account_id=bob.id, action="suspend")

    assert (state(), audited()) == (set(), [])


def test_an_unknown_account_or_action_is_refused(db, viewer, act):
    with pytest.raises(NotFound):
        account_actions.act(db, now=NOW, viewer=viewer(), account_id=1, decision=Decision(action="suspend"))
    with pytest.raises(Invalid):
        act("banish")


def test_who_is_acted_on_is_told_by_mail_and_notification_but_not_by_whom(db, ann, bob, act):
    act("silence", text="Please be kind.")

    [told] = db.execute(select(notification).where(notification.c.kind == "warning")).all()
    own = warnings.own(db, [told.warning_id], viewer_id=bob.id)[told.warning_id]
    [letter] = db.execute(select(mail).where(mail.c.kind == "warning")).all()
    assert (told.account_id, told.from_account_id) == (bob.id, bob.id)
    assert (own.action, own.text) == ("silence", "Please be kind.")
    assert letter.account_id == bob.id
    assert warnings.own(db, [told.warning_id], viewer_id=ann.id) == {}


def test_nobody_is_told_where_that_is_not_wanted(db, bob, act):
    act("none", told=False)

    assert db.execute(select(notification)).all() == []
    assert db.execute(select(mail).where(mail.c.kind == "warning")).all() == []
    assert len(warnings.of_account(db, bob.id, Page())) == 1


def test_doing_something_settles_all_reports_about_the_account(db, act, make_report):
    first, second = make_report(), make_report()
    act("silence", report_id=first)

    assert all(reports.get(db, id).resolved_at == NOW for id in (first, second))


def test_a_mere_warning_settles_its_report_alone(db, bob, act, make_report, make_post):
    post_id = make_post(bob)
    first, second = make_report(post_ids=(post_id,)), make_report()
    act("none", report_id=first)

    assert reports.get(db, first).resolved_at == NOW
    assert reports.get(db, second).resolved_at is None
    assert warnings.of_account(db, bob.id, Page())[0].posts() == [post_id]


def test_a_report_about_somebody_else_cannot_be_settled_by_it(db, ann, cho, act):
    other = report_services.file(db, now=NOW, account_id=ann.id, draft=ReportDraft(target_id=cho.id))
    with pytest.raises(NotFound):
        act("none", report_id=other)

    assert reports.get(db, other).resolved_at is None


def test_a_disabled_account_is_logged_out_everywhere(db, bob, act):
    db.execute(
        session.insert(),
        {"id": 1, "secret_hash": b"x", "account_id": bob.id, "seen_at": NOW, "expires_at": NOW + 1},
    )
    act("disable")

    assert db.execute(select(session)).all() == []
    assert viewers.by_account(db, bob.id).disabled


def test_posts_of_an_account_marked_sensitive_are_shown_so_until_that_is_taken_back(db, bob, viewer, act, make_post):
    post_id = make_post(bob)

    def shown():
        found = post_queries.get(db, post_id, viewer_id=None)
        return found.shown_sensitive, found.account_version

    before = shown()
    act("sensitive")
    during = shown()
    account_actions.take_back(db, now=NOW, viewer=viewer(), account_id=bob.id, action="sensitive")

    assert [before[0], during[0], shown()[0]] == [False, True, False]
    assert before[1] < during[1] < shown()[1]


def test_public_posts_of_a_limited_account_are_written_unlisted(db, bob, act, make_post):
    act("silence")
    posts = [
        post_queries.get(db, make_post(bob, visibility=name), viewer_id=bob.id) for name in ("public", "followers")
    ]

    assert [post.visibility for post in posts] == ["unlisted", "followers"]


def test_only_a_suspended_account_is_deleted_and_only_with_the_permission(db, bob, viewer, act, audited):
    with pytest.raises(NotAllowed):
        account_actions.remove(db, now=NOW, viewer=viewer("admin"), account_id=bob.id)
    act("suspend")
    with pytest.raises(NotAllowed):
        account_actions.remove(db, now=NOW, viewer=viewer("moderator"), account_id=bob.id)
    account_actions.remove(db, now=NOW, viewer=viewer("admin"), account_id=bob.id)

    assert credentials.get(db, bob.id) is None
    assert audited()[-1] == ("delete", "account", "bob")


def test_somebody_who_waits_is_let_in_or_refused_once(db, bob, cho, viewer, audited):
    db.execute(update(credentials_table).values(approved_at=None))
    account_actions.approve(db, now=NOW, viewer=viewer(), account_id=bob.id)
    account_actions.reject(db, now=NOW, viewer=viewer(), account_id=cho.id)

    assert credentials.get(db, bob.id).approved_at == NOW
    assert credentials.get(db, cho.id) is None
    assert audited() == [("approve", "account", "bob"), ("reject", "account", "cho")]
    for again in (account_actions.approve, account_actions.reject):
        with pytest.raises(NotAllowed):
            again(db, now=NOW, viewer=viewer(), account_id=bob.id)


def test_whoever_may_let_people_in_hears_of_new_accounts(db, ann, bob, viewer):
    viewer("moderator")
    sign_up = SignUp(username="dot", email="dot@mail.example", password_hash="x")
    dot_id = registrations.create(db, now=NOW, sign_up=sign_up, smtp_utf8=False)
    before = db.execute(select(notification)).all()
    confirmations.confirm(db, now=NOW, account_id=dot_id)

    told = db.execute(select(notification.c.account_id, notification.c.kind, notification.c.from_account_id)).all()
    assert (before, told) == ([], [(ann.id, "signup", dot_id)])


def test_whoever_is_confirmed_twice_is_announced_once(db, ann, viewer):
    viewer("moderator")
    sign_up = SignUp(username="dot", email="dot@mail.example", password_hash="x")
    dot_id = registrations.create(db, now=NOW, sign_up=sign_up, smtp_utf8=False)
    confirmations.confirm(db, now=NOW, account_id=dot_id)
    confirmations.confirm(db, now=NOW + 1, account_id=dot_id)

    assert db.scalar(select(func.count()).select_from(notification)) == 1
    assert credentials.get(db, dot_id).confirmed_at == NOW
