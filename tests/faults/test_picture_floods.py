"""Floods of pictures against a site of real processes, all of whose memory together is that of a small machine."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from PIL import Image

from support import memory
from support.memory import SmallMachine, small_machine
from support.site_under_test import wait_for
from twite_common import clock
from twite_common.services.accounts import account_deletion

pytestmark = [pytest.mark.faults, pytest.mark.once]

MEMORY_MIB = 512


def web_of(supervisor: int) -> int:
    """Return the number of the process that answers requests, which the web part has started."""
    web = [one for one in memory.descendants(supervisor) if "web" in memory.arguments(one)]
    return max(web, key=memory.resident_mib)


def photo(width: int, height: int) -> bytes:
    """Return a JPEG file that isn't easily packed."""
    noise = Image.effect_noise((width // 8, height // 8), 80).resize((width, height))
    written = io.BytesIO()
    Image.merge("RGB", [noise, noise, noise]).save(written, "JPEG", quality=92)
    return written.getvalue()


def plain(width: int, height: int, mode: str = "L") -> bytes:
    """Return a PNG file of very few bytes."""
    written = io.BytesIO()
    Image.new(mode, (width, height)).save(written, "PNG", compress_level=1)
    return written.getvalue()


@pytest.fixture(scope="module")
def machine() -> Iterator[SmallMachine]:
    """What holds all of a site's processes and no more memory than a small machine."""
    with small_machine(MEMORY_MIB) as machine:
        yield machine


@pytest.fixture(scope="module")
def site(make_shared_site: Any, machine: SmallMachine) -> Any:
    """A whole site, as `twite run` starts it."""
    site = make_shared_site(trusted_proxies="127.0.0.1")
    site.start("run", machine.program("-m", "twite"))
    return site


@pytest.fixture(scope="module")
def ann(site: Any) -> tuple[int, str]:
    """The id of somebody's account, and a token for it."""
    account: tuple[int, str] = site.make_account("ann")
    return account


@pytest.fixture
def upload(site: Any, ann: tuple[int, str]) -> Any:
    """Upload several files at once, each from an address of its own, and return what was answered to each.

    What is in memory of bodies from one address has a bound, and how many of these it refuses is a matter of chance.
    """

    def send(number: int, content: bytes) -> int:
        headers = {"Authorization": f"Bearer {ann[1]}", "X-Forwarded-For": f"192.0.2.{number}"}
        address, files = f"{site.base_url}/api/v2/media", {"file": ("a.png", content)}
        return httpx.post(address, headers=headers, files=files, timeout=240).status_code

    def upload(*contents: bytes) -> list[int]:
        with ThreadPoolExecutor(len(contents)) as executor:
            return list(executor.map(send, range(1, len(contents) + 1), contents))

    return upload


def test_a_flood_of_pictures_is_borne_by_a_small_machine(
    site: Any, machine: SmallMachine, upload: Any, long_faults: bool
):
    supervisor = site.processes[0].pid
    photos, plains = (24, 10) if long_faults else (4, 1)
    assert upload(*[photo(1_000, 750)] * 4) == [200] * 4
    web = web_of(supervisor)
    before = memory.resident_mib(web)
    with memory.peak_of(supervisor) as peak:
        taken = [
            upload(*[photo(4_000, 3_000)] * photos),
            upload(*[plain(6_000, 6_000)] * plains),
            upload(plain(8_000, 5_000, "RGBA")),
        ]
        refused = upload(plain(1_000_000, 1), plain(1, 1_000_000), plain(11_000, 9_100))

    # None waits for long: of one person no more are begun than may wait for the process that decodes.
    assert taken == [[200] * photos, [200] * plains, [200]]
    assert refused == [422] * 3
    assert peak.mib < MEMORY_MIB, peak
    assert machine.killed() == 0
    wait_for(lambda: memory.resident_mib(web) <= 1.2 * before, site.printed)


def test_a_deleted_accounts_files_are_gone_within_a_minute(site: Any, upload: Any, ann: tuple[int, str]):
    assert 200 in upload(*[photo(100 * number, 75) for number in (2, 3, 4)])
    files = [path for path in (site.settings.data / "media").rglob("*") if path.is_file()]
    with site.database.writing() as db:
        account_deletion.delete_account(db, now=clock.now(), account_id=ann[0])

    assert files
    wait_for(lambda: not any(path.exists() for path in files), site.printed, seconds=60)
