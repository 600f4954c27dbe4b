"""The content of mails to those who follow an account by mail."""

from twite_common import formats, ids, post_details
from twite_common.clock import as_date
from twite_common.queries.notifications import mail_followers as queries
from twite_common.queries.notifications.mail_followers import PublicPost
from twite_common.services.notifications import mail_followers
from twite_common.translations import gettext as _
from twite_common.translations import marked, ngettext
from twite_tasks.notifications.mail_draft import Draft, MailContent, Quote

ASKED = {
    "daily": marked("Someone, hopefully you, asked to get the public posts of @%(username)s by e-mail, once a day."),
    "weekly": marked("Someone, hopefully you, asked to get the public posts of @%(username)s by e-mail, once a week."),
}


def confirm(draft: Draft) -> MailContent | None:
    """Return what asks a reader whether they want to follow an account; None where that isn't offered any more.

    There is nothing in it that the account's owner wrote: anybody can have it sent to any address.
    """
    details = draft.mail.details()
    follower = queries.get(draft.db, details["follower_id"])
    if follower is None:
        return None
    token = mail_followers.confirmation_token(draft.context.signer, follower.id, details["frequency"])
    return MailContent(
        subject=_("Follow @%(username)s on %(site)s by e-mail?", username=follower.username, site=draft.site),
        paragraphs=[_(ASKED[details["frequency"]], username=follower.username)],
        button=_("Yes, send me the posts"),
        button_url=f"{draft.base}/by-mail/confirm/{token}",
        closing=[
            _(
                "The link works for three days. If you didn't ask for this, you can ignore this e-mail: you will get "
                "no posts, and your address will be forgotten."
            )
        ],
    )


def posts(draft: Draft) -> MailContent | None:
    """Return what an account has posted since a reader was written to; None where nothing of it is left."""
    details = draft.mail.details()
    follower = queries.get(draft.db, details["follower_id"])
    if follower is None or follower.confirmed_at is None:
        return None
    found = queries.new_posts(
        draft.db,
        follower.account_id,
        after_id=details["after_id"],
        up_to_id=details["up_to_id"],
        now=draft.now,
        limit=mail_followers.MAX_POSTS,
    )
    if not found:
        return None
    page = f"{draft.base}/@{follower.username}"
    stop = mail_followers.stop_token(draft.context.signer, follower.id)
    return MailContent(
        subject=ngettext(
            "A new post by @%(username)s on %(site)s",
            "New posts by @%(username)s on %(site)s",
            len(found),
            username=follower.username,
            site=draft.site,
        ),
        paragraphs=[],
        quotes=[_quote(post, page) for post in reversed(found)],
        button=_("See all posts by @%(username)s", username=follower.username),
        button_url=page,
        unsubscribe_url=f"{draft.base}/by-mail/{stop}",
    )


def _quote(post: PublicPost, page: str) -> Quote:
    body = post.text
    if post.spoiler_text:
        body = _("Content warning: %(warning)s", warning=post.spoiler_text)
    elif not body:
        body = "\n".join(one.description for one in post_details.decode(post.details).media if one.description)
    return Quote(formats.day(as_date(ids.created_at(post.id))), body, f"{page}/{post.id}")
