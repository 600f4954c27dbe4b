"""Visibilities of posts: Twite's words and the client API's."""

from typing import Literal

Visibility = Literal["public", "unlisted", "private", "direct"]

VISIBILITY: dict[str, Visibility] = {
    "public": "public",
    "unlisted": "unlisted",
    "followers": "private",
    "mentioned": "direct",
}
OUR_VISIBILITY = {theirs: ours for ours, theirs in VISIBILITY.items()}
