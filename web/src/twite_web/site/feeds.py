"""Atom feeds (RFC 4287)."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response

from twite_web.core import core
from twite_web.site import pages, views
from twite_web.site.views import PostView

TITLE_CHARACTERS = 80
MEDIA_TYPE = "application/atom+xml"


def atom(request: Request[Any, Any, Any], *, title: str, path: str, posts: Sequence[PostView]) -> Response[bytes]:
    """Return posts as a feed; `path` is the page that it is the feed of."""
    base = core(request).addresses.base
    changed = [post.edited_at or post.created_at for post in posts]
    entries = [
        {
            "post": post,
            "address": f"{base}{post.path}",
            "published": views.iso(post.created_at),
            "updated": views.iso(at),
            "title": views.excerpt(post, TITLE_CHARACTERS),
        }
        for post, at in zip(posts, changed, strict=True)
    ]
    document = pages.template("feed.xml").render(
        base=base,
        title=title,
        address=f"{base}{path}",
        feed_address=f"{base}{path}/feed.atom",
        updated=views.iso(max(changed, default=0)),
        entries=entries,
    )
    return Response(
        document.encode(), media_type=MEDIA_TYPE, headers={"Cache-Control": "public, max-age=60", "Vary": "Cookie"}
    )
