"""Matching posts with a user's filters. Nothing is hidden here: clients are told what matches, and act on it."""

from collections.abc import Collection, Iterable
from functools import cache, cached_property

import msgspec
import regex

_WITHOUT_SPACES = r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Line_Break=Complex_Context}]"
"""Scripts that write one word right after the other; the last are those of South-East Asia."""

_EDGE = regex.compile(r"\b", regex.WORD)
"""Ends of words are those of UAX #29, which leaves "j'ai" whole."""
_NO_TAG_AFTER = regex.compile(r"[\w/)&]")
_DOTTED = str.maketrans("\u0130\u0131", "ii")
"""Turkish's letters, which are the i to whoever types another language."""

MAX_KEYWORDS, MAX_CHARACTERS = 1000, 20_000
"""Words that all filters of an account have, and their characters: each post it reads is searched for every one."""
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
    """One account's filters, made ready to be matched with many posts; no more words than an account may have."""

    def __init__(self, filters: Iterable[Filter]) -> None:
        remaining = MAX_KEYWORDS
        self._filters: list[tuple[Filter, tuple[_Word, ...], set[int]]] = []
        for filter in filters:
            words = tuple(dict.fromkeys(_word(keyword) for keyword in filter.keywords[:remaining]))
            remaining -= len(words)
            self._filters.append((filter, words, {post.post_id for post in filter.posts}))

    def hides(self, context: str, *, now: int) -> bool:
        """Say whether any filter hides posts in one of the `CONTEXTS`."""
        return any(
            filter.action == "hide"
            and context in filter.contexts
            and (filter.expires_at is None or filter.expires_at > now)
            for filter, _words, _post_ids in self._filters
        )

    def matches(self, texts: Iterable[str], post_ids: Collection[int], *, now: int) -> list[Match]:
        """Return the filters that a post matches which says `texts` and is, boosts or quotes, `post_ids`."""
        if not self._filters:
            return []
        text = _Text("\n".join(texts))
        matches: list[Match] = []
        for filter, words, filter_post_ids in self._filters:
            if filter.expires_at is not None and filter.expires_at <= now:
                continue
            ids = tuple(id for id in post_ids if id in filter_post_ids)
            match = Match(filter, _keywords(text, words), ids)
            if match.keywords or match.post_ids:
                matches.append(match)
        return matches


def _keywords(text: "_Text", words: Iterable["_Word"]) -> tuple[str, ...]:
    """Return the words that a text has, each as it is first written there."""
    return tuple(dict.fromkeys(keyword for keyword in map(text.find, words) if keyword is not None))


class _Word(msgspec.Struct, frozen=True, gc=False):
    """What finds a keyword: its letters, folded, and what must be where it begins and ends."""

    folded: str
    is_tag: bool
    begins_word: bool
    ends_word: bool


class _Text:
    """A text in which many words are looked for. Where words begin and end is found out once, and only if need be."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._folded = _fold(text)

    @cached_property
    def _edges(self) -> set[int]:
        return {match.start() for match in _EDGE.finditer(self._text)}

    def find(self, word: _Word) -> str | None:
        """Return a word as it is first written in the text; None where it isn't there."""
        length = len(word.folded)
        at = self._folded.find(word.folded)
        while at != -1:
            if self._is_whole(word, at, at + length):
                return self._text[at : at + length]
            at = self._folded.find(word.folded, at + 1)
        return None

    def _is_whole(self, word: _Word, start: int, end: int) -> bool:
        if word.is_tag and start and _NO_TAG_AFTER.match(self._text[start - 1]):
            return False
        return (not word.begins_word or start in self._edges) and (not word.ends_word or end in self._edges)


def _word(keyword: Keyword) -> _Word:
    """Return what finds a keyword. A hashtag begins where it would in a post, not within an address."""
    is_tag = keyword.keyword.startswith(("#", "＃"))
    return _Word(
        folded=_fold(keyword.keyword),
        is_tag=is_tag,
        begins_word=keyword.whole_word and not is_tag and _has_edge(keyword.keyword[:1]),
        ends_word=keyword.whole_word and _has_edge(keyword.keyword[-1:]),
    )


def _fold(text: str) -> str:
    """Return a text in which the case of letters makes no difference, and each letter stands where it stood."""
    folded = text.translate(_DOTTED).casefold()
    return folded if len(folded) == len(text) else "".join(map(_fold_letter, text.translate(_DOTTED)))


@cache
def _fold_letter(letter: str) -> str:
    return next((folded for folded in (letter.casefold(), letter.lower()) if len(folded) == 1), letter)


def _has_edge(character: str) -> bool:
    """Say whether a keyword that begins or ends with a character must do so where a word does, to be a whole one."""
    return bool(regex.match(r"\w", character)) and not regex.match(_WITHOUT_SPACES, character)
