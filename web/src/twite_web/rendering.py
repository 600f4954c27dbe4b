"""Texts rendered to HTML, cached by the version of their source, so never stale."""

from collections.abc import Iterable, Mapping

import msgspec

from twite_common import post_details, text
from twite_common.post_details import Details, Emoji, Mentioned
from twite_common.queries.posts.posts import Post
from twite_web.addresses import Addresses
from twite_web.memory_cache import NewestVersions


class Rendered(msgspec.Struct, frozen=True, gc=False):
    """A post's text as HTML, its hashtags as written, and what is shown with it."""

    html: str
    tags: tuple[str, ...]
    details: Details


class Texts:
    """Renders the texts of one site."""

    def __init__(self, domain: str, addresses: Addresses, posts: "NewestVersions[tuple[int, int], Rendered]") -> None:
        self._domain = domain
        self._addresses = addresses
        self._posts = posts

    def of_post(self, post: Post) -> Rendered:
        """Return a post's rendered text and details."""
        key = (post.id, post.version)
        return self._posts.get(key) or self._posts.put(key, self._render(post))

    def html(self, source: str, mentions: Mapping[str, str] | None = None, *, me: bool = False) -> str:
        """Return a text as HTML; `mentions` maps lower-case names to the addresses of their pages."""
        return text.to_html(source, mentions=mentions or {}, tag_url=self._addresses.tag, domain=self._domain, me=me)

    def _render(self, post: Post) -> Rendered:
        details = post_details.decode(post.details)
        return Rendered(self.html(post.text, self.pages(details.mentions)), text.hashtags(post.text), details)

    def with_emojis(self, html: str, emojis: Iterable[Emoji]) -> str:
        """Return HTML in which the site's own emojis are pictures, as its own pages show them."""
        return text.with_emojis(html, {emoji.shortcode: self._addresses.media_path(emoji.picture) for emoji in emojis})

    def pages(self, mentions: Iterable[Mentioned]) -> dict[str, str]:
        """Return the addresses of the pages of those named in a text, by their lower-case names."""
        return {mention.username.lower(): self._addresses.profile(mention.username) for mention in mentions}
