"""Writing files whole or not at all."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from twite_common.errors import Unavailable

FULL = "The server's disk is full. Nothing was changed."


@contextmanager
def writing(*files: Path) -> Iterator[None]:
    """Have files written inside; where that fails nothing of them stays.

    Raises Unavailable when the disk is full, or the files can't be written for another reason of its own.
    """
    try:
        yield
    except OSError as error:
        for file in files:
            with suppress(OSError):
                file.unlink()
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise Unavailable(FULL) from error
        raise Unavailable(
            f"The server can't store files at the moment: {error.strerror}. Nothing was changed."
        ) from error
