"""What happened since somebody was here last: by whom they follow, and by what many of those took up.

Looked at is the home timeline, so that what isn't shown there isn't shown here; only as much of it as `MAX_LOOKED_AT`
says, so that it costs no more after a month than after a week.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Text,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    union,
    union_all,
)

from twite_common import clock, ids, post_details, text
from twite_common.filtering import Matcher
from twite_common.post_details import Card
from twite_common.queries.paging import LIMIT
from twite_common.queries.timelines import catch_up_rules, visits
from twite_common.queries.timelines.catch_up_rules import HASHTAGS, LINKS, NO_ANSWERS, PEOPLE, TAKEN_UP
from twite_common.queries.timelines.tags import Tag
from twite_common.queries.timelines.timelines import FOLLOWED, IN_EXCLUSIVE_LIST
from twite_common.queries.timelines.trends import CARD
from twite_common.sql.dialects import among
from twite_common.sql.types import AnySelect
from twite_common.tables import card, favourite, follow, home_timeline, poll, post, post_tag, tag
from twite_common.tables.posts import MERGED
from twite_common.visibility import VIEWER, names_wanted, present, visible, wanted

MAX_MS = 7 * clock.DAY
"""How far back one catches up, however long one was away."""
MAX_LOOKED_AT = 400
"""Entries of the home timeline that are looked at, the latest ones."""
MAX_PEOPLE, MAX_BEST = 20, 3
"""People who are shown, and posts of each."""
MAX_TAKEN_UP, MAX_HASHTAGS, MAX_LINKS, MAX_WITH = 10, 8, 8, 3
"""What many took up that is shown, and for hashtags and links the posts with each."""
MANY = 2
"""People who make something one that many took up."""
MAX_CANDIDATES, MAX_REACTIONS = 30, 50
"""Posts of which is asked who took them up, and how many of the latest boosts and favourites of each are looked at."""
MAX_TAGS_READ = 1600

ANSWER_WEIGHT, BOOST_WEIGHT, FAVOURITE_WEIGHT = 1, 2, 1


class LookedAt(msgspec.Struct, frozen=True, gc=False):
    """An entry of the home timeline. Counts, card and quoted post are those of what is boosted, if anything is.

    `boosts` and `languages` say what the viewer wants of whoever posted it; None where they don't follow them. `shown`
    says that they may see it, and have muted nobody concerned.
    """

    id: int
    account_id: int
    boost_of_id: int | None
    author_id: int
    in_reply_to_id: int | None
    in_reply_to_account_id: int | None
    language: str | None
    quote_of_id: int | None
    card_id: int | None
    replies_count: int
    boosts_count: int
    favourites_count: int
    boosts: bool | None
    languages: str | None
    shown: bool

    @property
    def target_id(self) -> int:
        """Id of the post, or of what it boosts."""
        return self.boost_of_id or self.id

    @property
    def score(self) -> int:
        """How much was made of it."""
        counts = (self.replies_count, self.boosts_count, self.favourites_count)
        weights = (ANSWER_WEIGHT, BOOST_WEIGHT, FAVOURITE_WEIGHT)
        return sum(count * weight for count, weight in zip(counts, weights, strict=True))

    @property
    def answers_another(self) -> bool:
        """Whether it is an answer to somebody else's post."""
        return self.in_reply_to_account_id not in {None, self.account_id}

    @property
    def belongs(self) -> bool:
        """Whether the viewer sees it, follows who posted it, and wants such posts of them."""
        if not self.shown or self.boosts is None or (self.boost_of_id is not None and not self.boosts):
            return False
        return self.languages is None or self.language is None or f",{self.language}," in self.languages


class PersonsPosts(msgspec.Struct, frozen=True):
    """Somebody's posts: how many, and the ids of the best, the best first."""

    account_id: int
    posts_count: int
    best_ids: list[int]


class TakenUp(msgspec.Struct, frozen=True):
    """A post that several took up, and who did what."""

    post_id: int
    boosted_by: list[int]
    favourited_by: list[int]
    answered_by: list[int]

    @property
    def account_ids(self) -> list[int]:
        """Ids of those who took it up, each once."""
        return list(dict.fromkeys([*self.boosted_by, *self.favourited_by, *self.answered_by]))


