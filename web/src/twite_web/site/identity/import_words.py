"""What pages say of imports."""

from twite_common import formats
from twite_common.queries.identity.imports import NEW, POSTS
from twite_common.translations import gettext as _
from twite_common.translations import marked, ngettext

KINDS = {
    "follows": marked("People you follow"),
    "lists": marked("Lists"),
    "bookmarks": marked("Bookmarks"),
    "blocks": marked("Blocked accounts"),
    "mutes": marked("Muted accounts"),
    "domain_blocks": marked("Blocked servers"),
    POSTS: marked("Posts"),
}
CHOICES = {
    "follows": marked("People you follow (CSV)"),
    "lists": marked("Lists (CSV)"),
    "bookmarks": marked("Bookmarks (CSV)"),
    "blocks": marked("Blocked accounts (CSV)"),
    "mutes": marked("Muted accounts (CSV)"),
    "domain_blocks": marked("Blocked servers (CSV)"),
    POSTS: marked("Posts: an archive from Mastodon, Twite, X or Bluesky"),
}
STATES = {
    "uploading": marked("Being uploaded"),
    "reading": marked("Being read"),
    "ready": marked("Waits for your yes"),
    "importing": marked("Being imported"),
    "done": marked("Imported"),
    "stopped": marked("Stopped"),
    "undoing": marked("Being undone"),
    "undone": marked("Undone"),
    "failed": marked("Failed"),
}
OTHER = marked("It can't be imported.")
REASONS = {
    "elsewhere": marked("It is on another server, and this site knows no others."),
    "unknown": marked("There is no such account here."),
    "self": marked("It is your own account."),
    "blocked": marked("One of you blocks the other."),
    "invalid": marked("It can't be understood."),
    "no_post": marked("There is no such post that you may see."),
    "not_followed": marked("You don't follow this account: only people you follow can be on a list."),
    "too_many": marked("It would be more than the site allows."),
    "boost": marked("It is a boost of somebody else's post."),
    "reply": marked("It answers somebody else, or a post that doesn't come."),
    "direct": marked("It was for mentioned people only."),
    "date": marked("It has no date, or one that can't be."),
    "empty": marked("It has neither words nor media."),
    "refused": marked("The site's rules keep such posts back."),
    "media": marked("It came without some of its media, which are missing or can't be used here."),
    "cut": marked("It came without its end: it is longer than any post here."),
}
_SILENT = marked("Posts keep their dates. Nobody is told of them, and they come into nobody's timeline.")
_RECENT = marked("What was public and is younger than a week comes as quiet public.")
_ALONE = marked("Favourites, boosts and replies by others stay where they are, and so do previews of links.")
_OUTBOX = (
    _SILENT,
    _RECENT,
    marked("Boosts, replies to others and posts for mentioned people only don't come. Polls come as text."),
    _ALONE,
)
OLD_POSTS_GO = marked("You have a rule that deletes old posts: it will delete these, too.")
NOTES = {
    "mastodon": _OUTBOX,
    "twite": _OUTBOX,
    "x": (
        _SILENT,
        _RECENT,
        marked("Reposts and replies to others don't come. Shortened links are replaced by what they lead to."),
        marked("Of posts longer than 280 characters the archive may have only the beginning."),
        _ALONE,
    ),
    "bluesky": (
        _SILENT,
        _RECENT,
        marked("Pictures and videos aren't in this file: their descriptions come as text."),
        marked("Reposts and replies to others don't come."),
        _ALONE,
    ),
}
"""What is to be known of posts from each source before they come."""


def sentence(kind: str, outcome: str, count: int) -> str:
    """Return how many of something come, or are there already."""
    if outcome != NEW:
        return ngettext("%(count)s is there already.", "%(count)s are there already.", count)
    if kind == POSTS:
        return ngettext(
            "%(count)s post will come, unless it is here already.",
            "%(count)s posts will come, except those that are here already.",
            count,
        )
    if not count:
        return _("Nothing new will come.")
    return ngettext("%(count)s will come.", "%(count)s will come.", count)


def came(count: int) -> str:
    """Return how many of something have come."""
    return ngettext("%(count)s has come.", "%(count)s have come.", count)


def counted(reason: str, count: int) -> str:
    """Return how often there is a reason."""
    return _("%(count)s: %(reason)s", count=formats.number(count), reason=reason)
