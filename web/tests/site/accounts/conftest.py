"""How people stand to each other, for tests of the pages that change it."""

from collections.abc import Callable
from typing import Any

import pytest

from twite_common import clock
from twite_common.database import Database
from twite_common.queries.accounts import relationships
from twite_common.queries.accounts.relationships import Relationship


@pytest.fixture
def stands(database: Database, ann: Any, bob: Any) -> Callable[[], Relationship]:
    """Return how Ann stands to Bob."""

    def stands() -> Relationship:
        with database.reading() as db:
            [found] = relationships.load(db, [bob.id], viewer_id=ann.id, now=clock.now())
        return found

    return stands