class Shared(msgspec.Struct, frozen=True):
    """Who used a hashtag or shared a link, in how many posts, and the ids of the latest of these."""

    account_ids: list[int]
    posts_count: int
    latest_ids: list[int]


class CatchUp(msgspec.Struct, frozen=True):
    """What happened since `since_at`, in milliseconds. What is beyond a limit is only counted, or said to be there.

    `has_more` says that not all posts since then were looked at, `more_people_count` how many posted, too.
    """

    since_at: int
    posts_count: int
    has_more: bool
    people: list[PersonsPosts]
    more_people_count: int
    taken_up: list[TakenUp]
    hashtags: list[tuple[Tag, Shared]]
    links: list[tuple[Card, Shared]]
    rules: frozenset[str]


_FIRST = bindparam("first_id", type_=BigInteger)
_original = post.alias("caught_original")


def _newest(ids: AnySelect, id: ColumnElement[int]) -> AnySelect:
    return select(ids.where(id >= _FIRST).order_by(id.desc()).limit(LIMIT).subquery().c.id)


# Cut before anything is asked of the posts, so that not more than that is read, whatever is left of it.
_parts = union(
    _newest(
        select(home_timeline.c.post_id.label("id")).where(home_timeline.c.account_id == VIEWER),
        home_timeline.c.post_id,
    ),
    _newest(select(post.c.id).where(MERGED, post.c.account_id.in_(FOLLOWED)), post.c.id),
).subquery("parts")
_home = select(_parts.c.id).order_by(_parts.c.id.desc()).limit(LIMIT).subquery("home")


def _of_target(name: str) -> ColumnElement[int]:
    return func.coalesce(_original.c[name], post.c[name])


_NOT_MUTED = and_(
    wanted(post.c.account_id, _original.c.account_id), names_wanted(func.coalesce(post.c.boost_of_id, post.c.id))
)
LOOKED_AT = (
    select(
        post.c.id,
        post.c.account_id,
        post.c.boost_of_id,
        _of_target("account_id"),
        post.c.in_reply_to_id,
        post.c.in_reply_to_account_id,
        _of_target("language"),
        *[_of_target(name) for name in LookedAt.__struct_fields__[7:12]],
        follow.c.boosts,
        follow.c.languages,
        and_(visible(post), or_(_original.c.id.is_(None), visible(_original)), ~IN_EXCLUSIVE_LIST, _NOT_MUTED),
    )
    .select_from(_home)
    .join(post, post.c.id == _home.c.id)
    .outerjoin(_original, _original.c.id == post.c.boost_of_id)
    .outerjoin(follow, and_(follow.c.follower_id == VIEWER, follow.c.followee_id == post.c.account_id))
    .order_by(_home.c.id.desc())
)
TEXTS = (
    select(post.c.id, post.c.spoiler_text, post.c.text, post.c.details, poll.c.options)
    .outerjoin(poll, poll.c.post_id == post.c.id)
    .where(among(post.c.id, "ids"))
)
_candidate, _boost = post.alias("candidate"), post.alias("boost")
_later_favourite, _later_boost = favourite.alias("later_favourite"), post.alias("later_boost")


def _reactions(kind: str, reactions: FromClause, account_id: ColumnElement[int]) -> AnySelect:
    """Return who of those that the viewer follows did something to the candidates."""
    followed = and_(follow.c.follower_id == VIEWER, follow.c.followee_id == account_id)
    return (
        select(_candidate.c.id, literal(kind, Text).label("kind"), account_id.label("account_id"))
        .select_from(reactions.join(follow, followed))
        .where(among(_candidate.c.id, "ids"), present(account_id), wanted(account_id))
    )


def _latest(ids: AnySelect, id: ColumnElement[int]) -> ColumnElement[int]:
    """Return the id from which on a candidate's reactions are looked at: an index leads there."""
    nth = ids.order_by(id.desc()).limit(1).offset(MAX_REACTIONS - 1).correlate(_candidate).scalar_subquery()
    return func.coalesce(nth, 0)


