"""Logging in: sessions, links and attempts; and applications with what they were allowed.

Codes, secrets and tokens are stored as SHA-256 only.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    literal_column,
    text,
)

from twite_common.sql.dialects import BigId
from twite_common.tables.metadata import count, flag, key, metadata, moment, reference, words

session = Table(
    "session",
    metadata,
    key(),
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    reference("account_id", "account.id", index=True),
    words("address"),
    words("browser"),
    moment("seen_at"),
    moment("expires_at"),
    # When whoever uses it last proved whose account it is.
    moment("authenticated_at", optional=True),
    # The membership by which it acts for another account. No reference: one that ended leads back to its own account.
    Column("acts_as", BigId),
)

membership = Table(
    "membership",
    metadata,
    key(),
    reference("account_id", "account.id"),
    # Who may act for the account.
    reference("member_id", "account.id", index=True),
    # answers, writes or looks_after (`twite_common.acting`)
    Column("role", Text, nullable=False),
    # NULL while it is an invitation.
    moment("accepted_at", optional=True),
    moment("used_at", optional=True),
    Index("uq_membership_account_id_member_id", "account_id", "member_id", unique=True),
)
"""People who act for an account that isn't their own."""

login_place = Table(
    "login_place",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    Column("place", Text, primary_key=True),
    moment("seen_at"),
)

second_factor = Table(
    "second_factor",
    metadata,
    key(),
    reference("account_id", "account.id", index=True),
    # "totp": codes of an app, of which an account has one.
    Column("kind", Text, nullable=False),
    words("name"),
    # What the server shares with an app, encrypted with the site's key.
    Column("sealed_secret", LargeBinary),
    # The period of the newest code that was used: neither it nor an older one is good again.
    Column("used_period", BigInteger, nullable=False, server_default=text("0")),
    moment("used_at", optional=True),
)
_TOTP = second_factor.c.kind == literal_column("'totp'")
Index("uq_second_factor_totp", second_factor.c.account_id, unique=True, sqlite_where=_TOTP, postgresql_where=_TOTP)

passkey = Table(
    "passkey",
    metadata,
    key(),
    reference("account_id", "account.id", index=True),
    words("name"),
    # What the key calls itself, and the public half of it as COSE writes that (RFC 9052).
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    # How often it was used, as it says itself; many always say 0.
    Column("sign_count", BigInteger, nullable=False, server_default=text("0")),
    # Whether it has shown that it checks who uses it, by a fingerprint or a PIN.
    flag("verifies_user"),
    moment("used_at", optional=True),
)
"""Keys that people's devices keep, by which they prove who they are (WebAuthn)."""

recovery_code = Table(
    "recovery_code",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    Column("code_hash", LargeBinary, primary_key=True),
)
"""Codes that stand in for a lost second factor, once each."""

security_event = Table(
    "security_event",
    metadata,
    key(),
    reference("account_id", "account.id"),
    Column("kind", Text, nullable=False),
    # Of log-ins: the network and the kind of device, and by which factor.
    words("network"),
    words("browser"),
    words("detail"),
    Index(None, "account_id", "id"),
)
"""What happened to an account that its owner should know, for half a year."""

attempt = Table(
    "attempt",
    metadata,
    Column("subject", Text, primary_key=True),
    moment("since_at"),
    count("number"),
)

rate_count = Table(
    "rate_count",
    metadata,
    # What is counted, for whom, and the period.
    Column("subject", Text, primary_key=True),
    moment("ends_at"),
    count("number"),
)

link = Table(
    "link",
    metadata,
    key(),
    reference("account_id", "account.id", optional=True, index=True),
    Column("purpose", Text, nullable=False),
    words("detail"),
    moment("expires_at", index=True),
    moment("used_at", optional=True),
)
"""One-time links. The token in a link is the row's id and a signature, so that nothing here opens anything."""

invitation = Table(
    "invitation",
    metadata,
    key(),
    Column("code_hash", LargeBinary, nullable=False, unique=True),
    reference("account_id", "account.id", index=True),
    Column("uses_left", Integer, nullable=False),
    moment("expires_at"),
)

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
    # When to look next whether anybody uses it.
    Column("review_at", BigInteger, nullable=False, server_default=text("0"), index=True),
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
    moment("expires_at", index=True),
    moment("used_at", optional=True),
    # The membership by which its tokens act for another account.
    Column("acts_as", BigId),
)

