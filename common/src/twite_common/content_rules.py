"""What the site's rules for content look for in a post, matched in time that only grows with the post's length."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from urllib.parse import unquote

import msgspec
import re2
import regex

from twite_common import domains, text
from twite_common.errors import Invalid
from twite_common.filtering import Filter, Keyword, Matcher
from twite_common.translations import gettext as _

ACTIONS = ("hold", "limit", "refuse", "report")
"""Hold it until staff have looked, keep it from public lists, refuse it, or publish and report it."""
MAX_PATTERN_BYTES = 1024 * 1024
"""Memory that a pattern may take; one that needs more is refused (a counted repetition of a repetition)."""
COMPILED = 200
"""Rules that a process keeps ready."""
_AFTER_HOST = regex.compile(r"[/\\?#]")
_INVISIBLE = regex.compile(r"\p{Default_Ignorable_Code_Point}++")


class Conditions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a rule looks for: any of the first five, in a post for which all of the others hold.

    `max_age_days` means accounts younger than that; `max_posts` that the author has published more than so many within
    `minutes`; `names_strangers` that the post names somebody who doesn't follow the author.
    """

    words: tuple[str, ...] = ()
    pattern: str = ""
    any_link: bool = False
    domains: tuple[str, ...] = ()
    list_ids: tuple[int, ...] = ()
    max_age_days: int | None = None
    max_posts: int | None = None
    minutes: int | None = None
    names_strangers: bool = False

    @property
    def looks_inside(self) -> bool:
        """Whether the text decides, and not only who writes how much to whom."""
        return bool(self.words or self.pattern or self.any_link or self.domains or self.list_ids)

    @property
    def any(self) -> bool:
        """Whether there is any condition at all."""
        return self.looks_inside or self.names_strangers or bool(self.max_age_days or self.max_posts)


class Says(msgspec.Struct, frozen=True):
    """What is looked at of a post: its texts, and the domains that it links to, each with all above it."""

    texts: tuple[str, ...]
    linked_domains: frozenset[str]


def says(texts: Sequence[str]) -> Says:
    """Return what is looked at of a post that says these texts."""
    links = [url for one in texts for url in text.urls(one)]
    # Invisible characters within words hide them from nobody who reads.
    readable = [shown for one in texts if (shown := _INVISIBLE.sub("", one)) != one]
    return Says((*texts, *readable), frozenset(name for url in links for name in _domains_above(url)))


def finds(conditions: Conditions, post: Says, listed: Collection[tuple[int, str]]) -> str:
    """Return what a rule finds in a post's texts, for staff; empty where it finds nothing.

    `listed` are the lists that have one of the linked domains, and which. A rule that doesn't look inside finds all.
    """
    if not conditions.looks_inside:
        return "*"
    matching = _compiled(conditions.words, conditions.pattern)
    return (
        matching.finds(post.texts)
        or next((name for name in conditions.domains if name in post.linked_domains), "")
        or next((domain for list_id, domain in listed if list_id in conditions.list_ids), "")
        or (min(post.linked_domains, key=len, default="") if conditions.any_link else "")
    )


def check_pattern(pattern: str) -> None:
    """Raise Invalid for a pattern that can't be read, takes too much memory, or is found in every text."""
    try:
        compiled = re2.compile(pattern, _options())
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if error.args else ""
        sentence = _("This pattern can't be read: %(reason)s", reason=reason)
        raise Invalid(sentence, {"pattern": [("ERR_INVALID", sentence)]}) from error
    if compiled.search("") is not None:
        sentence = _("This pattern is found in every post.")
        raise Invalid(sentence, {"pattern": [("ERR_INVALID", sentence)]})


class _Matching:
    """A rule's words and pattern, made ready."""

    def __init__(self, words: tuple[str, ...], pattern: str) -> None:
        keywords = tuple(Keyword(number, word, whole_word=True) for number, word in enumerate(words))
        self._words = Matcher([Filter(0, "", (), "warn", None, keywords, ())] if keywords else [])
        self._pattern = re2.compile(pattern, _options()) if pattern else None

    def finds(self, texts: Sequence[str]) -> str:
        for match in self._words.matches(texts, (), now=0):
            return ", ".join(match.keywords)
        if self._pattern is None:
            return ""
        found = (self._pattern.search(one) for one in texts)
        return next((match.group() for match in found if match is not None), "")


@lru_cache(COMPILED)
def _compiled(words: tuple[str, ...], pattern: str) -> _Matching:
    return _Matching(words, pattern)


def _options() -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = MAX_PATTERN_BYTES
    return options


def _domains_above(url: str) -> list[str]:
    """Return the domain that an address leads to, and all above it but the last.

    Of a name that nobody could register, such as one with an underscore, those above it that somebody could.
    """
    name = text.storable(_host(url))
    labels = name.removeprefix("www.").rstrip(".").split(".")
    for start in range(len(labels)):
        try:
            parts = domains.to_ascii(".".join(labels[start:])).split(".")
        except ValueError:
            continue
        if start == 0 or len(parts) > 1:
            return [".".join(parts[at:]) for at in range(max(len(parts) - 1, 1))]
    return [name] if name else []


def _host(url: str) -> str:
    """Return the host of an address as browsers read it (https://url.spec.whatwg.org/#host-parsing).

    A backslash ends it as a slash does, and what is written in percent is decoded.
    """
    _scheme, _, rest = url.partition("://")
    place = unquote(_AFTER_HOST.split(rest, maxsplit=1)[0].rpartition("@")[2])
    return place.partition("]")[0] + "]" if place.startswith("[") else place.partition(":")[0]
