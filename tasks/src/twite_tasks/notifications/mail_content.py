"""The content of each kind of mail. Links with tokens are created when the mail is sent, and never stored."""

from collections.abc import Callable

from twite_common import clock, domains, formats
from twite_common.database import Connection
from twite_common.queries.accounts import credentials
from twite_common.queries.moderation import warnings
from twite_common.queries.notifications.mails import Mail
from twite_common.services.identity import browsers
from twite_common.translations import gettext as _
from twite_common.translations import marked, ngettext
from twite_tasks.context import Context
from twite_tasks.notifications import digest_content, follower_content, membership_content, security_content
from twite_tasks.notifications.mail_draft import Draft, MailContent, Quote


def write(db: Connection, context: Context, mail: Mail, *, now: int) -> MailContent | None:
    """Return a mail's content; None when there is nothing left to report."""
    return CONTENTS[mail.kind](Draft(db, context, mail, now))


def _confirm(draft: Draft) -> MailContent:
    if draft.mail.details().get("again"):
        return MailContent(
            subject=_("Please confirm that mail from %(site)s reaches you", site=draft.site),
            paragraphs=[_("Mail to this address was refused for a while. Please confirm that it now arrives.")],
            button=_("Confirm my address"),
            button_url=draft.link("confirm", "confirm"),
        )
    return MailContent(
        subject=_("Please confirm your e-mail address for %(site)s", site=draft.site),
        paragraphs=[
            _("Welcome to %(site)s! One last step: please confirm that this is your e-mail address.", site=draft.site),
        ],
        button=_("Confirm my address"),
        button_url=draft.link("confirm", "confirm"),
        closing=[_("The link works for seven days. If you didn't sign up, you can ignore this e-mail.")],
    )


def _change_email(draft: Draft) -> MailContent:
    return MailContent(
        subject=_("Please confirm your new e-mail address for %(site)s", site=draft.site),
        paragraphs=[_("You asked to change to this address. Please confirm it to make the change.")],
        button=_("Use this address"),
        button_url=draft.link("confirm-email", "change_email"),
        closing=[_("The link works for a day. If you didn't ask for this, you can ignore this e-mail.")],
    )


def _change_email_asked(draft: Draft) -> MailContent:
    new_address = domains.readable(draft.mail.details()["new_address"])
    content = MailContent(
        subject=_("Request to change your e-mail address for %(site)s", site=draft.site),
        paragraphs=[
            _(
                "Someone, hopefully you, asked to change your account's e-mail address to "
                "%(new_address)s. Nothing changes until the link in the e-mail to that address is opened.",
                new_address=new_address,
            )
        ],
        closing=[
            _(
                "If it wasn't you, someone else knows your password. Please set a new one right away: "
                "that ends all other sessions, and the link in that e-mail stops working."
            )
        ],
        button=_("Set a new password"),
        button_url=f"{draft.base}/forgot",
    )
    return security_content.not_me(draft, content)


def _reset(draft: Draft) -> MailContent:
    return MailContent(
        subject=_("Set a new password for %(site)s", site=draft.site),
        paragraphs=[_("Someone, hopefully you, asked to set a new password for your account.")],
        button=_("Set a new password"),
        button_url=draft.link("reset", "reset"),
        closing=[_("The link works once, within two hours. If you didn't ask for this, you can ignore this e-mail.")],
    )


def _login_link(draft: Draft) -> MailContent:
    return MailContent(
        subject=_("Log in to %(site)s", site=draft.site),
        paragraphs=[_("Someone, hopefully you, asked for a link to log in to your account.")],
        button=_("Log in"),
        button_url=draft.link("login/link", "login_link"),
        closing=[
            _(
                "The link works once, within 15 minutes, and only in the browser in which it was asked for. "
                "If you didn't ask for this, you can ignore this e-mail. Never pass the link on to anyone."
            )
        ],
    )


def _already_registered(draft: Draft) -> MailContent:
    return MailContent(
        subject=_("You already have an account on %(site)s", site=draft.site),
        paragraphs=[
            _("Someone, hopefully you, tried to sign up with this address, which already has an account."),
            _("You can log in with your username or this address. If you forgot your password, you can set a new one."),
        ],
        button=_("Log in"),
        button_url=f"{draft.base}/login",
        closing=[_("If it wasn't you, you don't need to do anything.")],
    )


