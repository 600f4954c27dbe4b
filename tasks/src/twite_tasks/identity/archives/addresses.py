"""The addresses of what an archive names, on the site and in the archive itself."""

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from twite_common import post_details, text
from twite_common.queries.posts.posts import Post
from twite_common.settings import Settings

MEDIA = "media_attachments/files"
"""The folder of media files in an archive, as Mastodon calls it."""


class Addresses(msgspec.Struct, frozen=True):
    """The site's base address and domain."""

    base: str
    domain: str

    def profile(self, username: str) -> str:
        """Return the address of an account's page."""
        return f"{self.base}/@{username}"

    def post(self, username: str, post_id: int) -> str:
        """Return the address of a post's page."""
        return f"{self.base}/@{username}/{post_id}"

    def tag(self, key: str) -> str:
        """Return the address of a hashtag's page."""
        return f"{self.base}/tags/{quote(key)}"

    def name(self, username: str) -> str:
        """Return an account's name as other sites know it."""
        return f"{username}@{self.domain}"

    def of(self, post: Post | None, names: Mapping[int, str]) -> str | None:
        """Return the address of a post by somebody among `names`; None if it isn't there."""
        return self.post(names[post.account_id], post.id) if post is not None and post.account_id in names else None

    def html(self, source: str, details: post_details.Details) -> str:
        """Return a post's text as HTML."""
        mentions = {one.username.lower(): self.profile(one.username) for one in details.mentions}
        return text.to_html(source, mentions=mentions, tag_url=self.tag, domain=self.domain)


def of_site(settings: Settings) -> Addresses:
    """Return the addresses of a site."""
    return Addresses(settings.base_url.rstrip("/"), settings.domain)


def media(name: str) -> str:
    """Return where a media file is in an archive."""
    return f"{MEDIA}/{name}"
