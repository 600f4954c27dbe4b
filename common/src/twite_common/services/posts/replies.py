"""Beginning a reply: the initial values of its form."""

from sqlalchemy import Connection

from twite_common import post_details
from twite_common.drafts import Draft
from twite_common.errors import NotFound
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.posts import posts as post_queries
from twite_common.translations import gettext as _
from twite_common.visibility import VISIBILITIES


def begin(db: Connection, *, viewer_id: int, post_id: int) -> Draft:
    """Return the draft of a reply: it names whom it answers and whom that post names, and reaches no further.

    Raises NotFound when the viewer can't see the post.
    """
    parent = post_queries.original(db, post_id, viewer_id=viewer_id)
    if parent is None:
        raise NotFound(_("The post you are replying to no longer exists."))
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
