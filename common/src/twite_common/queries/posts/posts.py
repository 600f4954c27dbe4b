"""Posts, as one viewer may see them. Nothing else turns rows of `post` into something to show."""

from collections.abc import Collection
from operator import attrgetter

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Connection, and_, bindparam, case, exists, false, or_, select

from twite_common import clock
from twite_common.errors import NotFound
from twite_common.queries.posts.reply_policies import LETS_ANSWER
from twite_common.sql.dialects import among
from twite_common.sql.struct_rows import StructRows
from twite_common.sql.types import AnySelect
from twite_common.tables import (
    account,
    application,
    block,
    bookmark,
    conversation_mute,
    favourite,
    follow,
    mute,
    pin,
    poll,
    poll_vote,
    post,
    post_edit,
    report,
)
from twite_common.translations import gettext as _
from twite_common.visibility import FOR_EVERYBODY, NOW, VIEWER, not_over, visible


class Poll(msgspec.Struct, frozen=True, gc=False):
    """A post's poll as one viewer has it at a moment: the options with their votes, and the viewer's choices.

    `hides_votes` says that nobody is told the votes yet. `voted` is also true for the author, who has no vote; `open`
    says that the viewer can vote.
    """

    options: list[tuple[str, int]]
    choices: list[int]
    expires_at: int | None
    ended: bool
    multiple: bool
    hides_votes: bool
    voters_count: int
    voted: bool
    open: bool


