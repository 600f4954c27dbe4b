"""What scopes allow and where the user goes next, in plain words."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from twite_common import domains
from twite_common.services.identity.applications import OUT_OF_BAND
from twite_web.oauth import scopes

SENTENCES = {
    "read": "Read everything you can read, including your notifications and settings",
    "write": "Do everything you can do: post, follow, change your profile",
    "follow": "See and change who you follow, block and mute",
    "push": "Send you notifications",
    "profile": "See your name and picture",
    "offline_access": "Stay connected until you revoke access",
    "admin:read": "Read what administrators can read",
    "admin:write": "Do what administrators can do",
}


def sentences(scope: str) -> list[str]:
    """Return a sentence for each of the scopes, which are separated by spaces; a narrow one is named by its area."""
    return [SENTENCES.get(name) or _narrow(name) for name in scope.split() or [scopes.DEFAULT]]


def destination(redirect_uri: str) -> str:
    """Return what happens after an answer: to whom the browser goes with it.

    The name of a website is shown as its address has it: other letters that look like those of another name stand
    in the form for machines ("xn--…").
    """
    if redirect_uri == OUT_OF_BAND:
        return "You will then get a code to copy into the app."
    parts = urlsplit(redirect_uri)
    if parts.scheme not in {"http", "https"}:
        return f"You will then go to the app on your device that opens addresses like {parts.scheme}:…"
    host = parts.hostname or ""
    if _is_this_device(host):
        return f"You will then go to a program on your own device ({host})."
    unprotected = ", over a connection that others can read" if parts.scheme == "http" else ""
    return f"You will then go to the website {_in_ascii(host)}{unprotected}."


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
    top, _, area = scope.rpartition(":")
    return f"{'Read' if top.endswith('read') else 'Change'} your {area.replace('_', ' ')}"
