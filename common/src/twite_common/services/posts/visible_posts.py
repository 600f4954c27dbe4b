"""Posts that somebody wants to do something with, and may see."""

from sqlalchemy import Connection

from twite_common.errors import NotFound
from twite_common.queries.posts import posts
from twite_common.queries.posts.posts import Post


def original(db: Connection, post_id: int, *, viewer_id: int) -> Post:
    """Return a post, or for a boost what it boosts.

    Raises NotFound when the viewer can't see it.
    """
    post = posts.original(db, post_id, viewer_id=viewer_id)
    if post is None:
        raise NotFound("There is no such post.")
    return post
