"""Hashtags on people's profiles, as the API shows them."""

from twite_common import clock, ids
from twite_common.queries.timelines.tags import Featured
from twite_web.api.access import Access
from twite_web.api.schemas.timelines import FeaturedTag


def featured_tag(access: Access, tag: Featured) -> FeaturedTag:
    """Return a hashtag that somebody features."""
    last_at = ids.created_at(tag.last_post_id) if tag.last_post_id else None
    return FeaturedTag(
        id=str(tag.id),
        name=tag.name,
        url=access.core.addresses.tag(tag.name_key),
        statuses_count=str(tag.posts_count),
        last_status_at=clock.as_date(last_at).isoformat() if last_at else None,
    )
