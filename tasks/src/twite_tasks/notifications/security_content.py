"""The content of mails about what happens to an account: its second factor, tokens and applications."""

import msgspec

from twite_common import clock, formats
from twite_common.services.identity import security_events
from twite_common.translations import gettext as _
from twite_common.translations import ngettext
from twite_tasks.notifications.mail_draft import Draft, MailContent


def second_factor_added(draft: Draft) -> MailContent:
    """Return what tells the owner of an account that it asks for a second factor from now on."""
    return _about_security(
        draft,
        _("Your account on %(site)s has a second factor", site=draft.site),
        _("Logging in to your account now also takes a code from the app that has just been set up."),
    )


def second_factor_removed(draft: Draft) -> MailContent:
    """Return what tells the owner of an account that its app for codes, or all that it asks for, was removed."""
    details = draft.mail.details()
    if details["by_staff"]:
        sentence = _("The site's staff have removed the second factor of your account, so that you can log in.")
    # Mails queued by earlier versions don't say it, which knew no passkeys.
    elif details.get("passkeys_left"):
        sentence = _("The codes of your app no longer open your account. Your passkeys still do.")
    else:
        sentence = _("Logging in to your account takes only your password again.")
    return _about_security(
        draft, _("The second factor of your account on %(site)s was removed", site=draft.site), sentence
    )


def passkey_added(draft: Draft) -> MailContent:
    """Return what tells the owner of an account that a passkey opens it."""
    return _about_security(
        draft,
        _("New passkey for your account on %(site)s", site=draft.site),
        _("From now on, this passkey opens your account: %(name)s.", name=draft.mail.details()["name"]),
        _("Your password alone doesn't: logging in with it also takes a passkey or another second factor."),
    )


def passkey_removed(draft: Draft) -> MailContent:
    """Return what tells the owner of an account that a passkey no longer opens it."""
    details = draft.mail.details()
    alone = [] if details["factor_left"] else [_("Logging in to your account takes only your password again.")]
    return _about_security(
        draft,
        _("A passkey was removed from your account on %(site)s", site=draft.site),
        _("This passkey no longer opens your account: %(name)s.", name=details["name"]),
        *alone,
    )


def password_removed(draft: Draft) -> MailContent:
    """Return what tells the owner of an account that it has no password any more."""
    return _about_security(
        draft,
        _("Your account on %(site)s has no password any more", site=draft.site),
        _("From now on, you log in with your passkeys only."),
        _("If you lose them, “Forgot your password?” on the login page sets a new password."),
    )


def recovery_codes_renewed(draft: Draft) -> MailContent:
    """Return what tells the owner of an account that there are new recovery codes."""
    return _about_security(
        draft,
        _("New recovery codes for your account on %(site)s", site=draft.site),
        _("New recovery codes have been made for your account. The old ones no longer work."),
    )


def recovery_code_used(draft: Draft) -> MailContent:
    """Return what tells the owner of an account that one of the recovery codes was used."""
    left = draft.mail.details()["left"]
    return _about_security(
        draft,
        _("A recovery code was used for your account on %(site)s", site=draft.site),
        _("Someone, hopefully you, used a recovery code instead of an app or a passkey."),
        ngettext(
            "You have %(count)s code left. You can make new ones in the settings.",
            "You have %(count)s codes left. You can make new ones in the settings.",
            left,
        ),
    )


def second_factor_asked(draft: Draft) -> MailContent:
    """Return what tells somebody that their role needs a second factor, and until when to set it up."""
    until = clock.as_datetime(draft.mail.details()["until"])
    return MailContent(
        subject=_("Please set up a second factor for %(site)s", site=draft.site),
        paragraphs=[
            _(
                "Your role on %(site)s needs a second factor: a code from an app, besides your password. Please set it "
                "up by %(day)s. After that, your role rests until you have one; your account works as before.",
                site=draft.site,
                day=formats.day(until),
            )
        ],
        button=_("Set up a second factor"),
        button_url=f"{draft.base}/settings/security",
    )


def token_made(draft: Draft) -> MailContent:
    """Return what tells the owner of an account that there is a new token for scripts."""
    return _about_security(
        draft,
        _("New token for your account on %(site)s", site=draft.site),
        _("A token with which scripts can use your account was created: %(name)s.", name=draft.mail.details()["name"]),
    )


