"""A broker of the test's own: a folder, or a queue that nobody else reads."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery

from twite_broker.options import celery_options
from twite_common.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def queue() -> str:
    return f"test-{uuid.uuid4().hex}"


@pytest.fixture
def app(settings: Settings, queue: str) -> Iterator[Celery]:
    """Somebody who sends tasks, with the settings that all parts have."""
    app = Celery("test", set_as_current=False)
    app.conf.update(celery_options(settings, queue=queue))
    yield app
    app.close()