device_grant = Table(
    "device_grant",
    metadata,
    key(),
    Column("device_code_hash", LargeBinary, nullable=False, unique=True),
    # Of the code with a signature by the site's key: it is short enough to be found by trying.
    Column("user_code_hash", LargeBinary, nullable=False, unique=True),
    reference("application_id", "application.id", index=True),
    Column("scopes", Text, nullable=False),
    moment("expires_at", index=True),
    moment("polled_at", optional=True),
    Column("interval_seconds", Integer, nullable=False),
    # When somebody said yes or no; what came of a yes.
    moment("answered_at", optional=True),
    reference("grant_id", "oauth_grant.id", optional=True, index=True),
)
"""What devices without a browser ask for, for some minutes (RFC 8628)."""

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
    # Whether the application proved itself with its secret when it fetched the token, and so must to refresh it.
    flag("client_authenticated"),
    # When an application's own token was last used, to a day; of others nobody asks.
    moment("used_at", optional=True),
    # The membership by which it acts for another account. No reference: a token is no good without it.
    Column("acts_as", BigId),
)
for _column, _condition in (
    (token.c.revoked_at, token.c.revoked_at.is_not(None)),
    (token.c.expires_at, token.c.expires_at.is_not(None)),
    (token.c.used_at, token.c.account_id.is_(None)),
):
    Index(None, _column, sqlite_where=_condition, postgresql_where=_condition)

archive = Table(
    "archive",
    metadata,
    key(),
    reference("account_id", "account.id"),
    # waiting, making, ready, failed
    words("state", "waiting"),
    count("attempts"),
    moment("claimed_at", optional=True),
    # Place in the order of making, as with events.
    Column("turn_at", BigId, nullable=False, server_default="0"),
    # How far it is: steps that were done, and how many there are.
    count("done"),
    count("total"),
    # The file's name where archives are kept, chosen before anything is written there.
    Column("file", Text, nullable=False, unique=True),
    Column("bytes", BigId, nullable=False, server_default="0"),
    moment("expires_at", optional=True, index=True),
    Index("ix_archive_account_id_id", "account_id", "id"),
    Index("ix_archive_state_turn_at", "state", "turn_at"),
)
"""All of an account's own in a file, for its owner to take along."""

import_ = Table(
    "import",
    metadata,
    key(),
    reference("account_id", "account.id"),
    # follows, blocks, mutes, domain_blocks, bookmarks, lists, posts
    words("kind"),
    # Of posts, once their archive was looked at: mastodon, twite, x, bluesky.
    words("source"),
    # One of: uploading, reading, ready, importing, done, stopped, undoing, undone, failed.
    words("state", "uploading"),
    # merge, or replace what is there
    words("mode", "merge"),
    # How often somebody began to work at it, and how often since it last got further.
    count("attempts"),
    count("failures"),
    moment("claimed_at", optional=True),
    # Place in the order of work, and when it goes on at the earliest.
    Column("turn_at", BigId, nullable=False, server_default="0"),
    # How far it is: entries that were dealt with, and how many there are.
    count("done"),
    count("total"),
    count("brought"),
    # Why it failed, as its owner was to be told.
    words("error"),
    # The file's name where archives are kept, as long as it is needed.
    Column("file", Text, unique=True),
    Column("bytes", BigId, nullable=False, server_default="0"),
    moment("expires_at", optional=True, index=True),
    Index("ix_import_account_id_id", "account_id", "id"),
    Index("ix_import_state_turn_at", "state", "turn_at"),
)
"""What somebody brings along from elsewhere: a table of people or addresses, or an archive of posts."""

import_entry = Table(
    "import_entry",
    metadata,
    reference("import_id", "import.id", primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    # What the file calls it: a name, an address, a post.
    words("subject"),
    # What goes with it, as JSON: how somebody is followed, the name of a list.
    words("detail"),
    # The account or post that it means here. No reference: what it was stays known when that is gone.
    Column("target_id", BigId),
    # new, there, brought; remove, removed; or why it can't come.
    Column("outcome", Text, nullable=False),
    Index("ix_import_entry_import_id_outcome", "import_id", "outcome", "position"),
    sqlite_with_rowid=False,
)
"""What is in an imported table, and of an archive what can't come."""
