"""The file that somebody has sent to be imported."""

from typing import IO

from twite_common.errors import NotFound
from twite_common.media import storage
from twite_common.services.identity.imports import Claimed
from twite_common.translations import gettext as _
from twite_tasks.context import Context


def opened(context: Context, claimed: Claimed) -> IO[bytes]:
    """Open an import's file, at any position. Raises NotFound when it is gone."""
    try:
        return storage.archives(context.settings).open(claimed.found.file or "")
    except FileNotFoundError:
        raise NotFound(_("The file is gone. Please upload it again.")) from None
