"""Who may see which post: the rule that every way to show posts is compared with.

A viewer's name says how they stand to each author. What a viewer or an author isn't named for, they aren't.
"""

from collections.abc import Iterable

import msgspec

from twite_common.visibility import VISIBILITIES

AUTHORS = ("bob", "limited", "suspended")
ROLES = {"judge": "moderator", "boss": "admin"}
PEOPLE = (
    "stranger",
    "follower",
    "mutual",
    "blocked",
    "blocking",
    "muted",
    "mentioned",
    "wary",
    "former",
    "late",
    "expelled",
    *ROLES,
    "bob",
)
"""Viewers with accounts. `wary` is mentioned too, and keeps aside what strangers tell. `former` and `late` followed,
favourited, bookmarked and boosted; then the one unfollowed and the other was blocked. `expelled` did the same and was
suspended."""
VIEWERS = ("anonymous", "application", *PEOPLE)
SHAPES = {
    "plain": ("text", "tag"),
    "naming": ("text",),
    "poll": ("text", "option"),
    "reply": ("text",),
    "edited": ("text", "before"),
    "pictured": ("text", "alt"),
    "warned": ("text", "warning"),
    "linked": ("text", "card"),
    "deleted": ("text",),
    "scheduled": ("text",),
    "kept": ("text",),
    "over": ("text",),
}
"""What posts are like, and their parts, each of which has a word of its own. Kept ones are drafts; those that are over
have ended by themselves, and no task has deleted them yet."""
UNPUBLISHED = {"scheduled", "kept"}
GONE = {"deleted", "over"}
KINDS = (
    *[
        ("bob", shape, visibility)
        for shape in ("deleted", "scheduled", "kept", "over")
        for visibility in ("public", "mentioned")
    ],
    *[("bob", shape, visibility) for shape in list(SHAPES)[:8] for visibility in VISIBILITIES],
    *[("limited", "plain", visibility) for visibility in VISIBILITIES],
    *[("suspended", shape, visibility) for shape in ("plain", "pictured") for visibility in VISIBILITIES],
)
PASSED_ON = {"plain", "pictured", "warned"}
"""Shapes of posts that the booster boosts and quotes for everybody, if they are for everybody."""
WIDE = {"public", "unlisted"}
FOLLOWING = {"follower", "mutual"}
NAMED = {"mentioned", "wary"}
SHUT_OUT = {"blocked", "late", "expelled"}
HIDING = {"blocking", "muted"}


class Post(msgspec.Struct, frozen=True):
    """A post; the words of its parts are found in no other."""

    id: int
    author: str
    shape: str
    visibility: str
    media_id: int | None = None

    @property
    def word(self) -> str:
        """What all its words begin with."""
        return word(self.author, self.shape, self.visibility)

    @property
    def words(self) -> set[str]:
        """The words of its parts."""
        return {self.word + part for part in SHAPES[self.shape]}


def word(author: str, shape: str, visibility: str) -> str:
    """Return what the words of a post begin with."""
    return f"zq{author}{shape}{visibility}qz"


def may(viewer: str, post: Post) -> bool:
    """Say whether a viewer may see a post."""
    if post.author == "suspended" or post.shape in GONE or viewer in SHUT_OUT:
        return False
    if viewer == post.author or post.shape in UNPUBLISHED:
        return viewer == post.author
    return (
        post.visibility in WIDE
        or (post.visibility == "followers" and viewer in FOLLOWING)
        or (post.shape == "naming" and viewer in NAMED)
    )


def may_judge(viewer: str, post: Post) -> bool:
    """Say whether a viewer may see a post among the reports: the plain ones were reported."""
    return viewer in ROLES and post.shape == "plain"


def is_shown(viewer: str, post: Post) -> bool:
    """Say whether a viewer finds a post that is published wherever it is asked for by its id."""
    return may(viewer, post) and post.shape not in UNPUBLISHED


def is_tagged(viewer: str, post: Post) -> bool:
    """Say whether a post stands in its hashtag's timeline, by itself or within one that quotes it."""
    wanted = post.author == "bob" and post.visibility == "public" and viewer not in HIDING
    quoted = post.shape in PASSED_ON and post.visibility in WIDE
    return is_shown(viewer, post) and (wanted or quoted)


def is_public(viewer: str, post: Post) -> bool:
    """Say whether a post stands in the public timeline, by itself or within one that quotes it."""
    return is_tagged(viewer, post) and post.shape != "reply"


def is_listed(viewer: str, post: Post) -> bool:
    """Say whether a post stands in the timeline of a viewer's list of the authors."""
    followed = is_shown(viewer, post) and viewer in FOLLOWING
    return followed and post.shape != "reply" and post.visibility != "mentioned"


def is_at_home(viewer: str, post: Post) -> bool:
    """Say whether a post stands in a viewer's home timeline, by itself or because they boosted it."""
    own = is_shown(viewer, post) and viewer == post.author
    return own or is_listed(viewer, post) or (is_saved(viewer, post) and post.visibility in WIDE)


def is_saved(viewer: str, post: Post) -> bool:
    """Say whether a post is among a viewer's favourites and bookmarks."""
    return is_shown(viewer, post) and viewer == "former"


def found_in(text: str, posts: Iterable[Post]) -> set[str]:
    """Return the words of posts that occur in a text."""
    return {part for post in posts if post.word in text for part in post.words if part in text}
