"""Writing files whole or not at all, and how full the disk is."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from twite_common.errors import Unavailable
from twite_common.translations import gettext as _
from twite_common.translations import marked

LITTLE_PERCENT = 10
NONE_PERCENT = 2
"""With less than this, writing is refused soon."""
FULL = marked("The server's disk is full. Nothing was changed.")


class Full(Unavailable):
    """The disk is full; what was to be written can be once there is room."""

    def __init__(self) -> None:
        super().__init__(_(FULL))


@contextmanager
def writing(*files: Path) -> Iterator[None]:
    """Have files written inside; where that fails nothing of them stays.

    Raises Full when the disk is full, Unavailable when the files can't be written for another reason of its own.
    """
    try:
        yield
    except OSError as error:
        for file in files:
            with suppress(OSError):
                file.unlink()
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise Full from error
        raise Unavailable(
            _("The server can't store files at the moment: %(strerror)s. Nothing was changed.", strerror=error.strerror)
        ) from error


def free_percent(folder: Path) -> int:
    """Return how much of the disk that a folder is on is free, in percent."""
    usage = shutil.disk_usage(folder)
    return int(100 * usage.free / usage.total)
