"""People at their browsers."""

from collections.abc import Callable
from typing import Any

import pytest

from support.browsing import Browser
from twite_common.database import Database
from twite_common.services.accounts import accounts


def pytest_itemcollected(item: pytest.Item) -> None:
    """Run the tests of pages on one database: what pages ask the database is tested on both.

    That is in the tests of common and of the API, and where every page is opened (`statement_counts`).
    """
    item.add_marker("once")


@pytest.fixture
def stranger(open_browser: Callable[[], Browser]) -> Browser:
    """The browser of somebody who isn't logged in."""
    return open_browser()


@pytest.fixture
def as_ann(logged_in: Callable[[Any], Browser], ann: Any) -> Browser:
    """Ann's browser."""
    return logged_in(ann)


@pytest.fixture
def as_bob(logged_in: Callable[[Any], Browser], bob: Any) -> Browser:
    """Bob's browser."""
    return logged_in(bob)


@pytest.fixture
def as_role(database: Database, ann: Any, as_ann: Browser) -> Callable[[str], Browser]:
    """Give Ann a role, and return her browser."""

    def as_role(role: str) -> Browser:
        with database.writing() as db:
            accounts.set_role(db, account_id=ann.id, role=role)
        return as_ann

    return as_role


@pytest.fixture
def as_admin(as_role: Callable[[str], Browser]) -> Browser:
    """Ann's browser, when she administrates the site."""
    return as_role("admin")
