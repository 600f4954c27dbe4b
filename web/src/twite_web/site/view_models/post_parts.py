"""What posts are shown with: attachments, polls, link previews."""

import msgspec
from markupsafe import Markup

from twite_common import post_details, text
from twite_common.post_details import Attachment, Card
from twite_common.queries.posts.posts import Poll, Post
from twite_common.translations import ngettext
from twite_web.addresses import Addresses
from twite_web.rendering import Rendered
from twite_web.site.access import Visit
from twite_web.site.view_models import times
from twite_web.site.view_models.accounts import ABOUT_CHARACTERS, line_html

SHOWN_WIDTH, SHOWN_HEIGHT = 640, 512
"""The room for something that is shown alone, in pixels."""
LARGER = 4 / 3
"""How much larger than it is a picture is shown at most."""
NARROWEST = 256
"""The width of what would become narrower in that room; it is cropped instead."""


class MediaView(msgspec.Struct, frozen=True, gc=False):
    """An attachment as a page shows it. `file` is empty while it is being prepared.

    Width and height, in pixels, are those at which it is shown alone, so that browsers leave room for it; 0 where they
    aren't known. `duration` is how long it plays, as in 1:05.
    """

    kind: str
    file: str
    preview: str
    description: str
    width: int = 0
    height: int = 0
    duration: str = ""


class _Size(msgspec.Struct, frozen=True, gc=False):
    width: int = 0
    height: int = 0


class _Original(msgspec.Struct, frozen=True, gc=False):
    duration: float = 0


class _Meta(msgspec.Struct, frozen=True, gc=False):
    small: _Size = _Size()
    original: _Original = _Original()


_meta = msgspec.json.Decoder(_Meta)


class CardView(msgspec.Struct, frozen=True, gc=False):
    """What a linked page says of itself; `source` is whose it is: the publisher, the author."""

    url: str
    title: str
    description: str
    source: str
    picture: str


class OptionView(msgspec.Struct, frozen=True, gc=False):
    """What can be chosen in a poll; `votes` is None while they are hidden."""

    place: int
    title: Markup
    votes: int | None
    percent: int
    chosen: bool


class PollView(msgspec.Struct, frozen=True, gc=False):
    """A poll as a page shows it: to be voted in, or with its votes. `state` says in words how it stands."""

    options: list[OptionView]
    multiple: bool
    open: bool
    state: str


def poll(visit: Visit, post: Post) -> PollView | None:
    """Return a post's poll; None where it has none."""
    poll = post.poll_for(visit.viewer_id, now=visit.now)
    if poll is None:
        return None
    emojis = post_details.decode(post.details).emojis
    voters = poll.voters_count
    return PollView(
        options=[
            OptionView(
                place=place,
                title=line_html(visit, title, emojis),
                votes=None if poll.hides_votes else votes,
                percent=round(100 * votes / max(voters, 1)),
                chosen=place in poll.choices,
            )
            for place, (title, votes) in enumerate(poll.options)
        ],
        multiple=poll.multiple,
        open=poll.open,
        state=_state(poll),
    )


def _state(poll: Poll) -> str:
    """Return in words how many people have voted in a poll, and when it ends or ended."""
    voters = poll.voters_count
    if poll.expires_at is None:
        return ngettext("%(count)s person has voted", "%(count)s people have voted", voters)
    end = times.date(poll.expires_at)
    if poll.ended:
        return ngettext(
            "%(count)s person has voted, ended %(time)s",
            "%(count)s people have voted, ended %(time)s",
            voters,
            time=end,
        )
    return ngettext(
        "%(count)s person has voted, ends %(end)s", "%(count)s people have voted, ends %(end)s", voters, end=end
    )


def media(addresses: Addresses, rendered: Rendered) -> list[MediaView]:
    """Return what is attached to a post."""
    return [_attachment(addresses, attachment) for attachment in rendered.details.media]


def _attachment(addresses: Addresses, attachment: Attachment) -> MediaView:
    preview = attachment.preview or (attachment.file if attachment.kind == "image" else "")
    meta = _meta.decode(attachment.meta)
    size = _shown(meta.small, grows=attachment.kind != "image")
    return MediaView(
        kind=attachment.kind,
        file=addresses.media_path(attachment.file) if attachment.file else "",
        preview=addresses.media_path(preview) if preview else "",
        description=attachment.description,
        width=size.width,
        height=size.height,
        duration=_duration(meta.original.duration),
    )


def _shown(size: _Size, *, grows: bool) -> _Size:
    """Return the size at which a picture or a video fits into the room for it; videos also become larger."""
    if not size.width or not size.height:
        return size
    scale = min(SHOWN_WIDTH / size.width, SHOWN_HEIGHT / size.height)
    if not grows:
        scale = min(LARGER, scale)
    return _Size(max(round(scale * size.width), min(NARROWEST, size.width)), max(1, round(scale * size.height)))


def _duration(seconds: float) -> str:
    """Return a length of time as players write it; nothing where there is none."""
    if not seconds:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def card(addresses: Addresses, card: Card) -> CardView:
    """Return what a linked page says of itself."""
    about = text.plain_excerpt(card.description, ABOUT_CHARACTERS)
    source = " · ".join(filter(None, (card.provider_name, card.author_name)))
    picture = addresses.media_path(card.picture) if card.picture else ""
    return CardView(card.url, card.title, about, source, picture)
