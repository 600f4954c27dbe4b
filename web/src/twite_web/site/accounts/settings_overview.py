"""All that the visitor can set, in groups, and a search in it."""

import msgspec
from litestar import Router, get
from litestar.params import FromQuery

from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.site import templating
from twite_web.site.access import Visit, reading
from twite_web.types import Request, Response


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
                marked("Who can read your posts by default, and your languages"),
                marked("visibility default public followers sensitive language"),
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
                marked("mail digest daily weekly quiet hours time zone"),
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


class EntryView(msgspec.Struct, frozen=True):
    """A page of settings in the visitor's language; one that isn't looked for is `hidden`, where a script finds it."""

    path: str
    icon: str
    label: str
    about: str
    words: str
    hidden: bool


class GroupView(msgspec.Struct, frozen=True):
    """Pages of settings that belong together; `hidden` when all of them are."""

    title: str
    entries: list[EntryView]
    hidden: bool


@get("/settings", sync_to_thread=True)
def show(request: Request, q: FromQuery[str] = "") -> Response:
    """Show all that can be set, or what of it is looked for."""
    with reading(request) as visit:
        visit.require_login()
        groups = [_group(visit, group, q.casefold().split()) for group in GROUPS]
        nothing = all(group.hidden for group in groups)
        return templating.page(request, "user_settings.html", visit, q=q, groups=groups, nothing=nothing)


def _group(visit: Visit, group: Group, wanted: list[str]) -> GroupView:
    title = _(group.title)
    entries = [_entry(entry, title, wanted) for entry in group.entries if _is_for(visit, entry)]
    return GroupView(title, entries, all(entry.hidden for entry in entries))


def _is_for(visit: Visit, entry: Entry) -> bool:
    if entry.path == INVITATIONS:
        return visit.core.settings.registration == "invitation"
    return entry.path != ADMINISTRATION or bool(visit.member.role)


def _entry(entry: Entry, title: str, wanted: list[str]) -> EntryView:
    """Return a page of settings; it is looked for when it has all words that were typed, in the visitor's language."""
    label, about, words = _(entry.label), _(entry.about), _(entry.words)
    text = f"{title} {label} {about} {words}".casefold()
    hidden = not all(word in text for word in wanted)
    return EntryView(entry.path, entry.icon, label, about, words, hidden)


router = Router("/", route_handlers=[show])
