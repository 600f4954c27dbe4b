"""The URLs of everything that has one. None is stored: each follows from the site's own."""

import re
from urllib.parse import quote, urlencode

from twite_common import ids

_POST_PATH = re.compile(r"/@[A-Za-z0-9_]+/(\d{1,19})/?")


class Addresses:
    """Makes addresses under one base address such as https://example.org."""

    def __init__(self, base_url: str, media_base_url: str = "") -> None:
        self.base = base_url.rstrip("/")
        self._media_base = media_base_url.rstrip("/") or "/media"

    @property
    def issuer(self) -> str:
        """What the authorization server is known by (RFC 8414): with a slash, as Mastodon's clients expect."""
        return f"{self.base}/"

    def profile(self, username: str) -> str:
        """Return the address of an account's page."""
        return f"{self.base}/@{username}"

    def post(self, username: str, post_id: int) -> str:
        """Return the address of a post's page."""
        return f"{self.base}/@{username}/{post_id}"

    def share_card(self, username: str, post_id: int, version: str) -> str:
        """Return the address of the picture that other sites show with a link to a post."""
        return f"{self.post(username, post_id)}/card.png?v={version}"

    def embedded(self, username: str, post_id: int) -> str:
        """Return the address of the page that other sites show a post with."""
        return f"{self.post(username, post_id)}/embed"

    def oembed(self, username: str, post_id: int) -> str:
        """Return the address that tells other sites how to show a post (oEmbed 1.0)."""
        return f"{self.base}/api/oembed?{urlencode({'url': self.post(username, post_id)})}"

    def post_id(self, address: str) -> int | None:
        """Return the id of the post whose page's address this is, if it is one."""
        match = _POST_PATH.fullmatch(address.removeprefix(self.base)) if address.startswith(self.base) else None
        return ids.parse(match[1]) if match else None

    def tag(self, key: str) -> str:
        """Return the address of a hashtag's page, given the hashtag's key."""
        return f"{self.base}/tags/{quote(key)}"

    def media(self, name: str) -> str:
        """Return the address of a media file."""
        return self.absolute(self.media_path(name))

    def media_path(self, name: str) -> str:
        """Return what the site's own pages call a media file: its path or, with a CDN, its address."""
        return f"{self._media_base}/{name}"

    def media_name(self, path: str) -> str | None:
        """Return the name of the media file that pages call so; None for anything else."""
        prefix = f"{self._media_base}/"
        return path.removeprefix(prefix) if path.startswith(prefix) else None

    def absolute(self, path: str) -> str:
        """Return the address of what the site's own pages call so."""
        return f"{self.base}{path}" if path.startswith("/") else path

    def picture(self, name: str | None, default: str) -> str:
        """Return the address of an uploaded picture, or of the one shown where there is none."""
        return self.media(name) if name else f"{self.base}/static/{default}"

    def avatar(self, name: str | None) -> str:
        """Return the address of an account's picture."""
        return self.picture(name, "avatar.png")

    def header(self, name: str | None) -> str:
        """Return the address of the wide picture on top of an account's page."""
        return self.picture(name, "header.png")