def _approval_needed(draft: Draft) -> MailContent | None:
    waiting = [account for account in credentials.waiting(draft.db) if account.confirmed_at is not None]
    if not waiting:
        return None
    # The account that the mail was queued for, unless it has been approved already; there may be more by now.
    new_account_id = draft.mail.details()["new_account_id"]
    applicant = next((account for account in waiting if account.account_id == new_account_id), waiting[-1])
    other_count = len(waiting) - 1
    return MailContent(
        subject=_("@%(username)s would like to join %(site)s", username=applicant.username, site=draft.site),
        paragraphs=[
            _("@%(username)s has signed up and is waiting for approval.", username=applicant.username),
            *([ngettext("So is %(count)s more.", "So are %(count)s more.", other_count)] if other_count else []),
        ],
        quotes=[Quote(_("Why they would like to join"), applicant.reason)] if applicant.reason else [],
        button=_("Review pending accounts"),
        button_url=f"{draft.base}/admin/waiting",
    )


def _approved(draft: Draft) -> MailContent:
    return MailContent(
        subject=_("Welcome to %(site)s", site=draft.site),
        paragraphs=[_("Your account has been approved. You can log in now.")],
        button=_("Log in"),
        button_url=f"{draft.base}/login?next=/welcome",
    )


APPS_AFTER_A_PASSWORD = {
    True: marked("All apps and scripts were logged out, too."),
    False: marked("Apps and scripts stay logged in: you can find them in your settings, under “Apps”."),
}


def _password_changed(draft: Draft) -> MailContent:
    # Mails queued by earlier versions lack this detail.
    details = draft.mail.details()
    apps = _(APPS_AFTER_A_PASSWORD[details["tokens_ended"]]) if "tokens_ended" in details else ""
    changed = _("Your password has just been changed, and you have been logged out everywhere else.")
    content = MailContent(
        subject=_("Your password for %(site)s was changed", site=draft.site),
        paragraphs=[f"{changed} {apps}".rstrip()],
        closing=[_("If it wasn't you, please set a new password right away: follow the link “Forgot your password?”.")],
        button=_("Go to the login page"),
        button_url=f"{draft.base}/login",
    )
    return security_content.not_me(draft, content)


def _email_changed(draft: Draft) -> MailContent:
    new_address = domains.readable(draft.mail.details()["new_address"])
    content = MailContent(
        subject=_("Your e-mail address for %(site)s was changed", site=draft.site),
        paragraphs=[
            _(
                "Your account now uses the address %(new_address)s. This is the last e-mail to this address.",
                new_address=new_address,
            )
        ],
        closing=[_whom_to_contact(draft)],
    )
    return security_content.not_me(draft, content)


def _whom_to_contact(draft: Draft) -> str:
    """Return what to do after losing an account."""
    contact = draft.context.settings.contact_email
    if contact:
        return _("If it wasn't you, please contact %(contact)s right away: you can no longer log in.", contact=contact)
    return _("If it wasn't you, please contact the site's staff right away: you can no longer log in.")


def _new_login(draft: Draft) -> MailContent:
    details = draft.mail.details()
    logged_in_at = clock.as_datetime(details["at"])
    content = MailContent(
        subject=_("New login to your account on %(site)s", site=draft.site),
        paragraphs=[
            _(
                "Someone logged in to your account with %(browser)s from %(address)s on %(day)s at %(time)s UTC. "
                "This address is new for your account.",
                browser=browsers.readable(details["browser"]),
                address=details["from_address"],
                day=formats.day(logged_in_at),
                time=logged_in_at.strftime("%H:%M"),
            ),
        ],
        closing=[
            _(
                "If it wasn't you, please change your password: that ends all other sessions and logs out "
                "all apps unless you untick that."
            )
        ],
        button=_("See where I am logged in"),
        button_url=f"{draft.base}/settings/account",
    )
    return security_content.not_me(draft, content)


WARNINGS = {
    "none": marked("This is a warning. Nothing else was done to your account."),
    "disable": marked("You can no longer log in to your account. Your posts stay as they are."),
    "sensitive": marked("The media in your posts are now hidden behind a warning."),
    "silence": marked("Your posts no longer appear in public timelines. Your followers still see them."),
    "suspend": marked("Your account and your posts are hidden, and you can no longer log in."),
}


