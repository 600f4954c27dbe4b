"""Accounts as everyone may see them."""

from collections.abc import Collection
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Text,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    union,
    union_all,
)

from twite_common import domains
from twite_common.post_details import Card
from twite_common.queries.paging import LIMIT, Listed, Page, Pageable
from twite_common.queries.usernames import ids_of, username_key
from twite_common.sql.dialects import Bytewise, among, starts_with
from twite_common.sql.struct_rows import StructRows
from twite_common.sql.types import AnySelect
from twite_common.tables import account, block, endorsement, favourite, follow, follow_request, mute, post
from twite_common.tables.accounts import DISCOVERABLE, LAST_POSTED, MUCH_FOLLOWED
from twite_common.visibility import NOW, VIEWER, not_between_blocks, present, visible


class Account(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An account's public side. Pictures are names in the media folder.

    `fields` is JSON, for `fields_of`, and `attribution_domains` a list of names of servers as JSON;
    `emojis` is JSON for `twite_common.post_details.decode_emojis`.

    `indexable` has members find public posts by their words, `noindex` asks search engines elsewhere to show nothing.

    `version` grows with every change of anything here.
    """

    id: int
    username: str
    display_name: str
    bio: str
    fields: str
    avatar: str | None
    header: str | None
    locked: bool
    bot: bool
    discoverable: bool
    indexable: bool
    noindex: bool
    hide_collections: bool
    avatar_description: str
    header_description: str
    show_media: bool
    show_media_replies: bool
    show_featured: bool
    follow_by_mail: bool
    attribution_domains: str
    emojis: str
    role: str
    suspended_at: int | None
    limited_at: int | None
    pending: bool
    followers_count: int
    following_count: int
    posts_count: int
    last_post_at: int | None
    version: int


class Field(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One line of a profile. `verified_at` is when the page it names was found to name the profile; milliseconds."""

    name: str
    value: str
    verified_at: int | None = None


COLUMNS = [account.c[name] for name in Account.__struct_fields__]
ID = bindparam("id", type_=BigInteger)
LOAD = StructRows(select(*COLUMNS).where(among(account.c.id, "ids")), Account)
BY_ID = select(*COLUMNS).where(account.c.id == ID)
BY_USERNAME = select(*COLUMNS).where(account.c.id.in_(union_all(*ids_of(bindparam("username_key", type_=Text)))))
FOLLOWERS = Pageable(
    select(follow.c.id, follow.c.follower_id).where(follow.c.followee_id == ID, present(follow.c.follower_id)),
    follow.c.id,
)
FOLLOWING = Pageable(
    select(follow.c.id, follow.c.followee_id).where(follow.c.follower_id == ID, present(follow.c.followee_id)),
    follow.c.id,
)
FOLLOW_REQUESTS = Pageable(
    select(follow_request.c.id, follow_request.c.follower_id).where(
        follow_request.c.followee_id == ID, present(follow_request.c.follower_id)
    ),
    follow_request.c.id,
)
BLOCKS = Pageable(
    select(block.c.id, block.c.blocked_id).where(block.c.account_id == ID, present(block.c.blocked_id)), block.c.id
)
MUTES = Pageable(
    select(mute.c.id, mute.c.muted_id, mute.c.expires_at).where(
        mute.c.account_id == ID,
        present(mute.c.muted_id),
        or_(mute.c.expires_at.is_(None), mute.c.expires_at > NOW),
    ),
    mute.c.id,
)
ENDORSEMENTS = Pageable(
    select(endorsement.c.id, endorsement.c.endorsed_id).where(
        endorsement.c.account_id == ID, present(endorsement.c.endorsed_id)
    ),
    endorsement.c.id,
)


FAVOURITED_BY = Pageable(
    select(favourite.c.id, favourite.c.account_id)
    .join(account, account.c.id == favourite.c.account_id)
    .where(favourite.c.post_id == ID, present(favourite.c.account_id), not_between_blocks(account.c.id)),
    favourite.c.id,
)
BOOSTED_BY = Pageable(
    select(post.c.id, post.c.account_id)
    .join(account, account.c.id == post.c.account_id)
    .where(post.c.boost_of_id == ID, visible(post), not_between_blocks(account.c.id)),
    post.c.id,
)
MAX_LISTED = 1000
_LISTED = [account.c.suspended_at.is_(None), ~account.c.pending]
DIRECTORY_ACTIVE = (
    select(account.c.id)
    .where(*_LISTED, DISCOVERABLE, not_between_blocks(account.c.id))
    .order_by(LAST_POSTED.desc(), account.c.id.desc())
    .limit(LIMIT)
    .offset(bindparam("offset"))
)
DIRECTORY_NEW = (
    select(account.c.id)
    .where(*_LISTED, DISCOVERABLE, not_between_blocks(account.c.id))
    .order_by(account.c.id.desc())
    .limit(LIMIT)
    .offset(bindparam("offset"))
)
CONSIDERED = 100
"""Accounts that a search looks at: the first ones by name, and by display name, that begin as it says …"""
CONSIDERED_MOST_FOLLOWED = 500
"""… and, of the most followed ones, those that do."""
_one = account.alias("one")
_NAME, _DISPLAY_NAME = _one.c.username_key, func.lower(_one.c.display_name)
_CANDIDATE = (_one.c.id, _one.c.username_key, _one.c.followers_count)
_listed_one = (_one.c.suspended_at.is_(None), ~_one.c.pending)


def _first_by(name: ColumnElement[str]) -> AnySelect:
    candidates = (
        select(*_CANDIDATE).where(starts_with(name, "prefix"), *_listed_one).order_by(Bytewise(name)).limit(CONSIDERED)
    )
    return select(candidates.subquery())


_most_followed = (
    select(*_CANDIDATE, _DISPLAY_NAME.label("display_name"))
    .where(_one.c.followers_count >= literal_column(str(MUCH_FOLLOWED)), *_listed_one)
    .order_by(_one.c.followers_count.desc())
    .limit(CONSIDERED_MOST_FOLLOWED)
    .subquery()
)
_candidate = union(
    _first_by(_NAME),
    _first_by(_DISPLAY_NAME),
    select(_most_followed.c.id, _most_followed.c.username_key, _most_followed.c.followers_count).where(
        or_(starts_with(_most_followed.c.username_key, "prefix"), starts_with(_most_followed.c.display_name, "prefix"))
    ),
).subquery("candidate")


def _best(candidates: FromClause, *conditions: ColumnElement[bool]) -> AnySelect:
    """Return the statement for the best of the accounts that were found."""
    is_exact = candidates.c.username_key == bindparam("exact", type_=Text)
    return (
        select(candidates.c.id)
        # Whoever types a whole name knows the account, and has to find it to unblock it.
        .where(*conditions, or_(is_exact, not_between_blocks(candidates.c.id)))
        .order_by(case((is_exact, 0), else_=1), candidates.c.followers_count.desc(), candidates.c.id)
        .limit(LIMIT)
        .offset(bindparam("offset"))
    )


SEARCH = _best(_candidate)
SEARCH_FOLLOWED = _best(
    account,
    *_LISTED,
    account.c.id.in_(select(follow.c.followee_id).where(follow.c.follower_id == VIEWER)),
    or_(starts_with(account.c.username_key, "prefix"), starts_with(func.lower(account.c.display_name), "prefix")),
)


_mine, _theirs = follow.alias("mine"), follow.alias("theirs")
_follower = account.alias("follower")
FAMILIAR = (
    select(_theirs.c.followee_id, _theirs.c.follower_id)
    .join(_mine, _mine.c.followee_id == _theirs.c.follower_id)
    .join(account, account.c.id == _theirs.c.followee_id)
    .join(_follower, _follower.c.id == _theirs.c.follower_id)
    .where(
        _mine.c.follower_id == VIEWER,
        among(_theirs.c.followee_id, "ids"),
        ~account.c.hide_collections,
        ~_follower.c.hide_collections,
        present(_theirs.c.follower_id),
    )
    .order_by(_theirs.c.followee_id, _theirs.c.id.desc())
)


def fields_of(account: Account) -> list[Field]:
    """Return the lines of an account's profile."""
    return msgspec.json.decode(account.fields, type=list[Field])


def attribution_domains_of(account: Account) -> list[str]:
    """Return the sites that may name an account as the author of their pages."""
    return msgspec.json.decode(account.attribution_domains, type=list[str])


def credited(account: Account, card: Card) -> bool:
    """Say whether an account that a page names as its author lets the page's site do so, or a site above it."""
    host = urlsplit(card.provider_url or card.url).hostname or ""
    try:
        name = domains.to_ascii(host)
    except ValueError:
        return False
    listed = attribution_domains_of(account)
    present = account.suspended_at is None and not account.pending
    return present and any(f".{name}".endswith(f".{domain}") for domain in listed)


def load(db: Connection, account_ids: Collection[int]) -> dict[int, Account]:
    """Return accounts by id; suspended and pending ones too, for whoever renders them to leave out."""
    if not account_ids:
        return {}
    return {account.id: account for account in LOAD.all(db, {"ids": list(account_ids)})}


def get(db: Connection, account_id: int) -> Account | None:
    """Return an account unless it isn't there or is pending; a suspended one is returned, marked so."""
    row = db.execute(BY_ID, {"id": account_id}).one_or_none()
    account = Account(*row) if row else None
    return account if account and not account.pending else None


def by_username(db: Connection, name: str) -> Account | None:
    """Return the account that has that name, in any case, or had it before, unless it isn't there or is pending."""
    row = db.execute(BY_USERNAME, {"username_key": username_key(name)}).one_or_none()
    account = Account(*row) if row else None
    return account if account and not account.pending else None


def followers(db: Connection, account_id: int, page: Page) -> list[Listed]:
    """Return who follows an account, the latest first."""
    return _listed(db, FOLLOWERS, account_id, page)


def following(db: Connection, account_id: int, page: Page) -> list[Listed]:
    """Return whom an account follows, the latest first."""
    return _listed(db, FOLLOWING, account_id, page)


def follow_requests(db: Connection, account_id: int, page: Page) -> list[Listed]:
    """Return who asks to follow an account, the latest first."""
    return _listed(db, FOLLOW_REQUESTS, account_id, page)


def blocks(db: Connection, account_id: int, page: Page) -> list[Listed]:
    """Return whom an account blocks, the latest first."""
    return _listed(db, BLOCKS, account_id, page)


def mutes(db: Connection, account_id: int, page: Page, *, now: int) -> list[tuple[Listed, int | None]]:
    """Return whom an account mutes and when each mute ends (None: never), the latest first."""
    rows = MUTES.rows(db, page, {"id": account_id, "now": now})
    return [(Listed(row[0], row[1]), row[2]) for row in rows]


def endorsements(db: Connection, account_id: int, page: Page) -> list[Listed]:
    """Return whom an account features on its profile, the latest first."""
    return _listed(db, ENDORSEMENTS, account_id, page)


def familiar_followers(db: Connection, account_ids: Collection[int], *, viewer_id: int) -> dict[int, list[int]]:
    """Return, by account, the ids of its followers whom the viewer follows too.

    Where either of them hides whom it knows it isn't told.
    """
    follower_ids: dict[int, list[int]] = {}
    if account_ids:
        for followee, follower in db.execute(FAMILIAR, {"ids": list(account_ids), "viewer_id": viewer_id}):
            follower_ids.setdefault(followee, []).append(follower)
    return follower_ids


def favourited_by(db: Connection, post_id: int, page: Page, *, viewer_id: int | None) -> list[Listed]:
    """Return who favourited a post. Whether the viewer may see the post is to be asked before."""
    return _listed(db, FAVOURITED_BY, post_id, page, viewer_id)


def boosted_by(db: Connection, post_id: int, page: Page, *, viewer_id: int | None) -> list[Listed]:
    """Return who boosted a post. Whether the viewer may see the post is to be asked before."""
    return _listed(db, BOOSTED_BY, post_id, page, viewer_id)


def directory(db: Connection, *, newest: bool, limit: int, offset: int, viewer_id: int | None) -> list[int]:
    """Return the ids of those who want to be listed, by their last post or, with `newest`, by their start.

    The list ends after the first 1,000: whoever looks for more searches.
    """
    limit = min(limit, MAX_LISTED - offset)
    if limit <= 0:
        return []
    statement = DIRECTORY_NEW if newest else DIRECTORY_ACTIVE
    return list(db.scalars(statement, {"limit": limit, "offset": offset, "viewer_id": viewer_id}))


def search(
    db: Connection, text: str, *, limit: int, offset: int = 0, following_only: bool = False, viewer_id: int | None
) -> list[int]:
    """Return the ids of accounts whose name or display name starts with `text`, the best match first.

    Where very many do, only those are found that come first by name or that are followed most of all.
    """
    prefix = username_key(text.strip().removeprefix("@"))
    if not prefix:
        return []
    parameters = {
        "prefix": prefix,
        "exact": prefix,
        "limit": limit,
        "offset": offset,
        "viewer_id": viewer_id,
    }
    return list(db.scalars(SEARCH_FOLLOWED if following_only else SEARCH, parameters))


def _listed(db: Connection, pageable: Pageable, id: int, page: Page, viewer_id: int | None = None) -> list[Listed]:
    rows = pageable.rows(db, page, {"id": id, "viewer_id": viewer_id})
    return [Listed(row[0], row[1]) for row in rows]
