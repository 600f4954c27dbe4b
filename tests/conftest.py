"""Sites of a test's own, run by real processes on the database that the run is for."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from support.chromium import launched
from support.site_under_test import Site


@pytest.fixture(scope="module")
def make_shared_site(
    tmp_path_factory: pytest.TempPathFactory, shared_database_url: str, integration: None
) -> Iterator[Callable[..., Site]]:
    """Make a site that the tests of a file share; its parts are stopped after the last of them."""
    yield from making(tmp_path_factory.mktemp("sites"), shared_database_url)


@pytest.fixture
def make_site(tmp_path: Path, database_url: str, integration: None) -> Iterator[Callable[..., Site]]:
    """Make a site with other settings than the usual ones; its parts are stopped when the test ends."""
    yield from making(tmp_path, database_url)


def making(folder: Path, database_url: str) -> Iterator[Callable[..., Site]]:
    """Give what makes sites in a folder, and stop them afterwards."""
    made: list[Site] = []

    def make(**settings: str) -> Site:
        own = folder / f"site{len(made)}"
        own.mkdir()
        made.append(Site(own, database_url, **settings))
        return made[-1]

    yield make
    for site in made:
        site.stop()


@pytest.fixture
def running(make_site: Callable[..., Site]) -> Site:
    """A site whose website and API answer."""
    site = make_site()
    site.start("web")
    return site


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser, for tests that need Chromium, on a machine that may have much else to do."""
    expect.set_options(timeout=15_000)
    with launched() as browser:
        yield browser
