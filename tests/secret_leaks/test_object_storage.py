"""The key of the object storage, and its secret, are known to the storage only."""

from collections.abc import Callable

import httpx
import pytest

from secret_leaks.search import Secrets, leaks
from secret_leaks.story import command
from support.pictures import picture
from support.s3 import TestBucket
from support.site_under_test import Site, wait_for

pytestmark = pytest.mark.once


@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
def test_the_key_of_the_object_storage_is_printed_nowhere(
    make_site: Callable[..., Site], bucket: TestBucket, right: bool
):
    secret = bucket.server.secret if right else bucket.server.secret[::-1]
    site = make_site(log_level="DEBUG", media_storage=bucket.address_with(secret=secret))
    known = Secrets()
    known.add("secret", secret)
    known.add("key", bucket.server.key)
    _, token = site.make_account("ann")
    for part in ("web", "worker"):
        site.start(part)
    answer = httpx.post(
        f"{site.base_url}/api/v2/media",
        files={"file": ("a.png", picture())},
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )
    known.add("token", token)
    checked, _, _ = command(site, "check.log", "check")
    command(site, "move.log", "media", "move")
    backed_up, _, _ = command(site, "backup.log", "backup", str(site.folder / "site.backup"))
    wait_for(lambda: right or "storage_failed" in site.printed(), site.printed)

    assert (answer.status_code, checked, backed_up) == ((200, 0, 0) if right else (503, 1, 1))
    assert leaks(site, known) == []
