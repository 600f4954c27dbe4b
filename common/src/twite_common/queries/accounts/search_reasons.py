"""Why a search for posts found nothing: which part of it excluded everything, or what can't be found at all."""

import msgspec
from sqlalchemy import Connection

from twite_common import ids
from twite_common.queries.accounts import accounts
from twite_common.queries.paging import Page
from twite_common.queries.timelines import search, search_terms
from twite_common.queries.timelines.search import Bounds
from twite_common.queries.timelines.search_terms import Terms
from twite_common.queries.usernames import ids_by_username
from twite_common.translations import gettext as _

MAX_TRIED = 5
"""Parts of a query without which it is tried again; each is a search for one post."""

SURE = frozenset({"unknown_person", "impossible_period", "future"})
"""Codes of reasons that leave no need to look for others."""


class Reason(msgspec.Struct, frozen=True):
    """Why nothing was found: a code for programs, a sentence for people, and the part of the query that it is about."""

    code: str
    sentence: str
    part: str = ""


def reasons(
    db: Connection,
    query: str,
    *,
    viewer_id: int | None,
    now: int,
    place: str | None = None,
    folder_id: int | None = None,
) -> list[Reason]:
    """Return why a query that found no posts did so, the surest reasons first.

    `place` is where was searched whatever the query says: "bookmarks", with `folder_id` in one folder of them.
    """
    terms = search_terms.parse(query)
    if terms is None:
        return [_nothing_sought(query)]
    if viewer_id is None:
        return [Reason("signed_out", _("Log in to search posts: only members find them by their words."))]
    found = [*_period(terms, now), *_people(db, terms, viewer_id)]
    if not any(reason.code in SURE for reason in found):
        bounds = Bounds(Page(limit=1), folder_id=folder_id)
        found += [_excluded_by(piece) for piece in _excluding(db, query, place, bounds, viewer_id)]
    return [*found, _place(place or terms.place)]


def _nothing_sought(query: str) -> Reason:
    pieces = search_terms.pieces(query)
    if any(piece.startswith("-") and len(piece) > 1 for piece in pieces):
        return Reason("only_excluded", _("Say also what you look for, not only what to leave out."))
    if any(any(character.isalnum() for character in piece) for piece in pieces):
        return Reason("nothing_sought", _("Add a word to look for."))
    return Reason("no_letters", _("A search needs letters or digits: signs and emojis alone can't be found."))


def _period(terms: Terms, now: int) -> list[Reason]:
    if terms.first_id > terms.last_id:
        return [
            Reason(
                "impossible_period", _("No day is in all of the periods you gave: check before:, after: and during:.")
            )
        ]
    if terms.first_id > ids.first_at(now):
        return [Reason("future", _("The period you gave lies in the future."))]
    return []


def _people(db: Connection, terms: Terms, viewer_id: int) -> list[Reason]:
    """Return what is wrong with the people named by from:."""
    names = {name: name.partition("@")[0] for name in terms.authors if name != "me"}
    by_name = ids_by_username(db, names.values())
    known = accounts.load(db, [id for id, _username in by_name.values()])
    found = []
    for name, plain in names.items():
        if plain not in by_name:
            sentence = _("There is nobody called %(name)s here.", name=name)
            found.append(Reason("unknown_person", sentence, f"from:{name}"))
        elif (id := by_name[plain][0]) != viewer_id and not known[id].indexable:
            sentence = _(
                "%(name)s doesn't want to be found by words: only posts that you had to do with are.", name=name
            )
            found.append(Reason("unsearchable_person", sentence, f"from:{name}"))
    return found


def _excluding(db: Connection, query: str, place: str | None, bounds: Bounds, viewer_id: int) -> list[str]:
    """Return the parts of a query without each of which something is found."""
    pieces = search_terms.pieces(query)
    excluding = []
    for index, piece in enumerate(pieces[:MAX_TRIED] if len(pieces) > 1 else []):
        terms = search_terms.parse(" ".join(pieces[:index] + pieces[index + 1 :]))
        if terms is None:
            continue
        terms = msgspec.structs.replace(terms, place=place or terms.place)
        if search.posts(db, terms, bounds, viewer_id=viewer_id):
            excluding.append(piece)
    return excluding


def _excluded_by(piece: str) -> Reason:
    return Reason("excluded_by", _("Without “%(part)s” there are results.", part=piece), piece)


def _place(place: str) -> Reason:
    """Return which posts were searched at all."""
    match place:
        case "library":
            sentence = _("Only your own posts and those that you had to do with were searched.")
        case "public":
            sentence = _("Only public posts of people who want to be found by words were searched.")
        case "bookmarks":
            sentence = _("Only your bookmarks were searched.")
        case _:
            sentence = _(
                "Only your own posts, those that you had to do with, and public posts of people who want to be found by"
                " words were searched."
            )
    return Reason(f"searched_{place}", sentence)
