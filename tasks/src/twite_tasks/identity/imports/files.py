"""The file that somebody has sent to be imported."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from twite_common import disk
from twite_common.errors import NotFound
from twite_common.media import storage
from twite_common.media.storage.names import ARCHIVE
from twite_common.services.identity.imports import Claimed
from twite_common.translations import gettext as _
from twite_tasks.context import Context

NO_FILE = "none"
"""What no file is called."""


@contextmanager
def workspace(context: Context) -> Iterator[Path]:
    """Give a folder for what is being looked at, or made."""
    with disk.writing():
        context.settings.scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(dir=context.settings.scratch)
    with disk.writing(), folder as path:
        yield Path(path)


def opened(context: Context, claimed: Claimed) -> IO[bytes]:
    """Open an import's file, at any position. Raises NotFound when it is gone."""
    # A database that was restored from somewhere may name any file of this machine.
    name = claimed.found.file if ARCHIVE.fullmatch(claimed.found.file or "") else None
    try:
        return storage.archives(context.settings).open(name or NO_FILE)
    except FileNotFoundError:
        raise NotFound(_("The file is gone. Please upload it again.")) from None
