"""What filling a site has made so far."""

import msgspec

from twite.demo.drawing import StoredPicture
from twite_common.settings import Settings


class Cast(msgspec.Struct):
    """What the demonstration has made so far: ids of accounts and posts by name, and files that are stored."""

    settings: Settings
    accounts: dict[str, int] = {}
    posts: dict[str, int] = {}
    profiles: dict[str, tuple[str, str]] = {}
    pictures: dict[str, list[StoredPicture]] = {}
    emojis: dict[str, tuple[str, str]] = {}
    place: str = ""
    recordings: dict[str, int] = {}
