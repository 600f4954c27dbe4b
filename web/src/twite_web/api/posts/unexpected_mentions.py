"""Telling an application whom a post names beyond those that it was meant to name."""

from collections.abc import Iterator
from contextlib import contextmanager

from twite_common.queries.accounts import accounts as account_queries
from twite_common.services.posts.post_names import UnexpectedMentions
from twite_web.api.access import Access
from twite_web.errors import Failure


@contextmanager
def named_in_failures(access: Access) -> Iterator[None]:
    """Have a refusal for the sake of unexpected mentions list the accounts."""
    try:
        yield
    except UnexpectedMentions as error:
        mentioned_accounts = account_queries.load(access.db, error.account_ids)
        accounts = [
            {"id": str(id), "acct": mentioned_accounts[id].username}
            for id in error.account_ids
            if id in mentioned_accounts
        ]
        raise Failure(422, str(error), unexpected_accounts=accounts) from error
