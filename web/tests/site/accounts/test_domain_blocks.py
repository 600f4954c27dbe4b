"""Blocked servers: adding them by name, and taking a block back."""

import pytest

from twite_common.queries.accounts import domain_blocks
from twite_common.queries.paging import Page

PAGE = "/settings/domain-blocks"


@pytest.fixture
def blocked(database, ann):
    def blocked():
        with database.reading() as db:
            return [one.domain for one in domain_blocks.blocked_domains(db, Page(), viewer_id=ann.id)]

    return blocked


def test_a_server_is_blocked_and_unblocked(as_ann, blocked):
    as_ann.open(PAGE)
    as_ann.submit(PAGE, {"domain": " Other.example "})
    kept, shown = blocked(), as_ann.text
    as_ann.submit(f"{PAGE}/remove")

    assert kept == ["other.example"]
    assert "other.example" in shown
    assert (blocked(), as_ann.path) == ([], PAGE)


def test_what_is_no_server_is_said_where_it_was_typed(as_ann, blocked):
    as_ann.open(PAGE)
    response = as_ann.submit(PAGE, {"domain": "no server"})

    assert response.status_code == 422
    assert as_ann.value("domain") == "no server"
    assert as_ann.page.find(class_="problem")
    assert blocked() == []


def test_strangers_are_sent_to_log_in(stranger):
    stranger.open(PAGE)

    assert stranger.path == "/login"
