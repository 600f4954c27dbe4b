import pytest

from support.moment import NOW
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.moderation import warning_presets as queries
from twite_common.services.accounts import accounts
from twite_common.services.moderation import warning_presets


@pytest.fixture
def admin(db, ann):
    accounts.set_role(db, account_id=ann.id, role="admin")
    return viewers.by_account(db, ann.id)


@pytest.fixture
def add(db, admin):
    def add(title="Spam", words="Please don't.", *, viewer=admin):
        return warning_presets.add(db, now=NOW, viewer=viewer, title=title, words=words)

    return add


@pytest.fixture
def presets(db):
    return lambda: [(one.title, one.text) for one in queries.every(db)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"words": " "}, "Please write a text"),
        ({"words": "x" * 2001}, "A text can have at most 2000 characters"),
        ({"title": "x" * 101}, "A title can have at most 100 characters"),
    ],
)
def test_a_text_for_warnings_says_something_and_not_too_much(db, admin, add, presets, changes, message):
    preset_id = add()
    given = {"title": "Spam", "words": "Please don't."} | changes

    with pytest.raises(Invalid, match=message):
        add(**changes)
    with pytest.raises(Invalid, match=message):
        warning_presets.change(db, now=NOW, viewer=admin, preset_id=preset_id, **given)
    assert presets() == [("Spam", "Please don't.")]


def test_a_text_for_warnings_is_changed_and_removed(db, admin, add, presets):
    preset_id = add()
    known = {"now": NOW, "viewer": admin, "preset_id": preset_id}
    warning_presets.change(db, title="Insults", words="Be kind.", **known)
    assert presets() == [("Insults", "Be kind.")]

    warning_presets.remove(db, **known)
    assert presets() == []
    with pytest.raises(NotFound):
        warning_presets.change(db, title="", words="Again", **known)
    with pytest.raises(NotFound):
        warning_presets.remove(db, **known)


def test_only_administrators_change_texts_for_warnings(db, add, presets, bob):
    accounts.set_role(db, account_id=bob.id, role="moderator")
    moderator, preset_id = viewers.by_account(db, bob.id), add()

    for attempt in (
        lambda: add(viewer=moderator),
        lambda: warning_presets.change(db, now=NOW, viewer=moderator, preset_id=preset_id, title="", words="Mine"),
        lambda: warning_presets.remove(db, now=NOW, viewer=moderator, preset_id=preset_id),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert presets() == [("Spam", "Please don't.")]
