"""Sentences that a page shows once after a form, carried in its URL: strangers need no cookie for them.

The code in the address is signed and tied to the visitor, so that nobody can send others a link with a false notice.
"""

from urllib.parse import urlencode, urlsplit, urlunsplit

from twite_common import secret
from twite_common.services.identity import pending_logins
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web import cookies
from twite_web.core import core
from twite_web.types import Request

PARAMETER = "done"
SIGNATURE_CHARACTERS = 16
SENTENCES = {
    "accepted": marked("They now follow you."),
    "account_deactivated": marked("Your account has been deactivated. Log in to have it back."),
    "account_deleted": marked("Your account has been deleted."),
    "account_rejected": marked("The account has been deleted."),
    "announcement_deleted": marked("The announcement has been deleted."),
    "appeal_approved": marked("The appeal has been approved and the action undone."),
    "appeal_rejected": marked("The appeal has been rejected."),
    "appealed": marked("Your appeal has been sent."),
    "application_ended": marked("The app no longer has access to your account."),
    "archive_asked": marked("Your archive is being made. We will write to you when it is ready."),
    "archive_removed": marked("The archive has been removed."),
    "approved": marked("The account has been approved, and its owner notified by e-mail."),
    "blocked": marked("You have blocked this account. You won't see each other's posts."),
    "bookmarked": marked("The post has been bookmarked."),
    "column_pinned": marked("The column stands beside your home timeline now, in wide windows."),
    "chosen_approved": marked("The chosen accounts have been approved, and their owners notified by e-mail."),
    "chosen_rejected": marked("The chosen accounts have been deleted."),
    "chosen_resolved": marked("The chosen reports have been resolved."),
    "confirmed": marked("Your e-mail address has been confirmed. You can log in now."),
    "confirmed_waiting": marked(
        "Your e-mail address has been confirmed. Staff will review your account next; "
        "you will get an e-mail when you can log in."
    ),
    "conversation_deleted": marked("The conversation is no longer in your list."),
    "device_denied": marked("The device got no access to your account."),
    "draft_deleted": marked("The draft has been deleted."),
    "draft_saved": marked("Your draft has been saved."),
    "dropped": marked("The task has been discarded."),
    "emoji_removed": marked("The emoji has been removed."),
    "edited": marked("Your changes have been published."),
    "email_asked": marked("Please open the link in the e-mail to your new address. Until then, we use the old one."),
    "email_changed": marked("Your e-mail address has been changed."),
    "acts": marked("You act for this account now. What you write is published under its name."),
    "acts_no_more": marked("You are yourself again."),
    "filed": marked("The bookmark has been put there."),
    "feed_removed": marked("The feed has been removed. Its address shows nothing any more."),
    "folder_created": marked("The folder is ready."),
    "folder_deleted": marked("The folder has been deleted. Its bookmarks are still there."),
    "endorsed": marked("They are featured on your profile now."),
    "filter_added": marked("The post has been added to the filter."),
    "filter_created": marked("Your filter is active."),
    "filter_deleted": marked("The filter has been deleted."),
    "filter_removed": marked("The post has been removed from the filter."),
    "follower_removed": marked("This account no longer follows you."),
    "followed": marked("You now follow this account."),
    "follow_asked": marked("Your follow request has been sent."),
    "held": marked("Your post is kept and waits for the staff to review it. Nobody else sees it until then."),
    "held_rejected": marked("The chosen posts have been rejected, and their authors notified."),
    "held_released": marked("The chosen posts have been published."),
    "held_restored": marked("The rejection has been taken back. The post waits for a decision again."),
    "held_withdrawn": marked("The post has been deleted."),
    "list_fetched": marked("The list is being fetched."),
    "import_begun": marked("The file is being read. Then you will see what comes, before anything does."),
    "import_confirmed": marked("The import has begun. You can leave this page; it goes on."),
    "import_removed": marked("The import has been removed."),
    "import_stopped": marked("The import has been stopped. What has come so far is there, and can be undone."),
    "import_undoing": marked("What the import brought is being taken back."),
    "invited": marked("The invitation is ready. Its link is in the list."),
    "list_created": marked("Your list is ready. Add the people you want on it."),
    "list_deleted": marked("The list has been deleted."),
    "list_joined": marked("They are on the list now."),
    "list_left": marked("They are no longer on the list."),
    "login_over": pending_logins.OVER,
    "logged_in": marked("Welcome back."),
    "logged_out": marked("You are logged out."),
    "logged_out_everywhere": marked("You are logged out everywhere."),
    "mail_asked": marked("We have sent you an e-mail. Open the link in it to get all mail again."),
    "mail_checked": marked("DNS is being asked. Refresh in a moment to see what it said."),
    "mail_cleared": marked("Mail has been resumed."),
    "mail_sent": marked("The e-mail is on its way. Refresh to see its status."),
    "muted": marked("You will no longer see this account's posts."),
    "none_chosen": marked("Nothing was chosen, or somebody else was faster."),
    "not_me": marked("Everyone is logged out of your account. Now set a new password."),
    "note_saved": marked("Your note has been saved. Only you can see it."),
    "notifications_cleared": marked("Your list of notifications is empty."),
    "old_posts_go": marked("Your old posts will be deleted by this rule, the first in an hour."),
    "old_posts_stay": marked("No more posts will be deleted."),
    "passkey_added": marked("Your passkey is ready. You can log in with it from now on."),
    "passkey_removed": marked("The passkey has been removed. It no longer opens your account."),
    "password_changed": marked("Your password has been changed. You are logged out everywhere else."),
    "password_removed": marked("Your account has no password any more. You log in with your passkey."),
    "password_reset": marked("Your password has been changed. Please log in with the new one."),
    "post_deleted": marked("Your post has been deleted."),
    "posted": marked("Your post has been published."),
    "quote_revoked": marked("Your post has been removed from the quote."),
    "push_off": marked("This browser no longer gets notifications."),
    "push_on": marked("This browser gets notifications from now on."),
    "redrafted": marked("Your post has been deleted. What it said is a draft that you can change and publish."),
    "rejected": marked("The request has been rejected."),
    "request_accepted": marked("Their notifications are in your list from now on."),
    "reported": marked("Thank you. The site's staff will review your report."),
    "retried": marked("The task will be retried."),
    "rule_off": marked("The rule is off. New posts are left alone."),
    "rule_on": marked("The rule is on. It looks at each post from now on."),
    "rule_removed": marked("The rule has been removed."),
    "saved": marked("Your changes have been saved."),
    "searches_forgotten": marked("Your searches have been forgotten."),
    "scheduled": marked("Your post has been scheduled."),
    "session_ended": marked("The session has been ended."),
    "second_factor_off": marked("Your account has no second factor any more."),
    "second_factor_removed": marked("The second factor has been removed, and its owner notified by e-mail."),
    "sessions_ended": marked("All other sessions have been ended."),
    "suspended": marked("The account has been suspended."),
    "tag_featured": marked("The hashtag is on your profile now."),
    "tag_followed": marked("You now follow this hashtag."),
    "tag_unfeatured": marked("The hashtag is no longer on your profile."),
    "tag_unfollowed": marked("You no longer follow this hashtag."),
    "text_removed": marked("The text has been removed."),
    "token_ended": marked("The token has been revoked."),
    "unblocked": marked("You have unblocked this account."),
    "unendorsed": marked("They are no longer featured on your profile."),
    "unfollowed": marked("You no longer follow this account."),
    "unmuted": marked("You will see this account's posts again."),
    "unscheduled": marked("The scheduled post has been deleted."),
    "unsuspended": marked("The account is no longer suspended."),
    "username_changed": marked("Your username has been changed."),
    "webhook_paused": marked("The webhook is paused. It won't be told what happens meanwhile, not even later."),
    "webhook_removed": marked("The webhook has been removed."),
    "webhook_resumed": marked("The webhook is told again what happens."),
    "webhook_retried": marked("It is sent again. Refresh to see what became of it."),
    "webhook_tested": marked("A test is on its way. Refresh to see what became of it."),
    "welcome": marked("Welcome! Your account is ready."),
    "withdrawn": marked("The invitation has been withdrawn."),
    "member_invited": marked("The invitation has been sent."),
    "member_removed": marked("They can't act for your account any more."),
    "member_changed": marked("Their role has been changed."),
    "membership_accepted": marked("You can act for this account now: the menu leads there."),
    "membership_left": marked("You don't act for that account."),
}


def read(request: Request) -> str | None:
    """Return the sentence that a page is to show, if its address has a code that was made for this visitor."""
    value = request.query_params.get(PARAMETER)
    if not value:
        return None
    code, signature = value.partition(".")[::2]
    expected = _signature(request, code, cookies.session_secret(request))
    sentence = SENTENCES.get(code) if secret.equal(signature, expected) else None
    return _(sentence) if sentence else None


def address(request: Request, path: str, code: str, *, session_secret: str | None = None) -> str:
    """Return a path with a notice; `session_secret` is the one that the visitor has from now on, where it is new."""
    tied_to = cookies.session_secret(request) if session_secret is None else session_secret
    query = urlencode({PARAMETER: f"{code}.{_signature(request, code, tied_to)}"})
    parts = urlsplit(path)
    return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))


def _signature(request: Request, code: str, tied_to: str | None) -> str:
    return core(request).signer.sign("notice", code, tied_to or "")[:SIGNATURE_CHARACTERS]
