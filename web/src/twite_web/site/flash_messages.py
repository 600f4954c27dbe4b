"""Sentences that a page shows once after a form, carried in its URL: strangers need no cookie for them.

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
    "accepted": "They now follow you.",
    "account_deleted": "Your account has been deleted.",
    "account_rejected": "The account has been deleted.",
    "announcement_deleted": "The announcement has been deleted.",
    "appeal_approved": "The appeal has been approved and the action undone.",
    "appeal_rejected": "The appeal has been rejected.",
    "appealed": "Your appeal has been sent.",
    "application_ended": "The app no longer has access to your account.",
    "approved": "The account has been approved, and its owner notified by e-mail.",
    "blocked": "You have blocked this account. You won't see each other's posts.",
    "bookmarked": "The post has been bookmarked.",
    "confirmed": "Your e-mail address has been confirmed. You can log in now.",
    "confirmed_waiting": (
        "Your e-mail address has been confirmed. Staff will review your account next; "
        "you will get an e-mail when you can log in."
    ),
    "dropped": "The task has been discarded.",
    "emoji_removed": "The emoji has been removed.",
    "edited": "Your changes have been published.",
    "email_asked": "Please open the link in the e-mail to your new address. Until then, we use the old one.",
    "email_changed": "Your e-mail address has been changed.",
    "follower_removed": "This account no longer follows you.",
    "followed": "You now follow this account.",
    "follow_asked": "Your follow request has been sent.",
    "invited": "The invitation is ready. Its link is in the list.",
    "logged_in": "Welcome back.",
    "logged_out": "You are logged out.",
    "logged_out_everywhere": "You are logged out everywhere.",
    "mail_asked": "We have sent you an e-mail. Open the link in it to get all mail again.",
    "mail_cleared": "Mail has been resumed.",
    "mail_sent": "The e-mail is on its way. Refresh to see its status.",
    "muted": "You will no longer see this account's posts.",
    "password_changed": "Your password has been changed. You are logged out everywhere else.",
    "password_reset": "Your password has been changed. Please log in with the new one.",
    "post_deleted": "Your post has been deleted.",
    "posted": "Your post has been published.",
    "rejected": "The request has been rejected.",
    "reported": "Thank you. The site's staff will review your report.",
    "retried": "The task will be retried.",
    "rule_removed": "The rule has been removed.",
    "saved": "Your changes have been saved.",
    "session_ended": "The session has been ended.",
    "sessions_ended": "All other sessions have been ended.",
    "suspended": "The account has been suspended.",
    "text_removed": "The text has been removed.",
    "token_ended": "The token has been revoked.",
    "unblocked": "You have unblocked this account.",
    "unfollowed": "You no longer follow this account.",
    "unmuted": "You will see this account's posts again.",
    "unsuspended": "The account is no longer suspended.",
    "welcome": "Welcome! Your account is ready.",
    "withdrawn": "The invitation has been withdrawn.",
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
