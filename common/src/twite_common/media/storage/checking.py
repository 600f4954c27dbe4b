"""Checking that files can be stored, that browsers get those that they should, and strangers none of the others."""

import io
import secrets
import urllib.error
import urllib.request

from twite_common.errors import TwiteError
from twite_common.media import storage
from twite_common.media.storage import Place, Storage, Unreachable
from twite_common.media.storage.names import FOLDERS, NAME
from twite_common.settings import Settings

PROBE = b"Twite looks whether it can write here."
TIMEOUT_SECONDS = 5


def check(settings: Settings) -> str:
    """Return what is fine about the places of files, in sentences. Raises TwiteError for what isn't."""
    media, uploads = storage.media(settings), storage.uploads(settings)
    said = [f"new files go to {media.home}."]
    if settings.media_storage:
        _check_bucket(uploads.home)
        _check_bucket(storage.archives(settings).home)
        said = [f"new files go to {media.home}; it can be written and read, and strangers don't see uploads."]
    for place in media.places[1:]:
        if not _reached(place):
            said.append(f"There are files left in {place}: `twite media move` moves them.")
    if settings.media_base_url:
        said.append(_check_base_url(settings, media))
    return "\n       ".join(said)


def _reached(place: Place) -> bool:
    """Say whether a place is empty. Raises TwiteError when it can't be reached."""
    try:
        return place.is_empty()
    except Unreachable as error:
        raise TwiteError(f"{place} can't be used: {error.reason}.") from None


def _check_bucket(uploads: Place) -> None:
    name = secrets.token_hex(16)
    try:
        uploads.write(name, io.BytesIO(PROBE))
        try:
            with uploads.open(name) as file:
                whole = file.read() == PROBE
            address = uploads.address(name)
            seen = address is not None and _status(address) == 200
        finally:
            uploads.remove(name)
    except Unreachable as error:
        raise TwiteError(f"{uploads} can't be used: {error.reason}.") from None
    if not whole:
        raise TwiteError(f"{uploads} doesn't give back what was written.")
    if seen:
        raise TwiteError(
            f"anybody can read uploads in {uploads}, or archives. The first still hold what cameras wrote into them, "
            "such as places, and the others all that is somebody's own. "
            "Let strangers read the files under media/ at most."
        )


def _check_base_url(settings: Settings, media: Storage) -> str:
    names = (stored.name for folder in FOLDERS for stored in media.listed(folder) if NAME.fullmatch(stored.name))
    name = next(names, None)
    if name is None:
        return "There is no media file yet with which media_base_url could be checked."
    status = _status(f"{settings.media_base_url}/{name}")
    if status != 200:
        answer = f"answers {status}" if status else "doesn't answer"
        raise TwiteError(f"media_base_url: {settings.media_base_url}/{name} {answer}.")
    return "Browsers get them from media_base_url."


def _status(address: str) -> int:
    """Return the status of the answer that a stranger gets; 0 for none."""
    # The address is made of settings.
    request = urllib.request.Request(address, method="GET", headers={"User-Agent": "Twite"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return int(error.code)
    except OSError:
        return 0
