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
    "read:accounts": marked("Read your accounts"),
    "read:blocks": marked("Read your blocks"),
    "read:bookmarks": marked("Read your bookmarks"),
    "read:collections": marked("Read your collections"),
    "read:favourites": marked("Read your favourites"),
    "read:filters": marked("Read your filters"),
    "read:follows": marked("Read your follows"),
    "read:lists": marked("Read your lists"),
    "read:mutes": marked("Read your mutes"),
    "read:notifications": marked("Read your notifications"),
    "read:search": marked("Read your search"),
    "read:statuses": marked("Read your statuses"),
    "write:accounts": marked("Change your accounts"),
    "write:blocks": marked("Change your blocks"),
    "write:bookmarks": marked("Change your bookmarks"),
    "write:collections": marked("Change your collections"),
    "write:conversations": marked("Change your conversations"),
    "write:favourites": marked("Change your favourites"),
    "write:filters": marked("Change your filters"),
    "write:follows": marked("Change your follows"),
    "write:lists": marked("Change your lists"),
    "write:media": marked("Change your media"),
    "write:mutes": marked("Change your mutes"),
    "write:notifications": marked("Change your notifications"),
    "write:reports": marked("Change your reports"),
    "write:statuses": marked("Change your statuses"),
    "admin:read:accounts": marked("Read your accounts"),
    "admin:read:reports": marked("Read your reports"),
    "admin:read:domain_allows": marked("Read your domain allows"),
    "admin:read:domain_blocks": marked("Read your domain blocks"),
    "admin:read:ip_blocks": marked("Read your ip blocks"),
    "admin:read:email_domain_blocks": marked("Read your email domain blocks"),
    "admin:read:canonical_email_blocks": marked("Read your canonical email blocks"),
    "admin:write:accounts": marked("Change your accounts"),
    "admin:write:reports": marked("Change your reports"),
    "admin:write:domain_allows": marked("Change your domain allows"),
    "admin:write:domain_blocks": marked("Change your domain blocks"),
    "admin:write:ip_blocks": marked("Change your ip blocks"),
    "admin:write:email_domain_blocks": marked("Change your email domain blocks"),
    "admin:write:canonical_email_blocks": marked("Change your canonical email blocks"),
}


def sentence(scope: str) -> str:
    """Return what one scope allows."""
    return _(SENTENCES.get(scope, scope))


def sentences(scope: str) -> list[str]:
    """Return a sentence for each of the scopes, which are separated by spaces."""
    return [sentence(name) for name in scope.split() or [scopes.DEFAULT]]


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
    name = _in_ascii(host)
    if parts.scheme == "http":
        return _("You will then go to the website %(name)s, over a connection that others can read.", name=name)
    return _("You will then go to the website %(name)s.", name=name)


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