def application_allowed(draft: Draft) -> MailContent:
    """Return what tells the owner of an account that an application may act for it."""
    return _about_security(
        draft,
        _("An app was authorized for your account on %(site)s", site=draft.site),
        _("This app can now use your account: %(name)s.", name=draft.mail.details()["name"]),
    )


def webhook_made(draft: Draft) -> MailContent:
    """Return what tells the owner of an account that a server is told what happens to it."""
    return _about_security(
        draft,
        _("New webhook for your account on %(site)s", site=draft.site),
        _("This server is now told what happens to your account: %(host)s.", host=draft.mail.details()["host"]),
    )


def feed_made(draft: Draft) -> MailContent:
    """Return what tells the owner of an account that there is a secret address to read as them."""
    return _about_security(
        draft,
        _("New secret feed for your account on %(site)s", site=draft.site),
        _("A feed at a secret address was made. Whoever knows the address can read what your account can."),
    )


def username_changed(draft: Draft) -> MailContent:
    """Return what tells the owner of an account that it has another username."""
    details = draft.mail.details()
    return _about_security(
        draft,
        _("Your username on %(site)s was changed", site=draft.site),
        _(
            "Your account is now called @%(after)s. For a year, links to @%(before)s lead to it.",
            after=details["after"],
            before=details["before"],
        ),
    )


def account_deactivated(draft: Draft) -> MailContent:
    """Return what tells the owner of an account that it is hidden, and until when they can come back."""
    until = formats.day(clock.as_datetime(draft.mail.details()["until"]))
    content = MailContent(
        subject=_("Your account on %(site)s was deactivated", site=draft.site),
        paragraphs=[
            _(
                "Your profile and your posts are hidden now. Log in by %(day)s, and all of it is back. After that, "
                "your account is deleted.",
                day=until,
            )
        ],
        button=_("Log in"),
        button_url=f"{draft.base}/login",
    )
    return not_me(draft, content)


def archive_ready(draft: Draft) -> MailContent:
    """Return what tells the owner of an account that its archive can be downloaded."""
    return MailContent(
        subject=_("Your archive from %(site)s is ready", site=draft.site),
        paragraphs=[
            _(
                "The archive of your account has been made: your posts and everything else of yours. "
                "You can download it for a week, after logging in."
            )
        ],
        button=_("Download your archive"),
        button_url=f"{draft.base}/settings/archives",
        closing=[
            _(
                "If you didn't ask for it, somebody else may be logged in to your account: please change your "
                "password and remove the archive."
            )
        ],
    )


def webhook_parked(draft: Draft) -> MailContent:
    """Return what tells the owner of a webhook that it is told nothing any more."""
    host = draft.mail.details()["host"]
    return MailContent(
        subject=_("Your webhook at %(host)s was parked", host=host),
        paragraphs=[
            _(
                "%(host)s took nothing from your webhook again and again, or said that it wants no more. So it is told "
                "nothing for now. What waits is kept for a week.",
                host=host,
            )
        ],
        button=_("See what it answered"),
        button_url=f"{draft.base}/settings/webhooks",
        closing=[_("Once it works again, you can resume it there.")],
    )


def not_me(draft: Draft, otherwise: MailContent) -> MailContent:
    """Return a mail with the link by which its reader says that it wasn't them.

    Mails queued by earlier versions have none, and stay as `otherwise` says.
    """
    if "link_id" not in draft.mail.details():
        return otherwise
    return msgspec.structs.replace(
        otherwise,
        button=_("This wasn't me"),
        button_url=draft.link("not-me", security_events.LINK),
        closing=[
            _(
                "If it was you, you don't need to do anything. If it wasn't, use the link within three days: it logs "
                "everyone and all apps out of your account, stops scheduled posts and imports, and lets you set a new "
                "password."
            )
        ],
    )


def _about_security(draft: Draft, subject: str, *paragraphs: str) -> MailContent:
    content = MailContent(
        subject=subject,
        paragraphs=list(paragraphs),
        button=_("See your security settings"),
        button_url=f"{draft.base}/settings/security",
    )
    return not_me(draft, content)
