"""The API's entity of an emoji."""

from twite_web.api.schemas import Entity


class CustomEmoji(Entity, frozen=True, kw_only=True, gc=False):
    """A picture that stands for a shortcode."""

    shortcode: str
    url: str
    static_url: str
    visible_in_picker: bool
    category: str | None = None
