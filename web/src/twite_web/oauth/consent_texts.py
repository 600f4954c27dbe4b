"""What scopes allow and where the user goes next, in plain words."""

from ipaddress import ip_address
from urllib.parse import urlsplit

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
    "accounts": marked("Read your accounts"),
    "blocks": marked("Read your blocks"),
    "bookmarks": marked("Read your bookmarks"),
    "canonical_email_blocks": marked("Read your canonical email blocks"),
    "collections": marked("Read your collections"),
    "domain_allows": marked("Read your domain allows"),
    "domain_blocks": marked("Read your domain blocks"),
    "email_domain_blocks": marked("Read your email domain blocks"),
    "favourites": marked("Read your favourites"),
    "filters": marked("Read your filters"),
    "follows": marked("Read your follows"),
    "ip_blocks": marked("Read your ip blocks"),
    "lists": marked("Read your lists"),
    "mutes": marked("Read your mutes"),
    "notifications": marked("Read your notifications"),
    "reports": marked("Read your reports"),
    "search": marked("Read your search"),
    "statuses": marked("Read your statuses"),
}
CHANGING = {
    "accounts": marked("Change your accounts"),
    "blocks": marked("Change your blocks"),
    "bookmarks": marked("Change your bookmarks"),
    "canonical_email_blocks": marked("Change your canonical email blocks"),
    "collections": marked("Change your collections"),
    "conversations": marked("Change your conversations"),
    "domain_allows": marked("Change your domain allows"),
    "domain_blocks": marked("Change your domain blocks"),
    "email_domain_blocks": marked("Change your email domain blocks"),
    "favourites": marked("Change your favourites"),
    "filters": marked("Change your filters"),
    "follows": marked("Change your follows"),
    "ip_blocks": marked("Change your ip blocks"),
    "lists": marked("Change your lists"),
    "media": marked("Change your media"),
    "mutes": marked("Change your mutes"),
    "notifications": marked("Change your notifications"),
    "reports": marked("Change your reports"),
    "statuses": marked("Change your statuses"),
}
"""What narrow scopes allow, by their areas."""


def sentences(scope: str) -> list[str]:
    """Return a sentence for each of the scopes, which are separated by spaces; a narrow one is named by its area."""
    return [_(SENTENCES.get(name) or _narrow(name)) for name in scope.split() or [scopes.DEFAULT]]


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


def _narrow(scope: str) -> str:
    top, area = scope.rsplit(":", 1)
    return (READING if top.endswith("read") else CHANGING)[area]
