"""Posts that their authors wrote elsewhere: kept under their old dates, silently, and each once.

Nobody is told of them, they name nobody, are put into no timeline, and have no link previews. Their ids lie where their
dates do, so a profile and its statistics show them in their place. The site's rules for content count for them as for
what is written here, except that nothing is held: what would be doesn't come.
"""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, Text, bindparam, case, exists, insert, select, update

from twite_common import clock, ids, text
from twite_common.post_details import Attachment
from twite_common.queries.posts import emojis as emoji_queries
from twite_common.services import rate_counts
from twite_common.services.posts import (
    content_rules,
    media,
    post_checks,
    post_details,
    post_names,
    posts,
    quotes,
)
from twite_common.services.posts.content_rules import Verdict, Written
from twite_common.services.posts.post_checks import Author
from twite_common.services.rate_counts import Counted
from twite_common.settings import Settings
from twite_common.sql.dialects import among
from twite_common.tables import account, imported_post, post
from twite_common.visibility import FOR_EVERYBODY

MAX_CHARACTERS = 10_000
"""Characters of an imported text, as Python counts them: more than this site's limit, but not without one."""
MAX_BYTES = 32 * 1024
MAX_SPOILER_CHARACTERS = 500
MAX_NAME_CHARACTERS = 500
"""Characters of what a post is called where it comes from."""
A_DAY = 10_000
"""Posts that an account may import in a day."""
RECENT_MS = 7 * clock.DAY
"""Younger posts aren't shown in public lists, nor counted for trends, whatever their visibility was."""
EARLIEST = clock.DAY
"""No post is older than this, in milliseconds since the epoch: what says so has no date."""

KNOWN = select(imported_post.c.source_id, imported_post.c.post_id).where(
    imported_post.c.account_id == bindparam("of_account_id", type_=BigInteger),
    imported_post.c.source == bindparam("of_source", type_=Text),
    among(imported_post.c.source_id, "source_ids"),
)
ANSWERED = select(
    post.c.id, post.c.conversation_id, post.c.reply_policy, post.c.reply_policy_account_id, post.c.visibility
).where(post.c.id == bindparam("answered_id", type_=BigInteger))
TAKEN = select(exists().where(post.c.id == bindparam("the_id", type_=BigInteger)))
ADD = insert(post)
ADD_ORIGIN = insert(imported_post)
_LAST = bindparam("last_at", type_=BigInteger)
COUNT = (
    update(account)
    .where(account.c.id == bindparam("author_id", type_=BigInteger))
    .values(
        posts_count=account.c.posts_count + bindparam("number", type_=BigInteger),
        last_post_at=case(
            (account.c.last_post_at.is_(None), _LAST),
            (account.c.last_post_at < _LAST, _LAST),
            else_=account.c.last_post_at,
        ),
        version=account.c.version + 1,
    )
)
OWN = select(post.c.id).where(among(post.c.id, "ids"), post.c.account_id == bindparam("author_id", type_=BigInteger))


class ImportedPost(msgspec.Struct, frozen=True, kw_only=True):
    """A post as it was elsewhere. `at` is in milliseconds; `answered_source_id` is the author's own earlier post."""

    source_id: str
    at: int
    text: str
    spoiler_text: str = ""
    visibility: str = "public"
    sensitive: bool = False
    language: str = ""
    answered_source_id: str = ""


def cut(body: str) -> tuple[str, bool]:
    """Return a text as it is kept, and whether its end is left out."""
    body = text.clean(text.mended(body))
    kept = body[:MAX_CHARACTERS].encode()[:MAX_BYTES].decode(errors="ignore")
    return (body, False) if kept == body else (f"{kept[:-1].rstrip()}…", True)


def cut_line(spoiler: str) -> str:
    """Return a content warning as it is kept."""
    return text.clean_line(text.mended(spoiler))[:MAX_SPOILER_CHARACTERS]


def is_name(source_id: str) -> bool:
    """Say whether a post can be called so where it comes from, and here."""
    return 0 < len(source_id) <= MAX_NAME_CHARACTERS and text.storable(source_id) == source_id


