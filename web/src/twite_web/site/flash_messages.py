"""Sentences that a page shows once after a form, carried in its address: strangers need no cookie for them.

The code in the address is signed and tied to the visitor, so that nobody can send others a link with a false notice.
"""

from urllib.parse import urlencode, urlsplit, urlunsplit

from twite_common import secret
from twite_web import cookies
from twite_web.core import core
from twite_web.types import Request

PARAMETER = "done"
SIGNATURE_CHARACTERS = 16
SENTENCES = {
    "accepted": "They follow you now.",
    "account_deleted": "Your account is deleted.",
    "account_rejected": "The account is deleted.",
    "announcement_deleted": "The announcement is deleted.",
    "appeal_approved": "The appeal is granted, and what was done is taken back.",
    "appeal_rejected": "The appeal is turned down.",
    "appealed": "Your appeal is sent.",
    "application_ended": "The application can't act for you any longer.",
    "approved": "The account is let in, and its owner gets a mail.",
    "blocked": "You block this account now. Neither of you sees the other's posts.",
    "bookmarked": "The post is among your bookmarks.",
    "confirmed": "Your e-mail address is confirmed. You can log in now.",
    "confirmed_waiting": (
        "Your e-mail address is confirmed. Somebody who runs this site looks at your account next; "
        "you get a mail when you can log in."
    ),
    "dropped": "The event is dropped.",
    "emoji_removed": "The emoji is removed.",
    "edited": "Your changes are published.",
    "email_asked": "Please open the link in the mail that goes to your new address. Until then the old one stays.",
    "email_changed": "Your e-mail address is changed.",
    "follower_removed": "This account doesn't follow you any longer.",
    "followed": "You follow this account now.",
    "follow_asked": "Your request is sent. You follow this account once it accepts.",
    "invited": "The invitation is ready. Its link is in the list.",
    "logged_in": "Welcome back.",
    "logged_out": "You are logged out.",
    "logged_out_everywhere": "You are logged out everywhere.",
    "mail_asked": "A mail is on its way to your address. If it arrives, you get all mail again.",
    "mail_cleared": "Mail is sent there again.",
    "mail_sent": "The mail is on its way. Load this page again to see what became of it.",
    "muted": "You no longer see posts of this account.",
    "password_changed": "Your password is changed. You are logged out everywhere else.",
    "password_reset": "Your password is changed. Please log in with the new one.",
    "post_deleted": "Your post is deleted.",
    "posted": "Your post is published.",
    "rejected": "The request is removed.",
    "reported": "Thank you. Those who look after this site will look at it.",
    "retried": "The event is tried again.",
    "rule_removed": "The rule is removed.",
    "saved": "Your changes are saved.",
    "session_ended": "That session is ended.",
    "sessions_ended": "All other sessions are ended.",
    "suspended": "The account is suspended.",
    "text_removed": "The text is removed.",
    "token_ended": "The token doesn't work any longer.",
    "unblocked": "You no longer block this account.",
    "unfollowed": "You don't follow this account any longer.",
    "unmuted": "You see posts of this account again.",
    "unsuspended": "The account is shown again.",
    "welcome": "Welcome! Your account is ready.",
    "withdrawn": "The invitation doesn't work any more.",
}


def read(request: Request) -> str | None:
    """Return the sentence that a page is to show, if its address has a code that was made for this visitor."""
    value = request.query_params.get(PARAMETER)
    if not value:
        return None
    code, _, signature = value.partition(".")
    expected = _signature(request, code, cookies.session_secret(request))
    return SENTENCES.get(code) if secret.equal(signature, expected) else None


def address(request: Request, path: str, code: str, *, session_secret: str | None = None) -> str:
    """Return a path with a notice; `session_secret` is the one that the visitor has from now on, where it is new."""
    tied_to = cookies.session_secret(request) if session_secret is None else session_secret
    query = urlencode({PARAMETER: f"{code}.{_signature(request, code, tied_to)}"})
    parts = urlsplit(path)
    return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))


def _signature(request: Request, code: str, tied_to: str | None) -> str:
    return core(request).signer.sign("notice", code, tied_to or "")[:SIGNATURE_CHARACTERS]
