"""The pages of settings, in groups, each with who can use it."""

import msgspec

from twite_common.queries.viewers import Viewer
from twite_common.translations import marked
from twite_web import acting


class Entry(msgspec.Struct, frozen=True):
    """A page of settings: its name, what it is for, and further words that people look for it by."""

    path: str
    icon: str
    label: str
    about: str
    words: str


class Group(msgspec.Struct, frozen=True):
    """Pages of settings that belong together."""

    title: str
    entries: tuple[Entry, ...]


INVITATIONS, ADMINISTRATION = "/settings/invitations", "/admin"
GROUPS = (
    Group(
        marked("You"),
        (
            Entry(
                "/settings/profile",
                "person",
                marked("Profile"),
                marked("Your name, bio, pictures and who can find you"),
                marked(
                    "avatar header picture display name fields website verified link pronouns bot "
                    "discoverable directory search engines privacy locked approve followers hide"
                ),
            ),
            Entry(
                "/tags",
                "hash",
                marked("Hashtags"),
                marked("Those you follow, and those on your profile"),
                marked("tags topics follow featured"),
            ),
            Entry(
                "/settings/aliases",
                "link",
                marked("Other accounts"),
                marked("Yours on other sites"),
                marked("alias move migrate fediverse"),
            ),
        ),
    ),
    Group(
        marked("Posting and reading"),
        (
            Entry(
                "/settings/preferences",
                "pencil",
                marked("Posting"),
                marked("Who can read your posts by default, your languages and your time zone"),
                marked("visibility default public followers sensitive language time zone clock"),
            ),
            Entry(
                "/settings/feeds",
                "share",
                marked("Feeds"),
                marked("Your timelines in a feed reader, at secret addresses"),
                marked("atom rss json feed reader home lists notifications bookmarks"),
            ),
            Entry(
                "/settings/old-posts",
                "clock",
                marked("Old posts"),
                marked("Deleted by themselves, by your rule"),
                marked("delete automatic expire age clean up remove"),
            ),
            Entry(
                "/settings/columns",
                "list",
                marked("Columns"),
                marked("What stands beside your home timeline in wide windows"),
                marked("pin lists hashtags deck"),
            ),
            Entry(
                "/lists",
                "list",
                marked("Lists"),
                marked("Timelines of people you choose"),
                marked("timeline members replies exclusive"),
            ),
            Entry(
                "/settings/filters",
                "filter",
                marked("Filters"),
                marked("Words and posts you would rather not read"),
                marked("hide keywords phrases warning blur mute words"),
            ),
        ),
    ),
    Group(
        marked("Notifications"),
        (
            Entry(
                "/settings/mail",
                "envelope",
                marked("E-mail notifications"),
                marked("Which ones you get, and when"),
                marked("mail digest daily weekly quiet hours"),
            ),
            Entry(
                "/settings/push",
                "bell",
                marked("Notifications in this browser"),
                marked("While the site isn't open"),
                marked("push device phone alert"),
            ),
            Entry(
                "/notifications/policy",
                "filter",
                marked("What you are told"),
                marked("Whose notifications reach you"),
                marked("strangers new accounts requests filter"),
            ),
        ),
    ),
    Group(
        marked("People you avoid"),
        (
            Entry(
                "/settings/mutes",
                "mute",
                marked("Muted accounts"),
                marked("Whose posts you don't see, and until when"),
                marked("silence hide unmute"),
            ),
            Entry(
                "/settings/blocks",
                "block",
                marked("Blocked accounts"),
                marked("You don't see each other's posts"),
                marked("unblock harassment"),
            ),
            Entry(
                "/settings/domain-blocks",
                "globe",
                marked("Blocked servers"),
                marked("Other sites you want nothing from"),
                marked("domain instance unblock"),
            ),
        ),
    ),
    Group(
        marked("Account and security"),
        (
            Entry(
                "/settings/account",
                "lock",
                marked("Account"),
                marked("Password, e-mail address, and where you are logged in"),
                marked("sessions devices log out security delete leave"),
            ),
            Entry(
                "/settings/security",
                "shield",
                marked("Security"),
                marked("Codes from an app besides your password, and what happened to your account"),
                marked("second factor two-factor authentication 2fa totp mfa recovery codes login history record"),
            ),
            Entry(
                "/settings/applications",
                "settings",
                marked("Apps"),
                marked("Authorized apps, and tokens for your scripts"),
                marked("oauth api token bot revoke access"),
            ),
            Entry(
                "/settings/webhooks",
                "link",
                marked("Webhooks"),
                marked("Addresses of your own that are told what happens"),
                marked("api automation callback http events integration script bot"),
            ),
            Entry(
                "/settings/members",
                "people",
                marked("Members"),
                marked("Who writes for this account, and for which accounts you write"),
                marked("team share organization club several people roles access switch"),
            ),
            Entry(
                "/settings/archives",
                "folder",
                marked("Archive"),
                marked("All of your own in a file to take along"),
                marked("export download backup data takeout move csv"),
            ),
            Entry(
                "/settings/import",
                "send",
                marked("Import"),
                marked("Follows, lists, bookmarks and posts that you have elsewhere"),
                marked("mastodon twitter x bluesky twite csv archive bring move blocks mutes"),
            ),
            Entry(
                INVITATIONS,
                "plus",
                marked("Invitations"),
                marked("Links for others to sign up"),
                marked("invite friends"),
            ),
            Entry(
                ADMINISTRATION,
                "shield",
                marked("Administration"),
                marked("Accounts, reports, and the site's settings"),
                marked("moderation staff"),
            ),
        ),
    ),
)


def is_for(entry: Entry, viewer: Viewer, *, registration: str) -> bool:
    """Say whether a page is of use to somebody, on a site that one joins in some way."""
    if not acting.may_open(viewer.acting, entry.path):
        return False
    if entry.path == INVITATIONS:
        return registration == "invitation"
    return entry.path != ADMINISTRATION or bool(viewer.role)