def described(description: str) -> str:
    """Return what an attachment is described with, as it is kept: without its end where that is too long."""
    kept = text.clean(text.mended(description))[: media.MAX_DESCRIPTION_LENGTH]
    while text.excess(kept, media.MAX_DESCRIPTION_LENGTH):
        kept = kept[: len(kept) // 2]
    return kept


def known(
    db: Connection, settings: Settings, *, account_id: int, source: str, source_ids: Collection[str]
) -> dict[str, int]:
    """Return those of the posts from a source that an account has here, by what they are called there.

    Posts of this site itself are called by their addresses: those of the account that are still here count.
    """
    if not source_ids:
        return {}
    parameters = {"of_account_id": account_id, "of_source": source, "source_ids": list(source_ids)}
    imported = {row.source_id: row.post_id for row in db.execute(KNOWN, parameters)}
    here = f"{settings.base_url.rstrip('/')}/@"
    written = {one: ids.parse(one.rpartition("/")[2]) or 0 for one in source_ids if one.startswith(here)}
    if written:
        own = set(db.scalars(OWN, {"ids": list(written.values()), "author_id": account_id}))
        imported |= {one: post_id for one, post_id in written.items() if post_id in own}
    return imported


def kept_back(
    db: Connection, *, now: int, account_id: int, described_posts: Sequence[tuple[ImportedPost, Sequence[str]]]
) -> set[str]:
    """Return what those posts are called that the site's rules for content keep back, given what their media show."""
    author = post_checks.author_of_posts(db, account_id)
    verdicts = _judge(db, author, described_posts, now=now, account_id=account_id)
    return {
        new.source_id for (new, _shown), verdict in zip(described_posts, verdicts, strict=True) if _keeps_back(verdict)
    }


def may_bring(db: Connection, settings: Settings, *, account_id: int, now: int) -> bool:
    """Say whether an account may import more posts today."""
    return settings.rate_limits != "on" or _counted(db, account_id, 0, now) < A_DAY


def add(
    db: Connection,
    settings: Settings,
    *,
    now: int,
    account_id: int,
    import_id: int,
    source: str,
    posts_with_media: Sequence[tuple[ImportedPost, Sequence[Attachment]]],
) -> int:
    """Keep posts that aren't here yet, answers after what they answer, and return how many there were.

    Those aren't among them that rules for content keep back.
    """
    author = post_checks.author_of_posts(db, account_id)
    wanted = {new.source_id for new, _media in posts_with_media}
    answered = {new.answered_source_id for new, _media in posts_with_media if new.answered_source_id}
    there = known(db, settings, account_id=account_id, source=source, source_ids=wanted | answered)
    said = [(new, [attachment.description for attachment in attachments]) for new, attachments in posts_with_media]
    verdicts = _judge(db, author, said, now=now, account_id=account_id)
    latest = number = 0
    for (new, attachments), verdict in zip(posts_with_media, verdicts, strict=True):
        if new.source_id in there or _keeps_back(verdict):
            continue
        if verdict.action == "limit":
            new = msgspec.structs.replace(new, visibility=posts.LIMITED.get(new.visibility, new.visibility))  # noqa: PLW2901
        post_id = _write(db, settings, author, new, attachments, there, now=now, account_id=account_id, source=source)
        content_rules.report(db, verdict, [post_id], author_id=account_id, now=now)
        origin = {"post_id": post_id, "account_id": account_id, "import_id": import_id}
        db.execute(ADD_ORIGIN, origin | {"source": source, "source_id": new.source_id})
        there[new.source_id] = post_id
        latest, number = max(latest, ids.created_at(post_id)), number + 1
    if number:
        _counted(db, account_id, number, now)
        db.execute(COUNT, {"author_id": account_id, "number": number, "last_at": latest})
    return number


def _judge(
    db: Connection, author: Author, said: Sequence[tuple[ImportedPost, Sequence[str]]], *, now: int, account_id: int
) -> list[Verdict]:
    """Return what the rules for content say of each post; nothing is asked where none is switched on."""
    if not author.ruled or content_rules.is_exempt(author.role):
        return [Verdict()] * len(said)
    written = [
        Written((new.text, new.spoiler_text, *descriptions), frozenset(), message=False) for new, descriptions in said
    ]
    # They were written elsewhere, however many come at once.
    return content_rules.judge_each(db, written, author_id=account_id, now=now, new=False)


def _keeps_back(verdict: Verdict) -> bool:
    return verdict.action in {"hold", "refuse"}


def _write(
    db: Connection,
    settings: Settings,
    author: Author,
    new: ImportedPost,
    attachments: Sequence[Attachment],
    there: dict[str, int],
    *,
    now: int,
    account_id: int,
    source: str,
) -> int:
    """Write a post down with what belongs to it, and return its id."""
    answered = db.execute(ANSWERED, {"answered_id": there.get(new.answered_source_id, 0)}).one_or_none()
    post_id = _free_id(db, new.at, answered.id if answered else 0)
    visibility = _visibility(new, author, now)
    emojis = emoji_queries.used_in(db, new.text, new.spoiler_text)
    row = {
        "id": post_id,
        "account_id": account_id,
        "text": new.text,
        "spoiler_text": new.spoiler_text,
        "visibility": visibility,
        "sensitive": new.sensitive or bool(new.spoiler_text),
        "language": _language(new, author, settings),
        "quote_policy": quotes.checked_policy(author.quote_policy, visibility),
        "in_reply_to_id": answered.id if answered else None,
        "in_reply_to_account_id": account_id if answered else None,
        "conversation_id": answered.conversation_id if answered else post_id,
        "reply_policy": answered.reply_policy if answered else "everybody",
        "reply_policy_account_id": answered.reply_policy_account_id if answered else None,
        "details": post_details.written({}, attachments, emojis, imported_from=source),
    }
    db.execute(ADD, row)
    media.put(db, attachments, now=now, post_id=post_id)
    if answered and visibility in FOR_EVERYBODY:
        posts.count_reply(db, post_id=answered.id, change=1)
    post_names.index(db, post_id, new.text, [], now, strict=False)
    return post_id


def _counted(db: Connection, account_id: int, number: int, now: int) -> int:
    """Count more posts of an account, and return how many it has imported today."""
    day = now // clock.DAY
    name = rate_counts.subject("imported_posts", account_id, day)
    return rate_counts.add(db, [Counted(name, (day + 1) * clock.DAY, number)])[name]


def _free_id(db: Connection, at: int, answered_id: int) -> int:
    """Return an id for a post of a time, that comes after what it answers."""
    at = max(at, ids.created_at(answered_id) + 1)
    # A moment has so many ids: somebody could use them all up.
    while db.scalar(TAKEN, {"the_id": (id := ids.backdated(at))}):
        at += 1
    return id


def _visibility(new: ImportedPost, author: Author, now: int) -> str:
    quiet = author.limited or new.at > now - RECENT_MS
    return "unlisted" if quiet and new.visibility == "public" else new.visibility


def _language(new: ImportedPost, author: Author, settings: Settings) -> str:
    code = new.language if text.LANGUAGE.fullmatch(new.language) else ""
    return code or author.language or (settings.languages or ["en"])[0]