_nth_boost = _latest(select(_later_boost.c.id).where(_later_boost.c.boost_of_id == _candidate.c.id), _later_boost.c.id)
_nth_favourite = _latest(
    select(_later_favourite.c.id).where(_later_favourite.c.post_id == _candidate.c.id), _later_favourite.c.id
)
_boosts = _candidate.join(
    _boost, and_(_boost.c.boost_of_id == _candidate.c.id, _boost.c.id >= _nth_boost, _boost.c.id >= _FIRST)
)
_favourites = _candidate.join(
    favourite,
    and_(favourite.c.post_id == _candidate.c.id, favourite.c.id >= _nth_favourite, favourite.c.id >= _FIRST),
)
REACTIONS = union_all(
    _reactions("boost", _boosts, _boost.c.account_id).where(follow.c.boosts, visible(_boost)),
    _reactions("favourite", _favourites, favourite.c.account_id),
)
TAGGED = (
    select(post_tag.c.post_id, tag.c.id, tag.c.name_key, tag.c.name)
    .join(tag, tag.c.id == post_tag.c.tag_id)
    .where(among(post_tag.c.post_id, "ids"), tag.c.listable, tag.c.usable)
    .limit(MAX_TAGS_READ)
)
CARDS = select(*CARD).where(among(card.c.id, "ids"), card.c.state == "ready")


def catch_up(db: Connection, *, viewer_id: int, now: int, filters: Matcher, since_at: int | None = None) -> CatchUp:
    """Return what happened since the viewer was here last, or since another time, in milliseconds.

    `filters` are the viewer's: what they hide in the home timeline isn't counted either.
    """
    rules = catch_up_rules.of_account(db, viewer_id)
    left_at = visits.of_account(db, viewer_id).left_at(now) if since_at is None else since_at
    begin = min(max(left_at, now - MAX_MS), now)
    first_id = ids.first_at(begin)
    looked_at = _looked_at(db, viewer_id, first_id, now)
    has_more = left_at < begin or len(looked_at) > MAX_LOOKED_AT
    entries = _unfiltered(db, [entry for entry in looked_at[:MAX_LOOKED_AT] if entry.belongs], filters, now)
    taken_up = _taken_up(db, entries, viewer_id, first_id, now) if TAKEN_UP in rules else []
    posts = [entry for entry in entries if entry.boost_of_id is None]
    if NO_ANSWERS in rules:
        posts = [entry for entry in posts if not entry.answers_another]
    people = _people(posts, {one.post_id for one in taken_up}) if PEOPLE in rules else []
    return CatchUp(
        since_at=begin,
        posts_count=len(posts),
        has_more=has_more,
        people=people[:MAX_PEOPLE],
        more_people_count=max(len(people) - MAX_PEOPLE, 0),
        taken_up=taken_up,
        hashtags=_hashtags(db, posts) if HASHTAGS in rules else [],
        links=_links(db, posts) if LINKS in rules else [],
        rules=rules,
    )


def _looked_at(db: Connection, viewer_id: int, first_id: int, now: int) -> list[LookedAt]:
    parameters = {"viewer_id": viewer_id, "now": now, "first_id": first_id, "limit": MAX_LOOKED_AT + 1}
    return [LookedAt(*row) for row in db.execute(LOOKED_AT, parameters)]


def _unfiltered(db: Connection, entries: list[LookedAt], filters: Matcher, now: int) -> list[LookedAt]:
    """Return the entries that the viewer's filters don't hide at home."""
    if not filters.hides("home", now=now):
        return entries
    targets = {entry.target_id: entry for entry in entries}
    hidden = set()
    for id, spoiler_text, written, details, options in db.execute(TEXTS, {"ids": list(targets)}):
        texts = [spoiler_text, text.visible(written)]
        texts += [media.description for media in post_details.decode(details).media if media.description]
        if options is not None:
            texts += [title for title, _ in msgspec.json.decode(options, type=list[tuple[str, int]])]
        named = [id, quoted_id] if (quoted_id := targets[id].quote_of_id) else [id]
        matches = filters.matches(texts, named, now=now)
        if any(match.filter.action == "hide" and "home" in match.filter.contexts for match in matches):
            hidden.add(id)
    return [entry for entry in entries if entry.target_id not in hidden]