def _warning(draft: Draft) -> MailContent:
    details = draft.mail.details()
    return MailContent(
        subject=_("About your account on %(site)s", site=draft.site),
        paragraphs=[_("The site's staff have reviewed your account."), _(WARNINGS[details["action"]])],
        quotes=[Quote(_("What they wrote"), details["text"])] if details["text"] else [],
        button=_("Read it or appeal"),
        button_url=draft.link("appeal", "warning"),
        closing=[_("If you think this is wrong, you can appeal once. The link works for 20 days.")],
    )


def _appeal(draft: Draft) -> MailContent | None:
    warning = warnings.get(draft.db, draft.mail.details()["warning_id"])
    owner = credentials.get(draft.db, warning.target_id) if warning is not None else None
    pending_count = warnings.count_appealed(draft.db)
    if not pending_count:
        return None
    if warning is None or owner is None or warning.appeal_state != "pending":
        return MailContent(
            subject=_("Pending appeals on %(site)s", site=draft.site),
            paragraphs=[_("Appeals pending a decision: %(count)s.", count=pending_count)],
            button=_("Review appeals"),
            button_url=f"{draft.base}/admin/appeals",
        )
    return MailContent(
        subject=_("@%(username)s appealed a decision on %(site)s", username=owner.username, site=draft.site),
        paragraphs=[_("@%(username)s has appealed the action against their account.", username=owner.username)],
        quotes=[Quote(_("What they wrote"), warning.appeal or "")],
        button=_("Review appeal"),
        button_url=f"{draft.base}/admin/appeals",
    )


def _appeal_approved(draft: Draft) -> MailContent:
    return MailContent(
        subject=_("Your appeal on %(site)s was approved", site=draft.site),
        paragraphs=[_("The site's staff agree with you and have undone the action against your account.")],
        button=_("Open %(site)s", site=draft.site),
        button_url=draft.base,
    )


def _appeal_rejected(draft: Draft) -> MailContent:
    return MailContent(
        subject=_("Your appeal on %(site)s was rejected", site=draft.site),
        paragraphs=[_("The site's staff have read your appeal. The action against your account stands.")],
    )


def _test(draft: Draft) -> MailContent:
    return MailContent(
        subject=_("Test e-mail from %(site)s", site=draft.site),
        paragraphs=[_("If you can read this, mail from your site works.")],
    )


CONTENTS: dict[str, Callable[[Draft], MailContent | None]] = {
    "confirm": _confirm,
    "change_email": _change_email,
    "change_email_asked": _change_email_asked,
    "reset": _reset,
    "login_link": _login_link,
    "already_registered": _already_registered,
    "approval_needed": _approval_needed,
    "approved": _approved,
    "password_changed": _password_changed,
    "email_changed": _email_changed,
    "new_login": _new_login,
    "username_changed": security_content.username_changed,
    "second_factor_added": security_content.second_factor_added,
    "second_factor_removed": security_content.second_factor_removed,
    "second_factor_asked": security_content.second_factor_asked,
    "account_deactivated": security_content.account_deactivated,
    "archive_ready": security_content.archive_ready,
    "passkey_added": security_content.passkey_added,
    "passkey_removed": security_content.passkey_removed,
    "password_removed": security_content.password_removed,
    "member_invited": membership_content.member_invited,
    "member_accepted": membership_content.member_accepted,
    "membership_offered": membership_content.membership_offered,
    "membership_ended": membership_content.membership_ended,
    "token_made": security_content.token_made,
    "webhook_made": security_content.webhook_made,
    "feed_made": security_content.feed_made,
    "application_allowed": security_content.application_allowed,
    "recovery_codes_renewed": security_content.recovery_codes_renewed,
    "recovery_code_used": security_content.recovery_code_used,
    "notifications": digest_content.notifications_content,
    "digest": digest_content.notifications_content,
    "weekly": digest_content.weekly,
    "statistics": digest_content.statistics_content,
    "warning": _warning,
    "follow_by_mail": follower_content.confirm,
    "posts_by_mail": follower_content.posts,
    "webhook_parked": security_content.webhook_parked,
    "appeal": _appeal,
    "appeal_approved": _appeal_approved,
    "appeal_rejected": _appeal_rejected,
    "test": _test,
}
