from typing import Any

import pytest

from support.moment import NOW
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.moderation import rules as queries
from twite_common.services.accounts import accounts
from twite_common.services.moderation import rules


@pytest.fixture
def admin(db, ann):
    accounts.set_role(db, account_id=ann.id, role="admin")
    return viewers.by_account(db, ann.id)


@pytest.fixture
def add(db, admin):
    def add(words="Be kind", hint="", *, viewer=admin):
        return rules.add(db, now=NOW, viewer=viewer, words=words, hint=hint)

    return add


@pytest.fixture
def change(db, admin):
    def change(rule_id, *, viewer=admin, **changes):
        given: dict[str, Any] = {"words": "Be kind", "hint": "", "position": 1} | changes
        rules.change(db, now=NOW, viewer=viewer, rule_id=rule_id, **given)

    return change


@pytest.fixture
def texts(db):
    return lambda: [one.text for one in queries.all_rules(db)]


def test_a_new_rule_stands_behind_the_others_and_can_be_moved(add, change, texts):
    for words in ("One", "Two", "Three"):
        last = add(words)
    assert texts() == ["One", "Two", "Three"]

    change(last, words="Three", position=0)
    assert texts() == ["Three", "One", "Two"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"words": " \n"}, "what the rule says"),
        ({"words": "x" * 301}, "300 characters"),
        ({"hint": "x" * 1001}, "1000 characters"),
    ],
)
def test_a_rule_says_something_and_not_too_much(add, change, texts, changes, message):
    with pytest.raises(Invalid, match=message):
        add(**changes)
    id = add()
    with pytest.raises(Invalid, match=message):
        change(id, **changes)
    assert texts() == ["Be kind"]


@pytest.mark.parametrize("position", [-1, 10_001])
def test_a_place_is_a_small_number(add, change, position):
    with pytest.raises(Invalid, match="smaller number"):
        change(add(), position=position)


def test_a_removed_rule_holds_no_more_but_reports_still_name_it(db, admin, add, change, texts):
    id = add()
    rules.remove(db, now=NOW, viewer=admin, rule_id=id)

    assert (texts(), queries.load(db, [id])[id].text) == ([], "Be kind")
    for again in (lambda: change(id), lambda: rules.remove(db, now=NOW, viewer=admin, rule_id=id)):
        with pytest.raises(NotFound):
            again()


def test_only_administrators_change_rules(db, add, change, texts, bob):
    id = add()
    accounts.set_role(db, account_id=bob.id, role="moderator")
    moderator = viewers.by_account(db, bob.id)

    for attempt in (
        lambda: add("Mine", viewer=moderator),
        lambda: change(id, words="Mine", viewer=moderator),
        lambda: rules.remove(db, now=NOW, viewer=moderator, rule_id=id),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert texts() == ["Be kind"]
