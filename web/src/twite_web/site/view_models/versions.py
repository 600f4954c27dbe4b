"""The versions of a post as its history shows them."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest

import msgspec
from markupsafe import Markup

from twite_common import ids, post_details
from twite_common.queries.posts.posts import Edit, Post
from twite_common.queries.posts.writers import Writer
from twite_web.site.access import Visit
from twite_web.site.view_models import times
from twite_web.site.view_models.accounts import line_html
from twite_web.site.view_models.text_differences import Segment, differences


class VersionView(msgspec.Struct, frozen=True, gc=False):
    """One version of a post, and how its text and its content warning differ from the version before.

    `writer` is the member who wrote it for the viewer's account, if one did.
    """

    html: Markup
    spoiler_text: Markup
    written_at: str
    written: str
    changes: list[Segment] = []
    spoiler_changes: list[Segment] = []
    writer: str = ""


def versions(visit: Visit, post: Post, edits: Sequence[Edit], writers: Mapping[int, Writer]) -> list[VersionView]:
    """Return a post's versions, the present one first; names are links as they are in the present one.

    `writers` are those who wrote for the account, by when they wrote.
    """
    texts, emojis = visit.core.texts, post_details.decode(post.details).emojis
    pages = texts.pages(post_details.decode(post.details).mentions)
    written_at = post.edited_at or ids.created_at(post.id)
    present = Edit(post.text, post.spoiler_text, post.sensitive, written_at, post.details)
    newest_first = [present, *reversed(edits)]
    return [
        VersionView(
            html=Markup(texts.with_emojis(texts.html(edit.text, pages), emojis)),  # noqa: S704 - made by twite_common.text
            spoiler_text=line_html(visit, edit.spoiler_text, emojis),
            written_at=times.iso(edit.written_at),
            written=times.date(edit.written_at),
            changes=differences(before.text, edit.text) if before else [],
            spoiler_changes=_spoiler_changes(before, edit),
            writer=writers[edit.written_at].username if edit.written_at in writers else "",
        )
        for edit, before in zip_longest(newest_first, newest_first[1:])
    ]


def _spoiler_changes(before: Edit | None, edit: Edit) -> list[Segment]:
    if before is None or before.spoiler_text == edit.spoiler_text:
        return []
    return differences(before.spoiler_text, edit.spoiler_text)
