"""The site's custom emojis: /api/v1/custom_emojis"""

from litestar import get

from twite_common.queries.posts import emojis as queries
from twite_web.api.access import anyone, reading
from twite_web.api.schemas.emojis import CustomEmoji
from twite_web.types import Request


@get("/custom_emojis", opt=anyone(), sync_to_thread=True, tags=["instance"])
def custom_emojis(request: Request) -> list[CustomEmoji]:
    """Return the custom emojis, including those not in the picker."""
    with reading(request) as access:
        addresses = access.core.addresses
        return [
            CustomEmoji(
                shortcode=emoji.shortcode,
                url=addresses.media(emoji.picture),
                static_url=addresses.media(emoji.still_picture),
                visible_in_picker=emoji.visible_in_picker,
                category=emoji.category,
            )
            for emoji in queries.enabled(access.db)
        ]