class Post(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A post or a boost and how the viewer stands to it. Times are milliseconds; `created_at` follows from the id.

    `version` grows with every change of what was written or is shown with it (`details`, see
    `twite_common.post_details`); `account_version` with every change of the author. `reply_policy` was chosen by
    `reply_policy_account_id` for the whole thread; `lets_answer` says whether it lets the viewer. `follows_author`,
    `blocks_author` and `mutes_author` are known only where they matter: for a quote policy that asks for it, and for
    posts that are quoted. The poll's columns are None where the post has none; `poll_choices` is what the viewer chose.
    """

    id: int
    account_id: int
    text: str
    spoiler_text: str
    visibility: str
    sensitive: bool
    language: str | None
    in_reply_to_id: int | None
    in_reply_to_account_id: int | None
    conversation_id: int
    boost_of_id: int | None
    quote_of_id: int | None
    quote_state: str | None
    quote_policy: str
    reply_policy: str
    reply_policy_account_id: int | None
    expires_at: int | None
    details: str
    edited_at: int | None
    replies_count: int
    boosts_count: int
    favourites_count: int
    quotes_count: int
    version: int
    account_version: int
    author_sensitized: bool
    application_name: str | None
    application_website: str | None
    favourited: bool
    boosted: bool
    bookmarked: bool
    muted: bool
    pinned: bool
    lets_answer: bool
    follows_author: bool
    blocks_author: bool
    mutes_author: bool
    poll_options: str | None
    poll_expires_at: int | None
    poll_multiple: bool | None
    poll_hides_totals: bool | None
    poll_voters_count: int | None
    poll_choices: str | None

    @property
    def shown_sensitive(self) -> bool:
        """Whether attachments are shown on demand only: the author or staff want that."""
        return self.sensitive or self.author_sensitized

    @property
    def for_everybody(self) -> bool:
        """Whether everybody may read it, strangers too."""
        return self.visibility in FOR_EVERYBODY

    @property
    def quotable_by(self) -> str:
        """Who may quote it beside its author: public, followers or nobody. What isn't for everybody, nobody may."""
        return self.quote_policy if self.visibility in FOR_EVERYBODY else "nobody"

    def can_be_quoted_by(self, viewer_id: int | None) -> bool:
        """Say whether the viewer, who may see it, may quote it. What is for those named only, not even its author may.

        Whoever quotes a boost quotes what that boosts, so ask that post.
        """
        if viewer_id is None or self.visibility == "mentioned":
            return False
        if viewer_id == self.account_id:
            return True
        policy = self.quotable_by
        return policy == "public" or (policy == "followers" and self.follows_author)

    def can_be_answered_by(self, viewer_id: int | None) -> bool:
        """Say whether the viewer, who may see it and for whom it was loaded, may answer it.

        Whoever answers a boost answers what that boosts, so ask that post.
        """
        return viewer_id is not None and self.lets_answer

    def can_be_boosted_by(self, viewer_id: int | None) -> bool:
        """Say whether the viewer, who may see it, may boost it: what is for followers, only its author may.

        Whoever boosts a boost boosts what that boosts, so ask that post.
        """
        if viewer_id is None:
            return False
        return self.visibility in FOR_EVERYBODY or (self.visibility == "followers" and viewer_id == self.account_id)

    def can_be_pinned_by(self, viewer_id: int | None) -> bool:
        """Say whether the viewer may pin it to their page: it is their own, no boost, and not for those named only."""
        return viewer_id == self.account_id and self.boost_of_id is None and self.visibility != "mentioned"

    @property
    def accepted_quote_of_id(self) -> int | None:
        """Id of the post that it quotes; None once that was deleted or taken back."""
        return self.quote_of_id if self.quote_state == "accepted" else None

    def quote_state_with(self, quoted: "Post | None") -> str | None:
        """Return the state of its quote for the viewer, in Mastodon's words; None if it quotes nothing.

        `quoted` is the quoted post, loaded as such; None if the viewer may not see it.
        """
        if self.accepted_quote_of_id is None:
            return self.quote_state
        if quoted is None:
            return "unauthorized"
        if quoted.blocks_author:
            return "blocked_account"
        return "muted_account" if quoted.mutes_author else "accepted"

    def poll_for(self, viewer_id: int | None, *, now: int) -> Poll | None:
        """Return its poll as the viewer, for whom it was loaded, has it now; None if it has none."""
        if self.poll_options is None:
            return None
        choices = msgspec.json.decode(self.poll_choices, type=list[int]) if self.poll_choices else []
        ended = poll_ended(self.poll_expires_at, now=now)
        voted = viewer_id == self.account_id or bool(choices)
        return Poll(
            options=msgspec.json.decode(self.poll_options, type=list[tuple[str, int]]),
            choices=choices,
            expires_at=self.poll_expires_at,
            ended=ended,
            multiple=bool(self.poll_multiple),
            hides_votes=bool(self.poll_hides_totals) and not ended,
            voters_count=self.poll_voters_count or 0,
            voted=voted,
            open=not (ended or voted or viewer_id is None),
        )


# A member that can change without a new version of the post must not be among these: what is kept of it would be stale.
_OF_VERSION = {
    "account_id",
    "text",
    "spoiler_text",
    "visibility",
    "sensitive",
    "language",
    "in_reply_to_account_id",
    "conversation_id",
    "boost_of_id",
    "expires_at",
    "details",
    "edited_at",
    "application_name",
    "application_website",
}
state = attrgetter(*[name for name in Post.__struct_fields__ if name not in _OF_VERSION])
"""Returns a post's id, its version, and everything that can change without a new version, as one key."""


class Edit(msgspec.Struct, frozen=True):
    """One version of a post. `written_at` is in milliseconds; `details` has its attachments and poll as JSON."""

    text: str
    spoiler_text: str
    sensitive: bool
    written_at: int
    details: str


class Related(msgspec.Struct, frozen=True):
    """A post and what it is shown with: the post that it boosts, and the one that either of them quotes."""

    post_id: int
    boost_of_id: int | None
    quote_of_id: int | None


_boost = post.alias("boost")
_PLAIN = [post.c[name] for name in Post.__struct_fields__[:24]]
ID = bindparam("id", type_=BigInteger)


def _statement(chosen: ColumnElement[bool], is_quoted: ColumnElement[bool]) -> AnySelect:
    """Return the statement that loads posts; only of those that others quote it is asked whom the viewer blocks."""
    columns = [
        *_PLAIN,
        account.c.version,
        account.c.sensitized_at.is_not(None),
        application.c.name,
        application.c.website,
        exists().where(favourite.c.account_id == VIEWER, favourite.c.post_id == post.c.id),
        exists().where(_boost.c.boost_of_id == post.c.id, _boost.c.account_id == VIEWER),
        exists().where(bookmark.c.account_id == VIEWER, bookmark.c.post_id == post.c.id),
        exists().where(
            conversation_mute.c.account_id == VIEWER, conversation_mute.c.conversation_id == post.c.conversation_id
        ),
        case(
            (post.c.account_id == VIEWER, exists().where(pin.c.account_id == VIEWER, pin.c.post_id == post.c.id)),
            else_=false(),
        ),
        LETS_ANSWER,
        case(
            (
                post.c.quote_policy == "followers",
                exists().where(follow.c.follower_id == VIEWER, follow.c.followee_id == post.c.account_id),
            ),
            else_=false(),
        ),
        case(
            (is_quoted, exists().where(block.c.account_id == VIEWER, block.c.blocked_id == post.c.account_id)),
            else_=false(),
        ),
        case(
            (
                is_quoted,
                exists().where(
                    mute.c.account_id == VIEWER,
                    mute.c.muted_id == post.c.account_id,
                    or_(mute.c.expires_at.is_(None), mute.c.expires_at > NOW),
                ),
            ),
            else_=false(),
        ),
        poll.c.options,
        poll.c.expires_at,
        poll.c.multiple,
        poll.c.hide_totals,
        poll.c.voters_count,
        poll_vote.c.choices,
    ]
    return (
        select(*columns)
        .join(account, account.c.id == post.c.account_id)
        .outerjoin(application, application.c.id == post.c.application_id)
        .outerjoin(poll, poll.c.post_id == post.c.id)
        .outerjoin(poll_vote, and_(poll_vote.c.post_id == poll.c.post_id, poll_vote.c.account_id == VIEWER))
        .where(chosen)
    )


_LOAD = _statement(among(post.c.id, "ids"), among(post.c.id, "quoted_ids"))
LOAD = StructRows(_LOAD.where(visible(post, author=account)), Post)
# Most often a single post is asked for, and without a list that is a fifth faster.
LOAD_ONE = _statement(post.c.id == ID, false()).where(visible(post, author=account))
_judge = account.alias("judge")
# Whoever settles reports must see what was reported, whomever it was for, also once the author is suspended.
LOAD_REPORTED = _LOAD.where(
    not_over(post),
    exists().where(_judge.c.id == VIEWER, among(_judge.c.role, "judging_roles")),
    exists().where(report.c.target_id == post.c.account_id),
)
# To be deleted, and not to be shown: nobody sees it any more, and whoever wrote it may be suspended.
LOAD_OVER = _statement(post.c.id == ID, false()).where(post.c.expires_at <= NOW)
PUBLIC = (
    select(post.c.id, account.c.username)
    .join(account, account.c.id == post.c.account_id)
    .where(among(post.c.id, "ids"), post.c.boost_of_id.is_(None), visible(post))
)
OWN_BOOST = select(post.c.id).where(post.c.boost_of_id == ID, post.c.account_id == VIEWER)
EDITS = (
    select(*[post_edit.c[name] for name in Edit.__struct_fields__])
    .where(post_edit.c.post_id == ID)
    .order_by(post_edit.c.id)
)


def poll_ended(expires_at: int | None, *, now: int) -> bool:
    """Say whether a poll that ends at a time, if ever, has ended."""
    return expires_at is not None and expires_at <= now


def load(
    db: Connection, post_ids: Collection[int], *, viewer_id: int | None, now: int, quoted_ids: Collection[int] = ()
) -> dict[int, Post]:
    """Return those of the posts that the viewer may see, by id; `quoted_ids` are those that others among them quote."""
    if not post_ids:
        return {}
    if len(post_ids) == 1 and not quoted_ids:
        row = db.execute(LOAD_ONE, {"id": next(iter(post_ids)), "viewer_id": viewer_id, "now": now}).one_or_none()
        return {row[0]: Post(*row)} if row else {}
    parameters = {"ids": list(post_ids), "quoted_ids": list(quoted_ids), "viewer_id": viewer_id, "now": now}
    return {post.id: post for post in LOAD.all(db, parameters)}


def load_reported(
    db: Connection, post_ids: Collection[int], *, viewer_id: int, now: int, judging_roles: Collection[str]
) -> dict[int, Post]:
    """Return posts of accounts that were reported, by id, for whoever settles reports; for others nothing."""
    if not post_ids:
        return {}
    parameters = {
        "ids": list(post_ids),
        "quoted_ids": [],
        "viewer_id": viewer_id,
        "now": now,
        "judging_roles": list(judging_roles),
    }
    return {row[0]: Post(*row) for row in db.execute(LOAD_REPORTED, parameters)}


def load_with_related(db: Connection, post_ids: Collection[int], *, viewer_id: int | None, now: int) -> dict[int, Post]:
    """Return those of the posts that the viewer may see, by id, and what they are shown with: boosted and quoted posts.

    One statement for plain posts, and one more each where there are boosts and quotes among them.
    """
    posts = load(db, post_ids, viewer_id=viewer_id, now=now)
    boosted = {post.boost_of_id for post in posts.values() if post.boost_of_id is not None} - posts.keys()
    posts |= load(db, boosted, viewer_id=viewer_id, now=now)
    quoted = {post.quote_of_id for post in posts.values() if post.quote_of_id is not None}
    return posts | load(db, quoted, viewer_id=viewer_id, now=now, quoted_ids=quoted)


def authors_of_public(db: Connection, post_ids: Collection[int]) -> dict[int, str]:
    """Return the names of the authors of those of the posts that everybody may read, by post; boosts are left out."""
    if not post_ids:
        return {}
    return {row.id: row.username for row in db.execute(PUBLIC, {"ids": list(post_ids), "viewer_id": None})}


def get(db: Connection, post_id: int, *, viewer_id: int | None, now: int | None = None) -> Post | None:
    """Return a post if it exists and the viewer may see it, at a time or else at present."""
    return load(db, [post_id], viewer_id=viewer_id, now=clock.now() if now is None else now).get(post_id)


def over(db: Connection, post_id: int, *, now: int) -> Post | None:
    """Return a post that has ended by itself, which is for nobody to see any more."""
    row = db.execute(LOAD_OVER, {"id": post_id, "viewer_id": None, "now": now}).one_or_none()
    return Post(*row) if row else None


def original(db: Connection, post_id: int, *, viewer_id: int | None, now: int | None = None) -> Post | None:
    """Return a post, or for a boost the post that it boosts, if the viewer may see it, at a time or else at present."""
    post = get(db, post_id, viewer_id=viewer_id, now=now)
    if post is None or post.boost_of_id is None:
        return post
    return get(db, post.boost_of_id, viewer_id=viewer_id, now=now)


def existing_original(db: Connection, post_id: int, *, viewer_id: int) -> Post:
    """Return what `original` returns. Raises NotFound when the viewer can't see it."""
    found_post = original(db, post_id, viewer_id=viewer_id)
    if found_post is None:
        raise NotFound(_("There is no such post."))
    return found_post


def own_boost(db: Connection, post_id: int, *, viewer_id: int) -> int | None:
    """Return the id of the viewer's boost of a post."""
    return db.scalar(OWN_BOOST, {"id": post_id, "viewer_id": viewer_id})


def edits(db: Connection, post_id: int) -> list[Edit]:
    """Return the earlier versions of a post, oldest first. Whether the viewer may see it is to be asked before."""
    return [Edit(*row) for row in db.execute(EDITS, {"id": post_id})]
