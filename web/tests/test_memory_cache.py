"""What a process keeps in memory."""

import sys
from concurrent.futures import ThreadPoolExecutor

from twite_web.memory_cache import NewestVersions, Versions


def test_the_oldest_goes_first() -> None:
    kept: Versions[int, str] = Versions(2)
    for key in (1, 2, 2, 3):
        kept.put(key, f"made from {key}")

    assert [kept.get(key) for key in (1, 2, 3)] == [None, "made from 2", "made from 3"]


def test_a_new_version_takes_the_place_of_the_old_one() -> None:
    kept: NewestVersions[tuple[int, int], str] = NewestVersions(2)
    kept.put((1, 1), "another")
    for version in range(10):
        kept.put((2, version), f"version {version}")

    assert kept.get((1, 1)) == "another"
    assert kept.get((2, 8)) is None
    assert kept.get((2, 9)) == "version 9"


def test_threads_may_keep_things_at_once() -> None:
    kept: Versions[int, int] = Versions(100)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda start: [kept.put(key, key) for key in range(start, 40_000, 4)], range(4)))
    finally:
        sys.setswitchinterval(interval)

    assert len(kept) == 100
