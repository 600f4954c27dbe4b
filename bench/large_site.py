"""Filling a database with a site of any size, row by row as a restore does: people, follows, posts and what follows.

Few have most followers and write most posts, as on every site. The same size is always the same site.
"""

import random
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec
import workloads
from sqlalchemy import text

from twite_common import clock, ids, migrations
from twite_common.backups import bulk
from twite_common.database import Connection, Database
from twite_common.post_details import Attachment, Details
from twite_common.services.identity import tokens

FOLLOWS, POSTS, FAVOURITES = 30, 10, 3
"""For each account: whom it follows, and what it wrote; for each post: who favourited it."""
DAYS = 360
"""Over how long the posts were written."""
READERS = 20
"""Accounts that ask; each has a home timeline and notifications."""
TAGGED, WITH_MEDIA = 7, 10
"""One post in so many has a hashtag, or a picture."""
RARE = "ortolan"
"""A word that stands in ten posts only."""
WORDS = (
    *("the", "finch", "sings", "over", "heath", "and", "moor", "while", "rain", "falls", "on", "quiet", "stone"),
    *("walls", "small", "birds", "gather", "seeds", "before", "winter", "comes", "down", "from", "north"),
)
FILL_TIMELINE = text(
    "INSERT INTO home_timeline (account_id, post_id) SELECT :reader_id, post.id FROM post JOIN follow"
    " ON follow.followee_id = post.account_id WHERE follow.follower_id = :reader_id ORDER BY post.id DESC LIMIT 800"
)

Rows = Iterator[Sequence[object]]
Progress = Callable[[Rows, int, str], Rows]


