"""What changed between two versions of a text, word by word, so that an edit can be shown."""

import re
from difflib import SequenceMatcher
from typing import Literal

import msgspec

Kind = Literal["same", "removed", "added"]

MAX_TOKENS = 2_000
"""Words and spaces that are compared one by one: of longer texts the changed part in the middle is shown as a whole."""
MAX_PAIRS = 4_000
"""Pairs of a place in one version and a place in the other with the same word: where there are more, as of a word that
is written again and again, comparing takes long, and the changed part is shown as a whole, too."""
# Scripts that put no spaces between words are compared by the character.
_TOKEN = re.compile(r"\s+|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|\w+|[^\w\s]")


class Segment(msgspec.Struct, frozen=True):
    """A piece of text that both versions have, or the earlier or the later one alone."""

    kind: Kind
    text: str


def differences(before: str, after: str) -> list[Segment]:
    """Return the pieces of both versions in order: without `added` ones the earlier, without `removed` the later."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    shared = min(len(old), len(new))
    begin = next((place for place in range(shared) if old[place] != new[place]), shared)
    shared -= begin
    end = next((place for place in range(shared) if old[-1 - place] != new[-1 - place]), shared)
    old_middle, new_middle = old[begin : len(old) - end], new[begin : len(new) - end]
    segments = [("same", old[:begin]), *_middle(old_middle, new_middle), ("same", old[len(old) - end :])]
    return _joined(segments)


def _middle(old: list[str], new: list[str]) -> list[tuple[Kind, list[str]]]:
    if len(old) + len(new) > MAX_TOKENS:
        return [("removed", old), ("added", new)]
    # Spaces are no reason to begin comparing anywhere.
    matcher = SequenceMatcher(str.isspace, old, new)
    places: dict[str, list[int]] = matcher.b2j  # type: ignore[attr-defined]  # documented, and unknown to typeshed
    if sum(len(places.get(token, ())) for token in old) > MAX_PAIRS:
        return [("removed", old), ("added", new)]
    parts: list[tuple[Kind, list[str]]] = []
    for kind, old_begin, old_end, new_begin, new_end in matcher.get_opcodes():
        if kind == "equal":
            parts.append(("same", old[old_begin:old_end]))
        else:
            parts += [("removed", old[old_begin:old_end]), ("added", new[new_begin:new_end])]
    return parts


def _joined(parts: list[tuple[Kind, list[str]]]) -> list[Segment]:
    """Return parts as segments, without empty ones, and neighbours of one kind as one."""
    segments: list[Segment] = []
    for kind, tokens in parts:
        if tokens and segments and segments[-1].kind == kind:
            segments[-1] = Segment(kind, segments[-1].text + "".join(tokens))
        elif tokens:
            segments.append(Segment(kind, "".join(tokens)))
    return segments
