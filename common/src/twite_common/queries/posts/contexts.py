"""What stands around a post: what it replies to, and the replies to it."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Connection, select

from twite_common.queries.paging import LIMIT
from twite_common.queries.posts.posts import ID, Related
from twite_common.tables import post
from twite_common.visibility import wanted

_boost = post.alias("boost")

CONVERSATION = (
    select(post.c.id, post.c.in_reply_to_id, post.c.quote_of_id, wanted(post.c.account_id))
    .where(post.c.conversation_id == select(_boost.c.conversation_id).where(_boost.c.id == ID).scalar_subquery())
    .where(post.c.boost_of_id.is_(None))
    .order_by(post.c.id)
    .limit(LIMIT)
)
CONVERSATION_LIMIT = 10_000


class Conversation(msgspec.Struct, frozen=True):
    """What a post answers, the first one first; the post itself, if it is there; and its answers, depth first."""

    above: list[Related]
    post: Related | None
    below: list[Related]


def context(
    db: Connection, post_id: int, *, viewer_id: int | None, now: int, above: int, below: int, depth: int
) -> Conversation:
    """Return the posts around a post.

    At most `above` and `below` of them; answers no deeper than `depth`. Posts of accounts that the viewer muted or
    blocked are left out, what answers them stays. Whether each may be seen is asked by `load`.
    """
    parameters = {"id": post_id, "viewer_id": viewer_id, "now": now, "limit": CONVERSATION_LIMIT}
    rows = db.execute(CONVERSATION, parameters).all()
    parents = {row[0]: row[1] for row in rows}
    related = {row[0]: Related(row[0], None, row[2]) for row in rows}
    visible_posts = {row[0]: related[row[0]] for row in rows if row[3]}
    ancestors = [visible_posts[id] for id in _upwards(parents, post_id, above) if id in visible_posts]
    descendants = [visible_posts[id] for id in _downwards(parents, post_id, depth) if id in visible_posts]
    return Conversation(ancestors[::-1], related.get(post_id), descendants[:below])


def _upwards(parents: dict[int, int | None], post_id: int, limit: int) -> Iterable[int]:
    parent = parents.get(post_id)
    while parent is not None and limit > 0:
        yield parent
        parent = parents.get(parent)
        limit -= 1


def _downwards(parents: dict[int, int | None], post_id: int, depth: int) -> Sequence[int]:
    children: dict[int | None, list[int]] = {}
    for id, parent in parents.items():
        children.setdefault(parent, []).append(id)
    descendant_ids: list[int] = []
    waiting = [(id, 1) for id in reversed(children.get(post_id, []))]
    while waiting:
        id, level = waiting.pop()
        descendant_ids.append(id)
        if level < depth:
            waiting += [(child, level + 1) for child in reversed(children.get(id, []))]
    return descendant_ids
