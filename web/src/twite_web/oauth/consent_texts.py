"""What scopes allow and where the user goes next, in plain words."""

from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from twite_common import domains
from twite_common.services.identity.applications import OUT_OF_BAND
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.oauth import scopes

SENTENCES = {
    "read": marked("Read everything you can read, including your notifications and settings"),
    "write": marked("Do everything you can do: post, follow, change your profile"),
    "follow": marked("See and change who you follow, block and mute"),
    "push": marked("Send you notifications"),
    "profile": marked("See your name and picture"),
    "offline_access": marked("Stay connected until you revoke access"),
    "admin:read": marked("Read what administrators can read"),
    "admin:write": marked("Do what administrators can do"),
}
READING = {
    "accounts": marked("Read your profile and settings"),
    "blocks": marked("Read your blocks"),
    "bookmarks": marked("Read your bookmarks"),
    "collections": marked("Read your collections"),
    "favourites": marked("Read your favourites"),
    "filters": marked("Read your filters"),
    "follows": marked("See whom you follow, and who follows you"),
    "lists": marked("Read your lists"),
    "mutes": marked("Read your mutes"),
    "notifications": marked("Read your notifications"),
    "search": marked("Search as you"),
    "statuses": marked("Read the posts that you can read"),
}
CHANGING = {
    "accounts": marked("Change your profile and settings"),
    "blocks": marked("Change your blocks"),
    "bookmarks": marked("Change your bookmarks"),
    "collections": marked("Change your collections"),
    "conversations": marked("Change your conversations"),
    "favourites": marked("Change your favourites"),
    "filters": marked("Change your filters"),
    "follows": marked("Follow and unfollow people as you"),
    "lists": marked("Change your lists"),
    "media": marked("Upload pictures, videos and sound as you"),
    "mutes": marked("Change your mutes"),
    "notifications": marked("Dismiss your notifications"),
    "reports": marked("Report people and posts as you"),
    "statuses": marked("Write, edit and delete posts as you"),
}
READING_AS_STAFF = {
    "accounts": marked("Read all accounts, with their e-mail addresses"),
    "reports": marked("Read all reports"),
    "domain_allows": marked("See which servers are allowed"),
    "domain_blocks": marked("See which servers are blocked"),
    "ip_blocks": marked("See which networks are blocked"),
    "email_domain_blocks": marked("See which e-mail providers are blocked"),
    "canonical_email_blocks": marked("See which e-mail addresses are blocked"),
}
CHANGING_AS_STAFF = {
    "accounts": marked("Approve, restrict and delete accounts"),
    "reports": marked("Decide about reports"),
    "domain_allows": marked("Change which servers are allowed"),
    "domain_blocks": marked("Block and unblock servers"),
    "ip_blocks": marked("Block and unblock networks"),
    "email_domain_blocks": marked("Block and unblock e-mail providers"),
    "canonical_email_blocks": marked("Block and unblock e-mail addresses"),
}
"""What narrow scopes allow, by their areas."""
AREAS = {
    "read": READING,
    "write": CHANGING,
    "admin:read": READING_AS_STAFF,
    "admin:write": CHANGING_AS_STAFF,
}
TITLES = {
    "read": marked("What it can read"),
    "write": marked("What it can do"),
    "admin": marked("What it can do as staff"),
    "other": marked("Besides"),
}
KINDS = {"follow": "write", "profile": "read", "push": "other", "offline_access": "other"}
"""To which group a scope belongs that isn't named after it."""


class Permissions(msgspec.Struct, frozen=True):
    """What an application may do, of one kind (read, write, admin or other), a sentence each."""

    kind: str
    title: str
    sentences: list[str]


def permissions(scope: str) -> list[Permissions]:
    """Return in groups what scopes allow, which are separated by spaces."""
    names = scope.split() or [scopes.DEFAULT]
    found = {kind: [name for name in names if _kind(name) == kind] for kind in TITLES}
    return [
        Permissions(kind, _(title), [_sentence(name) for name in found[kind]])
        for kind, title in TITLES.items()
        if found[kind]
    ]


def sentences(scope: str) -> list[str]:
    """Return a sentence for each of the scopes, which are separated by spaces; a narrow one is named by its area."""
    return [_sentence(name) for name in scope.split() or [scopes.DEFAULT]]


def destination(redirect_uri: str) -> str:
    """Return what happens after an answer: to whom the browser goes with it.

    The name of a website is shown as its address has it: other letters that look like those of another name stand
    in the form for machines ("xn--…").
    """
    if redirect_uri == OUT_OF_BAND:
        return _("You will then get a code to copy into the app.")
    parts = urlsplit(redirect_uri)
    if parts.scheme not in {"http", "https"}:
        return _(
            "You will then go to the app on your device that opens addresses like %(scheme)s:…", scheme=parts.scheme
        )
    host = parts.hostname or ""
    if _is_this_device(host):
        return _("You will then go to a program on your own device (%(host)s).", host=host)
    host = _in_ascii(host)
    if parts.scheme == "http":
        return _("You will then go to the website %(host)s, over a connection that others can read.", host=host)
    return _("You will then go to the website %(host)s.", host=host)


def _is_this_device(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _in_ascii(host: str) -> str:
    try:
        return domains.to_ascii(host)
    except ValueError:
        return ascii(host)[1:-1]


def _kind(scope: str) -> str:
    top = scope.partition(":")[0]
    return KINDS.get(top, top)


def _sentence(scope: str) -> str:
    if scope in SENTENCES:
        return _(SENTENCES[scope])
    top, area = scope.rsplit(":", 1)
    return _(AREAS[top][area])
