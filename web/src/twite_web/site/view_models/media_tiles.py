"""What an account attached to its posts, as a page full of tiles shows it: one for each post."""

from collections.abc import Sequence

import msgspec

from twite_common.queries.posts.posts import Post
from twite_common.queries.timelines.timelines import Entry
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web import post_loader
from twite_web.site.access import Visit
from twite_web.site.view_models import post_parts
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models.post_parts import MediaView
from twite_web.site.view_models.posts import PostView

LABEL_CHARACTERS = 120
KINDS = {"image": marked("Picture"), "gifv": marked("Video"), "video": marked("Video"), "audio": marked("Audio")}


class TileView(msgspec.Struct, frozen=True, gc=False):
    """A post by the first thing attached to it.

    `preview` is empty where nothing is to be seen, and `icon` stands there. `label` says what it is; `mark` how long it
    plays, or how many more there are.
    """

    post_id: int
    path: str
    preview: str
    icon: str
    label: str
    mark: str


def tiles(visit: Visit, entries: Sequence[Entry]) -> list[TileView]:
    """Return the tiles of posts, in order; what the visitor's filters hide is left out."""
    posts_by_id = post_loader.of_entries(visit, entries)
    views = post_view_models.loaded(visit, [entry.post_id for entry in entries], posts_by_id, context="account")
    return [_tile(visit, view, posts_by_id[view.id]) for view in views]


def _tile(visit: Visit, view: PostView, post: Post) -> TileView:
    media = post_parts.media(visit.core.addresses, visit.core.texts.of_post(post))
    first = media[0]
    hidden = view.sensitive or view.filtered or view.spoiler_text
    label = _("Sensitive media") if hidden else first.description or post_view_models.excerpt(view, LABEL_CHARACTERS)
    return TileView(
        post_id=view.id,
        path=view.path,
        preview="" if hidden else first.preview,
        icon="warning" if hidden else "sound" if first.kind == "audio" else "picture",
        label=label or _(KINDS[first.kind]),
        mark="" if hidden else _mark(media),
    )


def _mark(media: list[MediaView]) -> str:
    first = media[0]
    if first.kind == "gifv":
        return "GIF"
    return first.duration or (f"+{len(media) - 1}" if len(media) > 1 else "")
