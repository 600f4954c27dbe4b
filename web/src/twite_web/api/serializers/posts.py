"""Where the entities of posts are made."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from twite_common import ids, text
from twite_common.filtering import Matcher
from twite_common.post_details import SOURCES, Card, Mentioned
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.accounts.accounts import Account
from twite_common.queries.posts.posts import Post, Related
from twite_common.queries.timelines.timelines import Entry
from twite_web import post_filters, post_loader
from twite_web.addresses import Addresses
from twite_web.api.access import Access
from twite_web.api.schemas import accounts as account_schemas
from twite_web.api.schemas import timestamp
from twite_web.api.schemas.filters import FilterResult
from twite_web.api.schemas.posts import CardAuthor, Mention, QuoteApproval, Status, StatusApplication, StatusTag
from twite_web.api.serializers import accounts as account_serializers
from twite_web.api.serializers import post_parts
from twite_web.api.serializers.filtered import results
from twite_web.api.visibilities import VISIBILITY
from twite_web.core import Core
from twite_web.post_filters import NO_FILTERS, matcher

_NOBODY = QuoteApproval(automatic=[], manual=[], current_user="denied")


def statuses_of(access: Access, entries: Sequence[Entry | Related]) -> list[Status]:
    """Return a timeline's entries as entities, in order; what the viewer may not see is left out."""
    statuses = loaded(access, post_loader.of_entries(access, entries))
    return [statuses[entry.post_id] for entry in entries if entry.post_id in statuses]


def statuses(access: Access, post_ids: Sequence[int]) -> list[Status]:
    """Return posts by id, in order; what the viewer may not see is left out. For posts that may be boosts too."""
    statuses = loaded(access, post_loader.by_id(access, post_ids))
    return [statuses[id] for id in post_ids if id in statuses]


def status(access: Access, post_id: int) -> Status | None:
    """Return one post, if the viewer may see it."""
    return next(iter(statuses(access, [post_id])), None)


def status_for_many(
    access: Access, post_id: int, filters: Mapping[int, Matcher]
) -> tuple[Status | None, dict[int, Status]]:
    """Return a post as the viewer sees it without filters, and as others do who see the same but for their filters.

    Those are in the second part, by their ids, as far as their filters match.
    """
    posts = post_loader.by_id(access, [post_id])
    plain = loaded(access, posts, NO_FILTERS).get(post_id)
    if plain is None:
        return None, {}
    target = posts[posts[post_id].boost_of_id or post_id]
    matching: dict[int, Status] = {}
    for account_id, account_filters in filters.items():
        matches = (
            [] if account_id == target.account_id else _filtered(access, target, plain.reblog or plain, account_filters)
        )
        if matches:
            matching[account_id] = _with_matches(plain, matches)
    return plain, matching


def _with_matches(status: Status, matches: list[FilterResult]) -> Status:
    reblog = status.reblog and msgspec.structs.replace(status.reblog, filtered=matches)
    return msgspec.structs.replace(status, filtered=matches, reblog=reblog)


def loaded(access: Access, posts: Mapping[int, Post], filters: Matcher | None = None) -> dict[int, Status]:
    """Return entities by id: originals first, then what quotes and what boosts those that are there."""
    cards = {post.id: card for post in posts.values() if (card := access.core.texts.of_post(post).details.card)}
    authors, credited = _authors(access, posts.values(), cards.values())
    filters = filters or matcher(access)
    originals = [post for post in posts.values() if post.boost_of_id is None]
    statuses = {post.id: _status(access, post, authors[post.account_id], filters) for post in originals}
    for id in cards.keys() & statuses.keys():
        statuses[id] = _with_author(statuses[id], credited.get(cards[id].id))
    quoting = {
        post.id: post_parts.quoting(statuses[post.id], post_parts.quote(post, posts, statuses))
        for post in originals
        if post.quote_of_id is not None
    }
    statuses |= quoting
    for post in posts.values():
        if post.boost_of_id in statuses:
            statuses[post.id] = _boost(access.core, post, authors[post.account_id], statuses[post.boost_of_id])
    return statuses


def card_values(access: Access, cards: Sequence[Card]) -> list[dict[str, Any]]:
    """Return the members that every form of a card has, for cards that stand in no post."""
    credited = _credited(access.core, account_queries.load(access.db, _creators(cards)), cards)
    return [post_parts.card_values(access.core.addresses, card, credited.get(card.id)) for card in cards]


def _authors(
    access: Access, posts: Iterable[Post], cards: Collection[Card]
) -> tuple[dict[int, account_schemas.Account], dict[int, account_schemas.Account]]:
    """Return the authors of posts by id, and those of the pages that they link to by the card's id."""
    cached_authors, loaded = post_loader.authors(access, posts, access.core.caches.accounts, _creators(cards))
    loaded_authors = {id: account_serializers.account(access.core, row) for id, row in loaded.items()}
    return loaded_authors | cached_authors, _credited(access.core, loaded, cards)


def _creators(cards: Iterable[Card]) -> set[int]:
    return {card.author_account_id for card in cards if card.author_account_id is not None}


def _credited(core: Core, loaded: Mapping[int, Account], cards: Iterable[Card]) -> dict[int, account_schemas.Account]:
    """Return who wrote the pages of cards and wants to be named there, by the card's id."""
    pairs = ((card, loaded.get(card.author_account_id or 0)) for card in cards)
    return {
        card.id: account_serializers.account(core, creator)
        for card, creator in pairs
        if creator and account_queries.credited(creator, card)
    }


