"""Matching posts with somebody's filters. Filters hide nothing here: clients are told what matches, and act on it."""

from collections.abc import Collection, Iterable

import msgspec
import regex

_WITHOUT_SPACES = r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Line_Break=Complex_Context}]"
"""Scripts that write one word right after the other; the last are those of South-East Asia."""

ACTIONS = ("warn", "hide", "blur")
CONTEXTS = ("home", "notifications", "public", "thread", "account")


class Keyword(msgspec.Struct, frozen=True):
    """A word or phrase that a filter looks for."""

    id: int
    keyword: str
    whole_word: bool


class FilteredPost(msgspec.Struct, frozen=True):
    """A post that a filter names."""

    id: int
    post_id: int


class Filter(msgspec.Struct, frozen=True):
    """What somebody would rather not see. `expires_at` is in milliseconds; None: never."""

    id: int
    title: str
    contexts: tuple[str, ...]
    action: str
    expires_at: int | None
    keywords: tuple[Keyword, ...]
    posts: tuple[FilteredPost, ...]


class Match(msgspec.Struct, frozen=True):
    """A filter that a post matches, with the words and posts of it that do."""

    filter: Filter
    keywords: tuple[str, ...]
    post_ids: tuple[int, ...]


class Matcher:
    """One account's filters, made ready to be matched with many posts."""

    def __init__(self, filters: Iterable[Filter]) -> None:
        self._filters = [(one, _pattern(one.keywords), {post.post_id for post in one.posts}) for one in filters]

    def matches(self, texts: Iterable[str], post_ids: Collection[int], *, now: int) -> list[Match]:
        """Return the filters that a post matches which says `texts` and is, boosts or quotes, `post_ids`."""
        if not self._filters:
            return []
        whole = "\n".join(texts)
        found: list[Match] = []
        for one, pattern, named in self._filters:
            if one.expires_at is not None and one.expires_at <= now:
                continue
            words = tuple(dict.fromkeys(match[0] for match in pattern.finditer(whole))) if pattern else ()
            ids = tuple(id for id in post_ids if id in named)
            if words or ids:
                found.append(Match(one, words, ids))
        return found


def _pattern(keywords: Collection[Keyword]) -> regex.Pattern[str] | None:
    if not keywords:
        return None
    # WORD: the ends of words are those of UAX #29, which leaves "j'ai" whole.
    return regex.compile("|".join(_expression(one) for one in keywords), regex.IGNORECASE | regex.WORD)


def _expression(one: Keyword) -> str:
    """Return what finds a keyword. A hashtag begins where it would in a post, not within an address."""
    escaped: str = regex.escape(one.keyword)
    start = r"(?<![\w/)&])" if one.keyword.startswith(("#", "＃")) else ""
    if not one.whole_word:
        return f"{start}{escaped}"
    return f"{start or _edge(one.keyword[:1])}{escaped}{_edge(one.keyword[-1:])}"


def _edge(character: str) -> str:
    """Return what a keyword that begins or ends with a character must stand next to, to be a whole word."""
    if not regex.match(r"\w", character) or regex.match(_WITHOUT_SPACES, character):
        return ""
    return r"\b"
