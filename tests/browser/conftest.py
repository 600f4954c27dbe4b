"""What most tests with a browser look at."""

from collections.abc import Callable

import pytest

from support.site_under_test import Site


@pytest.fixture(scope="module")
def site(make_shared_site: Callable[..., Site]) -> Site:
    """A site whose website and API answer, for all tests of a file; each makes accounts of its own."""
    site = make_shared_site()
    site.start("web")
    return site
