"""A site's files move to a bucket and back while people read and upload them, through whichever web process."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from support import nginx
from support.pictures import picture
from support.s3 import TestBucket
from support.site_under_test import Site, free_port, wait_for

pytestmark = [pytest.mark.needs("nginx"), pytest.mark.once]
PICTURES = 30


class Readers:
    """People who read every file again and again, from each web process and through nginx."""

    def __init__(self, bases: list[str]) -> None:
        self.bases = bases
        self.paths: list[str] = []
        self.failed: list[tuple[str, str, int]] = []
        self.rounds = 0
        self._stop = threading.Event()

    def run(self) -> None:
        """Read until the test stops it."""
        with httpx.Client(timeout=60) as client:
            while not self._stop.is_set():
                for path in list(self.paths):
                    for base in self.bases:
                        status = client.get(f"{base}{path}").status_code
                        if status != 200:
                            self.failed.append((base, path, status))
                self.rounds += 1

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read as long as the block lasts, and once more at its end."""
        thread = threading.Thread(target=self.run)
        thread.start()
        try:
            yield
            seen = self.rounds
            wait_for(lambda: self.rounds > seen + 1, lambda: str(self.failed))
        finally:
            self._stop.set()
            thread.join()


def moving(site: Site, **settings: str) -> "subprocess.Popen[str]":
    """Run `twite media move` with these settings."""
    environment = {**site.environment, **{f"TWITE_{name.upper()}": value for name, value in settings.items()}}
    command = [sys.executable, "-m", "twite", "media", "move"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_files_are_read_and_uploaded_all_the_time(make_site: Callable[..., Site], bucket: TestBucket, tmp_path: Path):
    site = make_site()
    _, token = site.make_account("ann")
    ports = [site.port, free_port()]
    # As in a restart of one process after the other: the first knows the bucket, the second writes to it.
    site.start("web", media_fallback=bucket.address)
    site.start("web", media_storage=bucket.address, port=str(ports[1]))
    bases = [f"http://127.0.0.1:{port}" for port in ports]
    folder = site.settings.data / "media"

    def upload(base: str, number: int) -> str:
        files = {"file": ("a.png", picture((100 + number, 80)))}
        headers = {"Authorization": f"Bearer {token}"}
        answer: Any = httpx.post(f"{base}/api/v2/media", files=files, headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        return urlsplit(answer.json()["url"]).path

    def names() -> set[str]:
        return {f"media/{path.relative_to(folder)}" for path in folder.glob("*/*")}

    before = [upload(bases[0], number) for number in range(PICTURES)]
    assert len(names()) >= PICTURES
    with nginx.started(tmp_path / "nginx", ports, folder) as front:
        readers = Readers([*bases, front])
        readers.paths += before
        with readers.reading():
            readers.paths += [upload(base, PICTURES + number) for number, base in enumerate(bases)]
            # It is killed once it has begun.
            first = moving(site, media_storage=bucket.address)
            wait_for(lambda: any(name.startswith("media/") for name in bucket.files()) or first.poll() is not None)
            first.kill()
            first.communicate()
            moved, _ = moving(site, media_storage=bucket.address).communicate(timeout=120)
            in_bucket = (names(), bucket.files())
            readers.paths += [upload(base, PICTURES + 2 + number) for number, base in enumerate(bases)]
            back, _ = moving(site, media_fallback=bucket.address).communicate(timeout=120)
            in_folder = (names(), bucket.files())

    assert readers.failed == []
    assert "All are in the bucket" in moved
    assert f"All are in the folder {folder}" in back
    assert (in_bucket[0], len(in_bucket[1]) >= PICTURES) == (set(), True)
    assert (in_folder[1], len(in_folder[0]) >= PICTURES) == (set(), True)
    assert list(site.settings.scratch.iterdir()) == []