def _people(posts: Iterable[LookedAt], shown: Collection[int]) -> list[PersonsPosts]:
    """Return who posted, the authors of the best first; posts that are `shown` elsewhere are counted only."""
    by_person: dict[int, list[LookedAt]] = defaultdict(list)
    for one in posts:
        by_person[one.account_id].append(one)
    ranked = [sorted(own, key=_rank, reverse=True) for own in by_person.values()]
    ranked.sort(key=lambda own: _rank(own[0]), reverse=True)
    return [
        PersonsPosts(
            account_id=own[0].account_id,
            posts_count=len(own),
            best_ids=[one.id for one in own if one.id not in shown][:MAX_BEST],
        )
        for own in ranked
    ]


def _rank(entry: LookedAt) -> tuple[int, int]:
    return (entry.score, entry.id)


def _taken_up(db: Connection, entries: Sequence[LookedAt], viewer_id: int, first_id: int, now: int) -> list[TakenUp]:
    """Return the posts that many took up, those that most did first. The viewer's own they are notified of."""
    targets = {entry.target_id: entry for entry in entries if entry.author_id != viewer_id and entry.score >= MANY}
    candidates = dict(sorted(targets.items(), key=lambda one: (one[1].score, one[0]), reverse=True)[:MAX_CANDIDATES])
    if not candidates:
        return []
    by_kind: dict[tuple[int, str], list[int]] = defaultdict(list)
    parameters = {"ids": list(candidates), "viewer_id": viewer_id, "first_id": first_id, "now": now}
    reactions = [tuple(row) for row in db.execute(REACTIONS, parameters)]
    # An answer that the viewer may see by somebody they follow stands in their home timeline.
    reactions += [(entry.in_reply_to_id, "answer", entry.account_id) for entry in entries if entry.in_reply_to_id]
    for post_id, kind, account_id in reactions:
        if post_id in candidates and account_id != candidates[post_id].author_id:
            by_kind[post_id, kind].append(account_id)
    found = [
        TakenUp(id, *[list(dict.fromkeys(by_kind[id, kind])) for kind in ("boost", "favourite", "answer")])
        for id in candidates
    ]
    many = [one for one in found if len(one.account_ids) >= MANY]
    many.sort(key=lambda one: (len(one.account_ids), candidates[one.post_id].score, one.post_id), reverse=True)
    return many[:MAX_TAKEN_UP]


def _hashtags(db: Connection, posts: Iterable[LookedAt]) -> list[tuple[Tag, Shared]]:
    by_id = {one.id: one for one in posts}
    if not by_id:
        return []
    names: dict[int, Tag] = {}
    uses: dict[int, list[LookedAt]] = defaultdict(list)
    for post_id, tag_id, name_key, name in db.execute(TAGGED, {"ids": list(by_id)}):
        names[tag_id] = Tag(tag_id, name_key, name)
        uses[tag_id].append(by_id[post_id])
    return [(names[id], shared) for id, shared in _shared_by_many(uses)[:MAX_HASHTAGS]]


def _links(db: Connection, posts: Iterable[LookedAt]) -> list[tuple[Card, Shared]]:
    uses: dict[int, list[LookedAt]] = defaultdict(list)
    for one in posts:
        if one.card_id is not None:
            uses[one.card_id].append(one)
    shared = _shared_by_many(uses)[:MAX_LINKS]
    if not shared:
        return []
    cards = {row[0]: Card(*row) for row in db.execute(CARDS, {"ids": [id for id, _ in shared]})}
    return [(cards[id], one) for id, one in shared if id in cards]


def _shared_by_many(uses: Mapping[int, Sequence[LookedAt]]) -> list[tuple[int, Shared]]:
    """Return what at least so many used, what most did first."""
    found = []
    for id, posts in uses.items():
        newest_first = sorted(posts, key=lambda one: one.id, reverse=True)
        account_ids = list(dict.fromkeys(one.account_id for one in newest_first))
        if len(account_ids) >= MANY:
            found.append((id, Shared(account_ids, len(posts), [one.id for one in newest_first[:MAX_WITH]])))
    return sorted(found, key=lambda one: (len(one[1].account_ids), one[1].posts_count, one[0]), reverse=True)