@dataclass
class Plan:
    """Who is there, who follows whom, and who wrote what, by numbers; account 0 has the most followers."""

    accounts: int
    now: int
    chance: random.Random = field(default_factory=lambda: random.Random(5))
    followees: "array[int]" = field(default_factory=lambda: array("q"))
    authors: "array[int]" = field(default_factory=lambda: array("q"))
    followers_counts: Counter[int] = field(default_factory=Counter)
    posts_counts: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for follower in range(self.accounts):
            drawn = {int(self.chance.random() ** 4 * self.accounts) for _ in range(FOLLOWS)} - {follower}
            self.followees.extend([*drawn, *[-1] * (FOLLOWS - len(drawn))])
            self.followers_counts.update(drawn)
        self.authors.extend(int(self.chance.random() ** 2 * self.accounts) for _ in range(self.accounts * POSTS))
        self.posts_counts.update(self.authors)

    def account_id(self, number: int) -> int:
        """Return the id of an account: the first one is the oldest."""
        return ids.first_at(self.now - (DAYS + 30) * clock.DAY) + number * 16

    def post_id(self, number: int) -> int:
        """Return the id of a post: they were written at even distances."""
        return ids.first_at(self.now - DAYS * clock.DAY + number * DAYS * clock.DAY // len(self.authors))

    def readers(self) -> list[int]:
        """Return the accounts that ask; the first one has the most followers."""
        return [number * (self.accounts // READERS) for number in range(READERS)]

    def follows(self, follower: int) -> list[int]:
        """Return whom an account follows."""
        return [number for number in self.followees[follower * FOLLOWS : (follower + 1) * FOLLOWS] if number >= 0]


def build(database: Database, accounts: int, progress: Progress) -> workloads.Data:
    """Fill an empty database with so many accounts, and return who asks for what."""
    plan = Plan(accounts, clock.now())
    migrations.upgrade(database.url)
    with bulk.filling(database.url) as db:
        for table, columns, rows, number in _tables(plan):
            bulk.fill(db, table, columns, progress(rows, number, table))
    with database.writing() as db:
        made = [_reader(db, plan, number) for number in plan.readers()]
    newest = [str(plan.post_id(number)) for number in range(len(plan.authors) - 200, len(plan.authors))]
    return workloads.Data(
        names=[f"user{number}" for number in plan.readers()],
        ids=[str(plan.account_id(number)) for number in plan.readers()],
        tokens=made,
        posts=newest,
    )


def _reader(db: Connection, plan: Plan, number: int) -> str:
    """Fill the home timeline of an account that asks, and return a token of its own."""
    account_id = plan.account_id(number)
    db.execute(FILL_TIMELINE, {"reader_id": account_id})
    scopes = "read write follow"
    return tokens.create_personal(db, now=plan.now, account_id=account_id, name="bench", scopes=scopes)


def _tables(plan: Plan) -> Iterator[tuple[str, list[str], Rows, int]]:
    """Give each table with its columns, its rows and how many these are, in an order that references allow."""
    accounts, posts = plan.accounts, len(plan.authors)
    named = ["id", "username", "username_key", "display_name", "bio", "discoverable", "indexable"]
    yield (
        "account",
        [*named, "followers_count", "following_count", "posts_count", "last_post_at"],
        _accounts(plan),
        accounts,
    )
    yield "preferences", ["account_id"], ((plan.account_id(n),) for n in range(accounts)), accounts
    known = ["account_id", "email", "email_key", "password_hash", "confirmed_at", "approved_at"]
    yield "credentials", known, _credentials(plan), accounts
    yield "follow", ["follower_id", "followee_id", "id"], _follows(plan), sum(plan.followers_counts.values())
    yield "tag", ["id", "name", "name_key"], ((n + 1, word, word) for n, word in enumerate(WORDS)), len(WORDS)
    written = ["id", "account_id", "text", "visibility", "conversation_id", "language", "details", "favourites_count"]
    yield "post", written, _posts(plan), posts
    yield "post_tag", ["tag_id", "post_id"], _tags(plan), posts // TAGGED
    attached = ["id", "account_id", "post_id", "kind", "file", "preview", "attached_at"]
    yield "media", attached, _media(plan), posts // WITH_MEDIA
    yield "favourite", ["account_id", "post_id", "id"], _favourites(plan), posts * FAVOURITES
    told = ["id", "account_id", "kind", "from_account_id", "post_id", "group_key"]
    yield "notification", told, _notifications(plan), posts * FAVOURITES


def _accounts(plan: Plan) -> Rows:
    last = dict(zip(plan.authors, range(len(plan.authors)), strict=True))
    for n in range(plan.accounts):
        name, followers = f"user{n}", plan.followers_counts[n]
        last_post_at = ids.created_at(plan.post_id(last[n])) if n in last else None
        counts = (followers, len(plan.follows(n)), plan.posts_counts[n], last_post_at)
        bio = f"Bio of person {n}, who likes birds."
        yield plan.account_id(n), name, name, f"Person {n}", bio, n % 2 == 0, True, *counts


def _credentials(plan: Plan) -> Rows:
    for n in range(plan.accounts):
        email = f"user{n}@example.com"
        yield plan.account_id(n), email, email, "x", plan.now, plan.now


def _follows(plan: Plan) -> Rows:
    first = ids.first_at(plan.now - clock.DAY)
    for follower in range(plan.accounts):
        for place, followee in enumerate(plan.follows(follower)):
            yield plan.account_id(follower), plan.account_id(followee), first + (follower * FOLLOWS + place) * 16


def _posts(plan: Plan) -> Rows:
    rare = len(plan.authors) // 10
    for n, author in enumerate(plan.authors):
        words = plan.chance.choices(WORDS, k=8 + n % 35)
        if n % TAGGED == 0:
            words.append("#" + WORDS[n // TAGGED % len(WORDS)])
        if n % rare == 0:
            words.append(RARE)
        details = "{}" if n % WITH_MEDIA else _with_picture(n)
        id = plan.post_id(n)
        yield id, plan.account_id(author), f"{' '.join(words)} n{n}", "public", id, "en", details, FAVOURITES


def _with_picture(number: int) -> str:
    attachment = Attachment(id=number + 1, kind="image", file="00/a.webp", preview="00/b.webp")
    return msgspec.json.encode(Details(media=(attachment,))).decode()


def _tags(plan: Plan) -> Rows:
    for n in range(0, len(plan.authors) - TAGGED + 1, TAGGED):
        yield n // TAGGED % len(WORDS) + 1, plan.post_id(n)


def _media(plan: Plan) -> Rows:
    for n in range(0, len(plan.authors), WITH_MEDIA):
        author = plan.account_id(plan.authors[n])
        yield n + 1, author, plan.post_id(n), "image", "00/a.webp", "00/b.webp", plan.now


def _favouriting(plan: Plan) -> Iterator[tuple[int, int, int]]:
    """Give who favourited which post, by numbers, and the id of that; the newest posts were favourited last."""
    first = ids.first_at(plan.now - clock.DAY) + 8
    for n in range(len(plan.authors)):
        for place in range(FAVOURITES):
            yield (n * 7 + place * 11) % plan.accounts, n, first + (n * FAVOURITES + place) * 16


def _favourites(plan: Plan) -> Rows:
    for who, n, id in _favouriting(plan):
        yield plan.account_id(who), plan.post_id(n), id


def _notifications(plan: Plan) -> Rows:
    for who, n, id in _favouriting(plan):
        post_id = plan.post_id(n)
        yield id, plan.account_id(plan.authors[n]), "favourite", plan.account_id(who), post_id, f"favourite-{post_id}-1"
