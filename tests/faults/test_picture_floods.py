"""Floods of pictures against a site of real processes, all of whose memory together is that of a small machine."""

import io
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from support.site_under_test import wait_for
from twite_common import clock
from twite_common.services.accounts import account_deletion

pytestmark = pytest.mark.faults

MEMORY_MIB = 512
SUPERVISOR_MIB = 45
"""What `twite run` holds itself beside the parts, which are started here one by one."""
OVER = {200, 429, 503}
"""What is answered to a picture that can be used: it is taken, or too many of one person or of all wait already."""


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


def measured(pid: int, file: str, name: str) -> int:
    """Return one of a process's measures, in MiB; 0 for one that is gone."""
    with suppress(OSError):
        found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid}/{file}").read_text(), re.MULTILINE)
        return int(found[1]) // 1024 if found else 0
    return 0


def descendants(pid: int) -> list[int]:
    """Return the numbers of a process and of all that come from it."""
    found = [pid]
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += descendants(int(child))
    return found


def web_of(part: int) -> int:
    """Return the number of the process that answers requests, which the web part has started."""
    return max(descendants(part)[1:], key=lambda one: measured(one, "status", "VmRSS"))


@contextmanager
def peak_of(parts: list[int]) -> Iterator[list[int]]:
    """Give a list whose one number comes to be the most memory that processes and their descendants held, in MiB."""
    most, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            most[0] = max(
                most[0], sum(measured(one, "smaps_rollup", "Pss") for part in parts for one in descendants(part))
            )

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield most
    finally:
        over.set()
        watching.join()


@pytest.fixture(scope="module")
def site(make_shared_site: Any) -> Any:
    """A whole site: the web, a worker and the clock."""
    site = make_shared_site()
    for part in ("web", "worker", "clock"):
        site.start(part)
    return site


@pytest.fixture(scope="module")
def ann(site: Any) -> tuple[int, str]:
    """The id of somebody's account, and a token for it."""
    account: tuple[int, str] = site.make_account("ann")
    return account


@pytest.fixture
def upload(site: Any, ann: tuple[int, str]) -> Any:
    """Upload several files at once and return what was answered to each."""
    headers = {"Authorization": f"Bearer {ann[1]}"}

    def send(content: bytes) -> int:
        address, files = f"{site.base_url}/api/v2/media", {"file": ("a.png", content)}
        return httpx.post(address, headers=headers, files=files, timeout=120).status_code

    def upload(*contents: bytes) -> list[int]:
        with ThreadPoolExecutor(len(contents)) as executor:
            return list(executor.map(send, contents))

    return upload


def test_a_flood_of_pictures_is_borne_by_a_small_machine(site: Any, upload: Any, long_faults: bool):
    parts = [one.pid for one in site.processes]
    times = 24 if long_faults else 4
    assert upload(*[photo(1_000, 750)] * 4) == [200] * 4
    web = web_of(parts[0])
    before = measured(web, "status", "VmRSS")
    with peak_of(parts) as most:
        floods = [
            upload(*[photo(4_000, 3_000)] * times),
            upload(*[plain(6_000, 6_000)] * (10 if long_faults else 1)),
            upload(plain(8_000, 5_000, "RGBA")),
        ]
        refused = upload(plain(1_000_000, 1), plain(1, 1_000_000), plain(11_000, 9_100))

    assert all(200 in answers and set(answers) <= OVER for answers in floods), floods
    assert refused == [422] * 3
    assert most[0] + SUPERVISOR_MIB < MEMORY_MIB
    wait_for(lambda: measured(web, "status", "VmRSS") <= 1.2 * before, site.printed)


def test_a_deleted_accounts_files_are_gone_within_a_minute(site: Any, upload: Any, ann: tuple[int, str]):
    assert 200 in upload(*[photo(100 * number, 75) for number in (2, 3, 4)])
    files = [path for path in site.settings.media.rglob("*") if path.is_file()]
    with site.database.writing() as db:
        account_deletion.delete_account(db, now=clock.now(), account_id=ann[0])

    assert files
    wait_for(lambda: not any(path.exists() for path in files), site.printed, seconds=60)
