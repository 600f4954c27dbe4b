"""Sites of a test's own, run by real processes on the database that the run is for."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from site_under_test import Site


@pytest.fixture
def make_site(tmp_path: Path, database_url: str) -> Iterator[Callable[..., Site]]:
    """Make a site with other settings than the usual ones; its parts are stopped when the test ends."""
    made: list[Site] = []

    def make(**settings: str) -> Site:
        folder = tmp_path / f"site{len(made)}"
        folder.mkdir()
        made.append(Site(folder, database_url, **settings))
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
