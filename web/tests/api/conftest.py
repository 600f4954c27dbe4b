"""Applications that act for people."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest


@pytest.fixture
def as_ann(api: Callable[..., httpx.Client], ann: Any) -> httpx.Client:
    """Ann's application."""
    return api(ann)


@pytest.fixture
def as_bob(api: Callable[..., httpx.Client], bob: Any) -> httpx.Client:
    """Bob's application."""
    return api(bob)


@pytest.fixture
def as_cho(api: Callable[..., httpx.Client], cho: Any) -> httpx.Client:
    """Cho's application."""
    return api(cho)


@pytest.fixture
def stranger(api: Callable[..., httpx.Client]) -> httpx.Client:
    """An application without a token."""
    return api()
