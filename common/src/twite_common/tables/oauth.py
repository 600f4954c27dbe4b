"""Applications and what they were allowed. Codes, secrets and tokens are stored as SHA-256 only."""

from sqlalchemy import Column, Integer, LargeBinary, Table, Text

from twite_common.tables.metadata import key, metadata, moment, reference, words

application = Table(
    "application",
    metadata,
    key(),
    Column("client_id", Text, nullable=False, unique=True),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    words("website", None),
    Column("redirect_uris", Text, nullable=False),
    Column("scopes", Text, nullable=False),
)

grant = Table(
    "oauth_grant",
    metadata,
    key(),
    Column("code_hash", LargeBinary, nullable=False, unique=True),
    reference("application_id", "application.id", index=True),
    reference("account_id", "account.id", index=True),
    Column("redirect_uri", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    words("code_challenge", None),
    words("code_challenge_method", None),
    moment("expires_at"),
    moment("used_at", optional=True),
)

token = Table(
    "token",
    metadata,
    key(),
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    Column("refresh_hash", LargeBinary, unique=True),
    # Neither application nor account is required: a personal token has no application, an application's own
    # token no account.
    reference("application_id", "application.id", optional=True, index=True),
    reference("account_id", "account.id", optional=True, index=True),
    reference("grant_id", "oauth_grant.id", optional=True, index=True),
    words("name"),
    Column("scopes", Text, nullable=False),
    Column("lifetime_seconds", Integer),
    moment("expires_at", optional=True),
    moment("revoked_at", optional=True),
)
