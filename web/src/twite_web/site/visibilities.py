"""Who may read a post, and who may reply: a word, a symbol and an explanation for each, the same on all pages."""

from collections.abc import Mapping

import msgspec

from twite_common.translations import gettext as _
from twite_common.translations import marked

WORDS = {
    "public": marked("Public"),
    "unlisted": marked("Quiet public"),
    "followers": marked("Followers"),
    "mentioned": marked("Mentioned people"),
}
ICONS = {"public": "globe", "unlisted": "moon", "followers": "lock", "mentioned": "envelope"}
EXPLANATIONS = {
    "public": marked("Anyone, on this site and elsewhere"),
    "unlisted": marked("Anyone, but not in search and public timelines"),
    "followers": marked("Your followers and the people you mention"),
    "mentioned": marked("Only you and the people you mention"),
}

REPLY_WORDS = {
    "everybody": marked("Everybody"),
    "following": marked("People I follow"),
    "mentioned": marked("Mentioned people"),
    "nobody": marked("Nobody"),
}
REPLY_ICONS = {"everybody": "people", "following": "person", "mentioned": "envelope", "nobody": "block"}
REPLY_EXPLANATIONS = {
    "everybody": marked("Anyone who can read it"),
    "following": marked("People you follow or mention"),
    "mentioned": marked("Only people you mention"),
    "nobody": marked("Only you"),
}


class ChoiceView(msgspec.Struct, frozen=True, gc=False):
    """Something to choose; `value` is what forms send for it."""

    value: str
    icon: str
    word: str
    explanation: str


def readers() -> list[ChoiceView]:
    """Return whom one can let read a post, most people first."""
    return _choices(WORDS, ICONS, EXPLANATIONS)


def repliers() -> list[ChoiceView]:
    """Return whom one can let reply to a post, most people first."""
    return _choices(REPLY_WORDS, REPLY_ICONS, REPLY_EXPLANATIONS)


def _choices(words: Mapping[str, str], icons: Mapping[str, str], explanations: Mapping[str, str]) -> list[ChoiceView]:
    return [ChoiceView(value, icons[value], _(word), _(explanations[value])) for value, word in words.items()]
