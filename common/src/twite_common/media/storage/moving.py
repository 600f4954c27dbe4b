"""Moving files to where new ones are written, while the site runs.

Each file is written there before it is removed where it was, so that it is always found. What is interrupted goes on
where it was, and a second run does nothing.
"""

from collections.abc import Iterator

from twite_common.media import storage
from twite_common.media.storage import Storage
from twite_common.media.storage.names import FOLDERS, NAME, UPLOAD
from twite_common.media.storage.places import Place, Stored
from twite_common.settings import Settings


def waiting(settings: Settings) -> tuple[int, int]:
    """Return how many files are elsewhere than new ones are written, and how many bytes they have."""
    number, size = 0, 0
    for _storage, _place, stored in _elsewhere(settings):
        number, size = number + 1, size + stored.size
    return number, size


def move(settings: Settings) -> Iterator[int]:
    """Move every file, and give its bytes when that is done.

    Raises Unavailable when a place can't be reached, or is full.
    """
    for files, place, stored in _elsewhere(settings):
        if files.home.find(stored.name) is None:
            try:
                with place.open(stored.name) as content:
                    files.home.write(stored.name, content)
            except FileNotFoundError:
                # Somebody has removed it meanwhile.
                continue
        place.remove(stored.name)
        yield stored.size


def _elsewhere(settings: Settings) -> Iterator[tuple[Storage, Place, Stored]]:
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
