"""Whom and which hashtags a post's text names."""

from collections.abc import Mapping

from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common import ids, text
from twite_common.errors import Invalid
from twite_common.queries.usernames import ids_by_username
from twite_common.settings import Settings
from twite_common.sql.dialects import among, upsert
from twite_common.tables import block, mention, post_tag, tag
from twite_common.translations import gettext as _

ADD_MENTION = upsert(mention).on_conflict_do_nothing()
ADD_TAG = upsert(tag).on_conflict_do_nothing()
TAG_IDS = select(tag.c.id, tag.c.name, tag.c.usable).where(among(tag.c.name_key, "keys"))
ADD_POST_TAG = upsert(post_tag).on_conflict_do_nothing()
BLOCKING = select(block.c.account_id).where(
    among(block.c.account_id, "ids"), block.c.blocked_id == bindparam("author_id", type_=BigInteger)
)


class UnexpectedMentions(Invalid):
    """The text names accounts that the author didn't mean to reach; `account_ids` are theirs."""

    def __init__(self, account_ids: list[int]) -> None:
        super().__init__(_("The post mentions people whom it is not addressed to."))
        self.account_ids = account_ids


def names_in(
    db: Connection, settings: Settings, body: str, author_id: int, allowed: tuple[int, ...] | None
) -> dict[int, str]:
    """Return the accounts that a text names, as usernames by id, without those who block the author.

    Raises UnexpectedMentions when it names others than allowed.
    """
    names = text.mentioned_names(body, settings.domain)
    accounts = ids_by_username(db, names)
    usernames = {accounts[name][0]: accounts[name][1] for name in names if name in accounts}
    if allowed is not None:
        unexpected_ids = [id for id in usernames if id not in allowed and id != author_id]
        if unexpected_ids:
            raise UnexpectedMentions(unexpected_ids)
    if not usernames:
        return {}
    blocker_ids = set(db.scalars(BLOCKING, {"ids": list(usernames), "author_id": author_id}))
    return {id: name for id, name in usernames.items() if id not in blocker_ids}


def index(db: Connection, post_id: int, body: str, mentioned_ids: list[int], now: int, *, strict: bool = True) -> bool:
    """Write down whom and which hashtags a text names; return whether it names hashtags.

    Raises Invalid for a hashtag that moderators don't let people write; if not `strict`, leaves it out.
    """
    if mentioned_ids:
        db.execute(ADD_MENTION, [{"post_id": post_id, "account_id": id} for id in mentioned_ids])
    spellings = {text.hashtag_key(name): name for name in reversed(text.hashtags(body))}
    if spellings:
        _index_tags(db, post_id, spellings, now, strict=strict)
    return bool(spellings)


def _index_tags(db: Connection, post_id: int, spellings: Mapping[str, str], now: int, *, strict: bool) -> None:
    rows = [{"id": ids.new(now), "name_key": key, "name": name} for key, name in sorted(spellings.items())]
    db.execute(ADD_TAG, rows)
    tags = db.execute(TAG_IDS, {"keys": list(spellings)}).all()
    refused = ", ".join(sorted(f"#{name}" for _, name, usable in tags if not usable))
    if refused and strict:
        raise Invalid(_("Validation failed: Text contained disallowed hashtags: %(refused)s", refused=refused))
    rows = [{"tag_id": tag_id, "post_id": post_id} for tag_id, _, usable in tags if usable]
    if rows:
        db.execute(ADD_POST_TAG, rows)
