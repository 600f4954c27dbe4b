"""Moving files to where new ones are written, while the site runs.

Each file is written there before it is removed where it was, so that it is always found. What is interrupted goes on
where it was, and a second run does nothing.
"""

import itertools
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor

from twite_common.media import storage
from twite_common.media.storage import Storage
from twite_common.media.storage.names import FOLDERS, NAME, UPLOAD
from twite_common.media.storage.places import Place, Stored
from twite_common.settings import Settings

AT_ONCE = 8
BATCH = 8 * AT_ONCE

Elsewhere = tuple[Storage, Place, Stored]
"""A file, with all the places of its kind and the one where it is."""


def waiting(settings: Settings) -> tuple[int, int]:
    """Return how many files are elsewhere than new ones are written, and how many bytes they have."""
    number, size = 0, 0
    for _storage, _place, stored in _elsewhere(settings):
        number, size = number + 1, size + stored.size
    return number, size


def move(settings: Settings) -> Generator[int, None, None]:
    """Move every file, some at once, and give its bytes when that is done.

    Raises Unavailable when a place can't be reached, or is full.
    """
    elsewhere = _elsewhere(settings)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while batch := list(itertools.islice(elsewhere, BATCH)):
            yield from pool.map(_move, batch)


def _move(elsewhere: Elsewhere) -> int:
    files, place, stored = elsewhere
    if files.home.find(stored.name) is None:
        try:
            with place.open(stored.name) as content:
                files.home.write(stored.name, content)
        except FileNotFoundError:
            # Somebody has removed it meanwhile.
            return 0
    place.remove(stored.name)
    return stored.size


def _elsewhere(settings: Settings) -> Iterator[Elsewhere]:
    """Give the files that are elsewhere, each with its storage and the place where it is."""
    for files, folders, shape in (
        (storage.media(settings), FOLDERS, NAME),
        (storage.uploads(settings), ("",), UPLOAD),
    ):
        for place in files.places[1:]:
            for folder in folders:
                for stored in place.listed(folder):
                    if shape.fullmatch(stored.name):
                        yield files, place, stored
