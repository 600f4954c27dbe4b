"""Accounts as pages show them."""

from collections.abc import Sequence

import msgspec
from markupsafe import Markup, escape

from twite_common import ids, post_details, text
from twite_common.post_details import Emoji
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.accounts import aliases
from twite_common.queries.accounts import relationships as relationship_queries
from twite_common.queries.accounts.accounts import Account
from twite_common.queries.accounts.relationships import Relationship
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.site.access import Visit
from twite_web.site.view_models import times

ABOUT_CHARACTERS = 120
ROLES = {"admin": marked("Administrator"), "moderator": marked("Moderator")}


class FieldView(msgspec.Struct, frozen=True, gc=False):
    """A line of a profile; `verified_at` is when its page was found to name the profile, in milliseconds, or None."""

    name: Markup
    value: Markup
    verified_at: int | None

    @property
    def verified_on(self) -> str:
        """The day on which it was verified, in words; empty where it wasn't."""
        return times.day(self.verified_at) if self.verified_at is not None else ""


class AccountView(msgspec.Struct, frozen=True, gc=False):
    """An account as a page shows it. `path` is its own page; `about` the bio on one line.

    `name` is what to call it, and `name_html` the same with the site's emojis. It is kept for readers of all languages:
    what depends on theirs is a property. `created_at` is in milliseconds.
    """

    id: int
    version: int
    username: str
    name: str
    name_html: Markup
    path: str
    avatar: str
    header: str
    bio: Markup
    about: str
    fields: tuple[FieldView, ...]
    locked: bool
    bot: bool
    role_name: str
    created_at: int
    followers_count: int
    following_count: int
    posts_count: int
    hides_followers: bool
    shows_featured: bool
    noindex: bool
    by_mail: bool
    suspended: bool
    also_known_as: tuple[str, ...] = ()

    @property
    def role(self) -> str:
        """The role on this site in words; empty for none."""
        return _(ROLES[self.role_name]) if self.role_name in ROLES else ""

    @property
    def since(self) -> str:
        """The month in which the account was created."""
        return times.month(self.created_at)


def accounts(visit: Visit, account_ids: Sequence[int]) -> list[AccountView]:
    """Return accounts by id, in order, in one statement."""
    accounts_by_id = account_queries.load(visit.db, account_ids)
    return [account(visit, accounts_by_id[id]) for id in account_ids if id in accounts_by_id]


def relationships(visit: Visit, account_ids: Sequence[int]) -> dict[int, Relationship]:
    """Return how the visitor stands to accounts, by id; nothing for strangers, nor for their own."""
    if visit.viewer is None:
        return {}
    others = [id for id in account_ids if id != visit.account_id]
    loaded = relationship_queries.load(visit.db, others, viewer_id=visit.account_id, now=visit.now)
    return {relationship.account_id: relationship for relationship in loaded}


def relationship(visit: Visit, account_id: int) -> Relationship | None:
    """Return how the visitor stands to an account; None for strangers, and to their own."""
    return relationships(visit, [account_id]).get(account_id)


def account(visit: Visit, account: Account) -> AccountView:
    """Return an account as a page shows it, kept by its version."""
    return _kept(visit, account)


def _kept(visit: Visit, account: Account) -> AccountView:
    visit.core.caches.usernames.put(account.id, account.username)
    cache, key = visit.core.caches.account_views, (account.id, account.version)
    return cache.get(key) or cache.put(key, _account(visit, account))


def profile(visit: Visit, account: Account) -> AccountView:
    """Return an account as its own pages show it, with those elsewhere that it shows."""
    also_known_as = aliases.shown(visit.db, account.id)
    return msgspec.structs.replace(_kept(visit, account), also_known_as=also_known_as)


def preview(visit: Visit, account: Account) -> AccountView:
    """Return an account that isn't stored as a page would show it; it isn't kept."""
    return _account(visit, account)


def _account(visit: Visit, account: Account) -> AccountView:
    active = account.suspended_at is None
    fields = account_queries.fields_of(account) if active else []
    emojis = post_details.decode_emojis(account.emojis)
    texts = visit.core.texts
    name = (account.display_name if active else "") or account.username
    return AccountView(
        id=account.id,
        version=account.version,
        username=account.username,
        name=name,
        name_html=line_html(visit, name, emojis),
        path=f"/@{account.username}",
        avatar=_picture(visit, account.avatar if active else None, "/static/avatar.png"),
        header=_picture(visit, account.header if active else None, "/static/header.png"),
        bio=Markup(texts.with_emojis(texts.html(account.bio), emojis) if active else ""),  # noqa: S704 - made by twite_common.text
        about=text.plain_excerpt(account.bio, ABOUT_CHARACTERS) if active else "",
        fields=tuple(
            FieldView(
                line_html(visit, field.name, emojis),
                Markup(texts.with_emojis(texts.html(field.value, me=True), emojis)),  # noqa: S704 - made by twite_common.text
                field.verified_at,
            )
            for field in fields
        ),
        locked=account.locked,
        bot=account.bot,
        role_name=account.role,
        created_at=ids.created_at(account.id),
        followers_count=account.followers_count,
        following_count=account.following_count,
        posts_count=account.posts_count,
        hides_followers=account.hide_collections,
        shows_featured=account.show_featured,
        noindex=account.noindex,
        by_mail=account.follow_by_mail and account.limited_at is None,
        suspended=not active,
    )


def line_html(visit: Visit, line: str, emojis: Sequence[Emoji]) -> Markup:
    """Return a line of text as HTML with the site's emojis."""
    return Markup(visit.core.texts.with_emojis(str(escape(line)), emojis))  # noqa: S704 - escaped


def _picture(visit: Visit, name: str | None, default: str) -> str:
    return visit.core.addresses.media_path(name) if name else default
