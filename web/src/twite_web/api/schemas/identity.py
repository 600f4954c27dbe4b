"""The API's entities about what acts for an account."""

from twite_web.api.schemas import Entity


class Token(Entity, frozen=True, kw_only=True, gc=False):
    """What an application acts with."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the kind of token, none itself
    scope: str
    created_at: int
