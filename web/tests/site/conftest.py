"""People at their browsers."""

from collections.abc import Callable
from typing import Any

import pytest

from browsing import Browser


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
