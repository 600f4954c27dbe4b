"""What templates show of announcements."""

import msgspec
from markupsafe import Markup

from twite_common.queries.moderation import announcements as queries
from twite_common.queries.posts.emojis import used_in_each
from twite_web.site.access import Visit


class ReactionView(msgspec.Struct, frozen=True):
    """An emoji, or one of the site's own with its picture, and how many reacted with it; `own`: the visitor too."""

    name: str
    picture: str
    count: int
    own: bool


class AnnouncementView(msgspec.Struct, frozen=True):
    """An announcement as the first page shows it."""

    id: int
    html: Markup
    reactions: list[ReactionView]


def shown(visit: Visit) -> list[AnnouncementView]:
    """Return the announcements that the visitor hasn't put away."""
    rows = queries.published(visit.db, viewer_id=visit.viewer_id, now=visit.now)
    texts, emojis_of_rows = visit.core.texts, used_in_each(visit.db, [[row.text] for row in rows])
    pages = texts.pages(queries.mentioned(visit.db, rows, domain=visit.core.settings.domain).values())
    reactions = queries.reactions(visit.db, [row.id for row in rows], viewer_id=visit.viewer_id)
    return [
        AnnouncementView(
            row.id,
            Markup(texts.with_emojis(texts.html(row.text, pages), emojis)),  # noqa: S704 - made by twite_common.text
            [_reaction(visit, reaction) for reaction in reactions.get(row.id, [])],
        )
        for row, emojis in zip(rows, emojis_of_rows, strict=True)
    ]


def _reaction(visit: Visit, reaction: queries.Reaction) -> ReactionView:
    picture = visit.core.addresses.media_path(reaction.picture) if reaction.picture else ""
    return ReactionView(reaction.name, picture, reaction.count, reaction.me)
