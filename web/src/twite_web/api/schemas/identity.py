"""The API's entities about what acts for an account."""

from twite_web.api.schemas import Entity


class Token(Entity, frozen=True, kw_only=True, gc=False):
    """What an application acts with."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the kind of token, none itself
    scope: str
    created_at: int


class Archive(Entity, frozen=True, kw_only=True, gc=False):
    """All of an account's own in a file. `state` is waiting, making, ready or failed; `progress` is in percent.

    `url` is where its owner downloads it in a browser, logged in: no token opens it.
    """

    id: str
    state: str
    progress: int
    size: int
    created_at: str
    expires_at: str | None
    url: str | None


class Import(Entity, frozen=True, kw_only=True, gc=False):
    """What a user brings along from elsewhere.

    `state` is uploading, reading, ready (to be confirmed), importing, done, stopped, undoing, undone or failed;
    `progress` is of that, in percent. `total` entries were found, of which `imported` came. `url` is its page.
    """

    id: str
    kind: str
    source: str | None
    state: str
    mode: str
    progress: int
    total: int
    imported: int
    error: str | None
    created_at: str
    expires_at: str | None
    url: str


class RefusedEntry(Entity, frozen=True, kw_only=True, gc=False):
    """What of an import can't come: what the file calls it, and why, in a word."""

    position: int
    subject: str
    reason: str


class PrivateFeed(Entity, frozen=True, kw_only=True, gc=False):
    """A feed of one of the user's own timelines. `url` is told once, when it is made; `used_at` is known to a day."""

    id: str
    kind: str
    list_id: str | None
    created_at: str
    used_at: str | None
    url: str | None


class Webhook(Entity, frozen=True, kw_only=True, gc=False):
    """An address that is told what happens to the user's account. `state` is active, paused or parked.

    `failures` are the tries that failed since the last that didn't. `secret` is told once, when it is made.
    """

    id: str
    url: str
    events: list[str]
    state: str
    failures: int
    created_at: str
    secret: str | None


class WebhookDelivery(Entity, frozen=True, kw_only=True, gc=False):
    """What a webhook is to be told, or was. `state` is due, claimed, held, delivered or failed.

    `due_at` is when it is tried next. `status` and `answer` are what the receiver said last, and `error` is why it
    said nothing.
    """

    id: str
    event: str
    state: str
    attempts: int
    created_at: str
    tried_at: str | None
    due_at: str | None
    status: int | None
    answer: str
    error: str