def _with_author(status: Status, author: account_schemas.Account | None) -> Status:
    """Return a post whose card says who wrote the page."""
    if status.card is None or author is None:
        return status
    card_author = CardAuthor(name=status.card.author_name, url=status.card.author_url, account=author)
    return msgspec.structs.replace(status, card=msgspec.structs.replace(status.card, authors=[card_author]))


def _status(access: Access, post: Post, author: account_schemas.Account, filters: Matcher) -> Status:
    """Return a post that is no boost; of a post that it quotes only the id."""
    viewer_id = access.viewer_id
    signed_in = viewer_id is not None
    status = _written(access.core, post, author)
    return msgspec.structs.replace(
        status,
        reblogs_count=post.boosts_count,
        favourites_count=post.favourites_count,
        replies_count=post.replies_count,
        quotes_count=post.quotes_count,
        in_reply_to_id=str(post.in_reply_to_id) if post.in_reply_to_id else None,
        poll=post_parts.poll(post, status.emojis, viewer_id=viewer_id, now=access.now),
        quote=post_parts.shallow_quote(post),
        quote_approval=post_parts.quote_approval(post, viewer_id),
        reply_approval=post_parts.reply_approval(post, viewer_id),
        favourited=post.favourited if signed_in else UNSET,
        reblogged=post.boosted if signed_in else UNSET,
        muted=post.muted if signed_in else UNSET,
        bookmarked=post.bookmarked if signed_in else UNSET,
        pinned=post.pinned if post.can_be_pinned_by(viewer_id) else UNSET,
        filtered=_filtered(access, post, status, filters) if signed_in else UNSET,
    )


def _filtered(access: Access, post: Post, status: Status, filters: Matcher) -> list[FilterResult]:
    """Return the viewer's filters that a post matches."""
    descriptions = [media.description or "" for media in status.media_attachments]
    return results(post_filters.matches(filters, post, descriptions, viewer_id=access.viewer_id, now=access.now))


def _written(core: Core, post: Post, author: account_schemas.Account) -> Status:
    """Return a post without what changes from one viewer and moment to the next, kept by its version."""
    cache, key = core.caches.posts, (post.id, post.version, post.account_version)
    return cache.get(key) or cache.put(key, _write(core, post, author))


def _write(core: Core, post: Post, author: account_schemas.Account) -> Status:
    addresses = core.addresses
    rendered = core.texts.of_post(post)
    address = addresses.post(author.username, post.id)
    return Status(
        id=str(post.id),
        uri=address,
        url=address,
        created_at=timestamp(ids.created_at(post.id)),
        edited_at=timestamp(post.edited_at) if post.edited_at else None,
        account=author,
        content=rendered.html,
        visibility=VISIBILITY[post.visibility],
        sensitive=post.shown_sensitive,
        spoiler_text=post.spoiler_text,
        media_attachments=[post_parts.media_attachment(addresses, attachment) for attachment in rendered.details.media],
        application=_application(post, rendered.details.imported_from),
        mentions=[mention(addresses, mentioned) for mentioned in rendered.details.mentions],
        tags=[_tag(addresses, name) for name in rendered.tags],
        emojis=[post_parts.emoji(addresses, emoji) for emoji in rendered.details.emojis],
        reblogs_count=0,
        favourites_count=0,
        replies_count=0,
        quotes_count=0,
        in_reply_to_id=None,
        in_reply_to_account_id=str(post.in_reply_to_account_id) if post.in_reply_to_account_id else None,
        reblog=None,
        poll=None,
        card=post_parts.card(addresses, rendered.details.card),
        language=post.language,
        quote=None,
        quote_approval=_NOBODY,
        reply_approval=post_parts.reply_approval(post, None),
        expires_at=timestamp(post.expires_at) if post.expires_at is not None else None,
        tagged_collections=[],
    )


def mention(addresses: Addresses, mentioned: Mentioned) -> Mention:
    """Return somebody who is named in a text."""
    page = addresses.profile(mentioned.username)
    return Mention(id=str(mentioned.account_id), username=mentioned.username, url=page, acct=mentioned.username)


def _tag(addresses: Addresses, name: str) -> StatusTag:
    return StatusTag(name=name, url=addresses.tag(text.hashtag_key(name)))


def _boost(core: Core, post: Post, author: account_schemas.Account, original: Status) -> Status:
    """Return the boost of a post: the booster's name around the original and its counts."""
    address = core.addresses.post(author.username, post.id)
    return msgspec.structs.replace(
        original,
        id=str(post.id),
        uri=address,
        url=address,
        created_at=timestamp(ids.created_at(post.id)),
        edited_at=None,
        account=author,
        content="",
        visibility=VISIBILITY[post.visibility],
        application=_application(post, ""),
        in_reply_to_id=None,
        in_reply_to_account_id=None,
        mentions=[],
        tags=[],
        pinned=UNSET,
        reblog=original,
    )


def _application(post: Post, imported_from: str) -> StatusApplication | None:
    """Return what a post was written with, or where, if it was elsewhere."""
    if imported_from:
        return StatusApplication(name=f"Imported from {SOURCES.get(imported_from, imported_from)}", website=None)
    if post.application_name is None:
        return None
    return StatusApplication(name=post.application_name, website=post.application_website)
