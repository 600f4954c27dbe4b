"""What scopes allow, in words for the people who are asked."""

from twite_web.api import scopes

SENTENCES = {
    "read": "Read everything that you can read, your notifications and settings among it",
    "write": "Do everything that you can do: post, follow, change your profile",
    "follow": "Follow, block and mute accounts, and see whom you do",
    "push": "Send you notifications",
    "profile": "See your name and picture",
    "offline_access": "Stay connected until you end it",
    "admin:read": "Read what administrators can read",
    "admin:write": "Do what administrators can do",
}


def sentences(scope: str) -> list[str]:
    """Return a sentence for each of the scopes, which are separated by spaces; a narrow one is named by its area."""
    return [SENTENCES.get(one) or _narrow(one) for one in scope.split() or [scopes.DEFAULT]]


def _narrow(scope: str) -> str:
    top, _, area = scope.rpartition(":")
    return f"{'Read' if top.endswith('read') else 'Change'} your {area.replace('_', ' ')}"
