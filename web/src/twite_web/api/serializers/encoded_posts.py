"""The entities of posts as JSON, for the lists that are read most.

Most readers of a post see the same of it, and see it again: what was made for one of them is sent to the next one for
whom all that it was made from is the same. It is given out as the entity that it is the JSON of: it can be put wherever
such a one is, to be sent, but nothing of it can be read.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import cast

import msgspec

from twite_common.queries.posts.posts import Post, Related, state
from twite_common.queries.timelines.timelines import Entry
from twite_web import post_loader
from twite_web.api.access import Access
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import posts as post_serializers
from twite_web.post_filters import NO_FILTERS, matcher

MAX_KEPT_BYTES = 16 * 1024
"""Bytes of a post that is kept: imported ones may be ten times as long as those that are written here."""


def statuses_of(access: Access, entries: Sequence[Entry | Related]) -> list[Status]:
    """Return a timeline's entries, in order; what the viewer may not see is left out."""
    posts = post_loader.of_entries(access, entries)
    statuses = _encoded(access, posts, [entry.post_id for entry in entries])
    return [statuses[entry.post_id] for entry in entries if entry.post_id in statuses]


def statuses(access: Access, post_ids: Collection[int]) -> dict[int, Status]:
    """Return posts by id; what the viewer may not see is left out. For posts that may be boosts too."""
    return _encoded(access, post_loader.by_id(access, post_ids), post_ids)


def _encoded(access: Access, posts: Mapping[int, Post], post_ids: Collection[int]) -> dict[int, Status]:
    """Return those of the posts that are asked for; only what isn't in memory is made."""
    cache, filters = access.core.caches.encoded_posts, matcher(access)
    wanted = [posts[id] for id in post_ids if id in posts]
    keys = {post.id: _key(access, post, posts) for post in wanted} if filters is NO_FILTERS else {}
    encoded = {id: kept for id, key in keys.items() if (kept := cache.get(key)) is not None}
    missing = [post for post in wanted if post.id not in encoded]
    made = post_serializers.loaded(access, _with_related(missing, posts), filters) if missing else {}
    for post in missing:
        if post.id in made:
            json = msgspec.json.encode(made[post.id])
            encoded[post.id] = msgspec.Raw(json)
            if keys.get(post.id) is not None and len(json) <= MAX_KEPT_BYTES:
                cache.put(keys[post.id], encoded[post.id])
    return cast("dict[int, Status]", {id: encoded[id] for id in post_ids if id in encoded})


def _key(access: Access, post: Post, posts: Mapping[int, Post]) -> Hashable:
    """Return all that a post's entity is made from, as one key; None where that is more than the post and its original.

    Polls depend on the time, quotes on another post, and the credits of a link's page on another account.
    """
    original = post if post.boost_of_id is None else posts.get(post.boost_of_id)
    if original is None or original.poll_options is not None or original.quote_of_id is not None:
        return None
    card = access.core.texts.of_post(original).details.card
    if card is not None and card.author_account_id is not None:
        return None
    viewer_id = access.viewer_id
    viewer = viewer_id is not None, viewer_id == original.account_id
    return (state(post), viewer) if original is post else (state(post), state(original), viewer)


def _with_related(missing: Sequence[Post], posts: Mapping[int, Post]) -> dict[int, Post]:
    """Return posts with what they boost and quote, as far as that is among those that the viewer may see."""
    originals = [posts.get(post.boost_of_id or 0, post) for post in missing]
    quoted = [posts[post.quote_of_id] for post in originals if post.quote_of_id and post.quote_of_id in posts]
    return {post.id: post for post in [*missing, *originals, *quoted]}
