"""Threads as pages show them: who answers whom, long branches folded, and who takes part."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from twite_web.site.view_models.accounts import AccountView
from twite_web.site.view_models.posts import PostView

LEVELS = 3
"""How many answers stand inside each other; what goes deeper is folded. A single one stands below what it answers."""
DEPTH = 6
"""How many answers to each other are shown."""
ANSWERS_SHOWN = 3
"""Answers to an answer that are shown; further ones are folded."""
PARTICIPANTS = 10


class Branch(msgspec.Struct, frozen=True):
    """An answer, those to it, and after them what is folded, one below the other."""

    post: PostView
    answers: "list[Branch]"
    folded: list[PostView]

    @property
    def straight(self) -> bool:
        """Whether a single answer goes on from it."""
        return len(self.answers) == 1 and not self.folded


class ThreadView(msgspec.Struct, frozen=True):
    """A post among what stands around it.

    `above` is what it answers, the first one first; `continued` is how its author went on, to be read as one text;
    `joined` has the ids of those posts that go on from the one above them by the same author.
    """

    above: list[PostView]
    post: PostView
    continued: list[PostView]
    answers: list[Branch]
    joined: frozenset[int]
    people: list[AccountView]


def thread(above: Sequence[PostView], post: PostView, below: Sequence[PostView]) -> ThreadView:
    """Return a post's thread; `below` has the answers in their order, each after what it answers."""
    answers = _by_parent(post, below)
    continued = _continued(post, answers)
    line = [*above, post, *continued]
    continued_ids = {one.id for one in continued}
    roots = [
        answer for one in [post, *continued] for answer in answers.get(one.id, []) if answer.id not in continued_ids
    ]
    return ThreadView(
        above=list(above),
        post=post,
        continued=continued,
        answers=[_branch(answer, answers, level=1, depth=1) for answer in sorted(roots, key=lambda answer: answer.id)],
        joined=frozenset(after.id for before, after in pairwise(line) if _goes_on(before, after)),
        people=_people([*line, *below]),
    )


def _by_parent(post: PostView, below: Sequence[PostView]) -> dict[int, list[PostView]]:
    """Return answers by what they answer; those to a post that isn't shown stand with the first ones."""
    shown_ids = {post.id, *(answer.id for answer in below)}
    answers: dict[int, list[PostView]] = {}
    for answer in below:
        parent_id = answer.in_reply_to_id if answer.in_reply_to_id in shown_ids else post.id
        answers.setdefault(parent_id or post.id, []).append(answer)
    return answers


def _goes_on(before: PostView, after: PostView) -> bool:
    return after.in_reply_to_id == before.id and after.author.id == before.author.id


def _continued(post: PostView, answers: dict[int, list[PostView]]) -> list[PostView]:
    """Return how a post's author went on: the first answer of their own, the first to that, and so on."""
    continued: list[PostView] = []
    last: PostView | None = post
    while last is not None:
        before = last
        last = next((answer for answer in answers.get(before.id, []) if _goes_on(before, answer)), None)
        continued += [last] if last is not None else []
    return continued


def _branch(post: PostView, answers: dict[int, list[PostView]], *, level: int, depth: int) -> Branch:
    own = answers.get(post.id, [])
    below = level + (len(own) > 1)
    if below > LEVELS or depth >= DEPTH:
        return Branch(post, [], _flat(own, answers))
    shown, rest = own[:ANSWERS_SHOWN], own[ANSWERS_SHOWN:]
    branches = [_branch(answer, answers, level=below, depth=depth + 1) for answer in shown]
    return Branch(post, branches, _flat(rest, answers))


def _flat(posts: Iterable[PostView], answers: dict[int, list[PostView]]) -> list[PostView]:
    """Return posts, each followed by what answers it."""
    flat: list[PostView] = []
    waiting = list(posts)[::-1]
    while waiting:
        post = waiting.pop()
        flat.append(post)
        waiting += reversed(answers.get(post.id, []))
    return flat


def _people(posts: Iterable[PostView]) -> list[AccountView]:
    """Return who wrote posts, each once, in the order of their first."""
    people = {post.author.id: post.author for post in posts}
    return list(people.values())[:PARTICIPANTS]
