"""Replies: who may write one, and the initial values of its form.

Who may answer is chosen for a thread with its first post (`queries.posts.reply_policies`), and doesn't change.
"""

from sqlalchemy import Connection

from twite_common import post_details
from twite_common.drafts import Draft
from twite_common.errors import Invalid, NotFound
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.posts import posts as post_queries
from twite_common.queries.posts.posts import Post
from twite_common.translations import gettext as _
from twite_common.visibility import VISIBILITIES

POLICIES = ("everybody", "following", "mentioned", "nobody")
"""Who may answer beside whoever chose it: `following` stands for the people whom they follow, `mentioned` for those
whom they name, who may also answer where only the followed may."""


def checked_policy(policy: str | None) -> str:
    """Return the policy that a thread has.

    Raises Invalid for one that doesn't exist.
    """
    if policy is None:
        return "everybody"
    if policy not in POLICIES:
        raise Invalid(_("Validation failed: The reply policy must be everybody, following, mentioned or nobody"))
    return policy


def answerable(db: Connection, *, author_id: int, post_id: int, now: int | None = None) -> Post:
    """Return the post that somebody wants to answer.

    Raises NotFound when they can't see it, Invalid when they may not answer it.
    """
    parent = post_queries.original(db, post_id, viewer_id=author_id, now=now)
    if parent is None:
        raise NotFound(_("The post you are replying to no longer exists."))
    if not parent.can_be_answered_by(author_id):
        raise Invalid(_("Validation failed: You are not allowed to reply to this post"))
    return parent


def begin(db: Connection, *, viewer_id: int, post_id: int) -> Draft:
    """Return the draft of a reply: it names whom it answers and whom that post names, and reaches no further.

    Raises NotFound when the viewer can't see the post, Invalid when they may not answer it.
    """
    parent = answerable(db, author_id=viewer_id, post_id=post_id)
    mentioned_names = [mention.username for mention in post_details.decode(parent.details).mentions]
    accounts = account_queries.load(db, {parent.account_id, viewer_id})
    own_name = accounts[viewer_id].username
    names = [
        name for name in dict.fromkeys([accounts[parent.account_id].username, *mentioned_names]) if name != own_name
    ]
    default_visibility = credential_queries.preferences_of(db, viewer_id).visibility
    return Draft(
        text="".join(f"@{name} " for name in names),
        spoiler_text=parent.spoiler_text,
        visibility=max(default_visibility, parent.visibility, key=VISIBILITIES.index),
        in_reply_to_id=parent.id,
    )
