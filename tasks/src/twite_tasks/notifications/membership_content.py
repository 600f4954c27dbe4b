"""The content of mails about who acts for an account."""

from twite_common.acting import ANSWERS, LOOKS_AFTER, WRITES
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_tasks.notifications.mail_draft import Draft, MailContent
from twite_tasks.notifications.security_content import not_me

MAY = {
    ANSWERS: marked("They may reply to others, send messages, favourite and boost."),
    WRITES: marked("They may also publish posts."),
    LOOKS_AFTER: marked("They may also delete posts, change the profile, follow, mute and block."),
}
YOU_MAY = {
    ANSWERS: marked("You may reply to others, send messages, favourite and boost."),
    WRITES: marked("You may also publish posts."),
    LOOKS_AFTER: marked("You may also delete posts, change the profile, follow, mute and block."),
}


def member_invited(draft: Draft) -> MailContent:
    """Return what tells the owner of an account that somebody was invited to act for it."""
    details = draft.mail.details()
    content = MailContent(
        subject=_("@%(name)s was invited to act for your account on %(site)s", name=details["name"], site=draft.site),
        paragraphs=[
            _("@%(name)s can act for your account once they accept.", name=details["name"]),
            *_lets(details["role"], MAY),
        ],
        button=_("See your members"),
        button_url=f"{draft.base}/settings/members",
    )
    return not_me(draft, content)


def member_accepted(draft: Draft) -> MailContent:
    """Return what tells the owner of an account that somebody acts for it from now on."""
    details = draft.mail.details()
    content = MailContent(
        subject=_("@%(name)s now acts for your account on %(site)s", name=details["name"], site=draft.site),
        paragraphs=[
            _("@%(name)s has accepted your invitation.", name=details["name"]),
            *_lets(details["role"], MAY),
        ],
        button=_("See your members"),
        button_url=f"{draft.base}/settings/members",
    )
    return not_me(draft, content)


def membership_offered(draft: Draft) -> MailContent:
    """Return what tells somebody that they are invited to act for an account."""
    details = draft.mail.details()
    return MailContent(
        subject=_("@%(name)s on %(site)s invites you to write for it", name=details["name"], site=draft.site),
        paragraphs=[
            _("The account @%(name)s invites you to act for it, with your own login.", name=details["name"]),
            *_lets(details["role"], YOU_MAY),
        ],
        button=_("Accept or decline"),
        button_url=f"{draft.base}/settings/members",
        closing=[_("If you don't know this account, you can ignore this e-mail.")],
    )


def membership_ended(draft: Draft) -> MailContent:
    """Return what tells somebody that they no longer act for an account."""
    name = draft.mail.details()["name"]
    return MailContent(
        subject=_("You no longer act for @%(name)s on %(site)s", name=name, site=draft.site),
        paragraphs=[
            _("The owner of @%(name)s has removed you. Your tokens for that account have ended, too.", name=name)
        ],
    )


def _lets(role: str, sentences: dict[str, str]) -> list[str]:
    """Return what a role lets, a sentence for each that it includes."""
    return [_(sentence) for sentence in list(sentences.values())[: list(sentences).index(role) + 1]]
