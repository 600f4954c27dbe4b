"""Who may answer a post, as its thread's first post says: asked for the viewer in the statement that loads it.

The policy stands in every post of a thread, so that the first one needn't be looked at.
"""

from sqlalchemy import and_, case, exists, false, or_, true

from twite_common.tables import follow, mention, post
from twite_common.visibility import VIEWER

# Names of their own, as in `twite_common.visibility`.
_named = mention.alias("named")
_followed = follow.alias("followed")
# Named by whoever chose the policy: in the first post of the thread, or in the one that is to be answered. Two
# conditions, so that each is one step in the mentions' key, however often somebody is named.
_named_first = exists().where(_named.c.post_id == post.c.conversation_id, _named.c.account_id == VIEWER)
_named_here = exists().where(_named.c.post_id == post.c.id, _named.c.account_id == VIEWER)
_followed_to_answer = exists().where(
    _followed.c.follower_id == post.c.reply_policy_account_id, _followed.c.followee_id == VIEWER
)
LETS_ANSWER = case(
    (post.c.reply_policy == "everybody", true()),
    # Whoever could answer may go on below their own answer.
    (or_(post.c.reply_policy_account_id == VIEWER, post.c.account_id == VIEWER), true()),
    (post.c.reply_policy == "nobody", false()),
    (or_(_named_first, and_(post.c.account_id == post.c.reply_policy_account_id, _named_here)), true()),
    (post.c.reply_policy == "following", _followed_to_answer),
    else_=false(),
)
"""Whether the policy of a post's thread lets the viewer answer it."""
