"""Record ids in paths and parameters."""

from typing import TypeVar

from twite_common import ids
from twite_common.errors import NotFound
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.accounts.accounts import Account
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.api.access import Access
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import posts as post_serializers

NOT_FOUND = marked("Record not found")

Found = TypeVar("Found")


def record_id(text: str) -> int:
    """Return the id that a piece of a path stands for.

    Raises NotFound for what can't be one.
    """
    id = ids.parse(text)
    if id is None:
        raise NotFound(_(NOT_FOUND))
    return id


def record_ids(texts: list[str]) -> list[int]:
    """Return the ids among pieces of text; what can't be one names nothing and is left out."""
    return [id for id in map(ids.parse, texts) if id is not None]


def there(record: Found | None) -> Found:
    """Return what was found. Raises NotFound for None."""
    if record is None:
        raise NotFound(_(NOT_FOUND))
    return record


def account(access: Access, text: str) -> Account:
    """Return the account that a piece of a path names.

    Raises NotFound when there is none.
    """
    account = account_queries.get(access.db, record_id(text))
    if account is None:
        raise NotFound(_(NOT_FOUND))
    return account


def status(access: Access, post_id: int) -> Status:
    """Return a post as an entity.

    Raises NotFound when the viewer can't see it.
    """
    status = post_serializers.status(access, post_id)
    if status is None:
        raise NotFound(_(NOT_FOUND))
    return status
