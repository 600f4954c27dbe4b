"""What staff see and decide."""

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from twite_common.sql.dialects import BigId
from twite_common.tables.metadata import count, flag, key, metadata, moment, reference, words

report = Table(
    "report",
    metadata,
    key(),
    # Whose report it is and whom it is about.
    reference("account_id", "account.id", index=True),
    reference("target_id", "account.id", index=True),
    words("category", "other"),
    words("comment"),
    # As JSON: ids.
    words("post_ids", "[]"),
    words("rule_ids", "[]"),
    flag("forwarded"),
    reference("assigned_id", "account.id", optional=True, index=True),
    moment("resolved_at", optional=True),
    reference("resolved_by_id", "account.id", optional=True, index=True),
    moment("updated_at"),
    Index("ix_report_resolved_at_id", "resolved_at", "id"),
)

account_warning = Table(
    "account_warning",
    metadata,
    key(),
    # Who decided it, and whom it is for.
    reference("account_id", "account.id", optional=True, index=True),
    reference("target_id", "account.id", index=True),
    Column("action", Text, nullable=False),
    words("text"),
    words("post_ids", "[]"),
    reference("report_id", "report.id", optional=True, index=True),
    words("appeal", None),
    # pending, approved, rejected
    words("appeal_state", None),
)

warning_preset = Table(
    "warning_preset",
    metadata,
    key(),
    words("title"),
    Column("text", Text, nullable=False),
)
"""Texts that staff send again and again."""

audit_entry = Table(
    "audit_entry",
    metadata,
    key(),
    reference("account_id", "account.id", optional=True, index=True),
    # Done by the command line, and so by no account.
    flag("by_command"),
    Column("action", Text, nullable=False),
    # What it was done to: a noun, its id, and how it was called then.
    Column("target_kind", Text, nullable=False),
    Column("target_id", BigId, index=True),
    words("target_name"),
)
"""Who looked after the site how: written with each such change, and never changed."""

rule = Table(
    "rule",
    metadata,
    key(),
    Column("position", Integer, nullable=False),
    Column("text", Text, nullable=False),
    words("hint"),
    moment("removed_at", optional=True),
)

content_rule = Table(
    "content_rule",
    metadata,
    key(),
    Column("name", Text, nullable=False),
    # As JSON (`twite_common.content_rules.Conditions`).
    Column("conditions", Text, nullable=False),
    # hold, limit, refuse, report
    Column("action", Text, nullable=False),
    # What the author of a post is told that it keeps back.
    words("explanation"),
    flag("active"),
    # Who switched it on, and so reports what it finds.
    reference("account_id", "account.id", optional=True, index=True),
    moment("changed_at"),
    # What it would have found among earlier posts, as JSON. NULL: it wasn't tried as it stands now.
    words("trial", None),
    Index("ix_content_rule_active", "active"),
)
"""What happens to posts that say something, or link somewhere."""

held_post = Table(
    "held_post",
    metadata,
    key(),
    reference("account_id", "account.id"),
    reference("application_id", "application.id", optional=True, index=True),
    # What is to be published, as JSON: a list of drafts, each of which answers the one before.
    Column("drafts", Text, nullable=False),
    # Why it is held, for staff and for its author: names and explanations of rules.
    Column("reason", Text, nullable=False),
    words("explanation"),
    # Who decided against it when, and what they told the author.
    moment("rejected_at", optional=True),
    reference("rejected_by_id", "account.id", optional=True, index=True),
    words("note"),
    # Who wrote it for the account, if that was a member.
    reference("writer_id", "account.id", optional=True, index=True),
    Index("ix_held_post_account_id_id", "account_id", "id"),
    Index("ix_held_post_rejected_at_id", "rejected_at", "id"),
)
"""Posts that wait until staff have looked at them: nobody else sees them, and what is released is published then."""

domain_list = Table(
    "domain_list",
    metadata,
    key(),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False, unique=True),
    # Whether what changes in it is taken over each day without anybody having looked.
    flag("automatic"),
    # When it was last fetched, when that is due again, and why it failed.
    moment("fetched_at", optional=True),
    moment("due_at", index=True),
    words("error"),
    moment("taken_at", optional=True),
    # How many domains count, and what the last taking over changed, as JSON.
    count("domains_count"),
    words("last_change", None),
)
"""A list of domains that somebody else keeps."""

listed_domain = Table(
    "listed_domain",
    metadata,
    reference("list_id", "domain_list.id", primary_key=True),
    Column("domain", Text, primary_key=True),
    # Whether it counts, and when it last stood in what was fetched.
    flag("taken"),
    moment("seen_at"),
    Index("ix_listed_domain_domain", "domain"),
    Index("ix_listed_domain_list_id_taken_seen_at", "list_id", "taken", "seen_at"),
    sqlite_with_rowid=False,
)

site_text = Table(
    "site_text",
    metadata,
    key(),
    # about, privacy, terms
    Column("name", Text, nullable=False, index=True),
    words("text"),
    moment("effective_at"),
)
"""Texts about the site, each version a row of its own; the latest that is in effect counts."""

site_picture = Table(
    "site_picture",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("picture", Text, nullable=False),
    words("description"),
)
"""The picture that stands for the site: one row, or none."""

announcement = Table(
    "announcement",
    metadata,
    key(),
    Column("text", Text, nullable=False),
    moment("starts_at", optional=True),
    moment("ends_at", optional=True),
    flag("all_day"),
    moment("published_at", optional=True),
    moment("updated_at"),
)

announcement_reading = Table(
    "announcement_reading",
    metadata,
    reference("announcement_id", "announcement.id", primary_key=True),
    reference("account_id", "account.id", primary_key=True, index=True),
    sqlite_with_rowid=False,
)

announcement_reaction = Table(
    "announcement_reaction",
    metadata,
    reference("announcement_id", "announcement.id", primary_key=True),
    reference("account_id", "account.id", primary_key=True, index=True),
    Column("name", Text, primary_key=True),
    Column("id", BigId, nullable=False),
    sqlite_with_rowid=False,
)

domain_block = Table(
    "domain_block",
    metadata,
    key(),
    Column("domain", Text, nullable=False, unique=True),
    # noop, silence, suspend
    words("severity", "silence"),
    flag("reject_media"),
    flag("reject_reports"),
    words("private_comment", None),
    words("public_comment", None),
    flag("obfuscate"),
)

domain_allow = Table(
    "domain_allow",
    metadata,
    key(),
    Column("domain", Text, nullable=False, unique=True),
)

email_domain_block = Table(
    "email_domain_block",
    metadata,
    key(),
    Column("domain", Text, nullable=False, unique=True),
)

disposable_email_domain = Table(
    "disposable_email_domain",
    metadata,
    Column("domain", Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""Providers of addresses for a few minutes: with all below them, none is an address to sign up with."""

sign_up_question = Table(
    "sign_up_question",
    metadata,
    # There is one, or none.
    key(),
    Column("question", Text, nullable=False),
    # A line for each answer that is right.
    Column("answers", Text, nullable=False),
)

email_domain_refusal = Table(
    "email_domain_refusal",
    metadata,
    reference("block_id", "email_domain_block.id", primary_key=True),
    # Since the epoch.
    Column("day", Integer, primary_key=True),
    # Where somebody wanted to sign up from.
    Column("address", Text, primary_key=True),
    count("number"),
    Index("ix_email_domain_refusal_day", "day"),
    sqlite_with_rowid=False,
)
"""Sign-ups that were refused because of their provider of mail, kept for a week."""

canonical_email_block = Table(
    "canonical_email_block",
    metadata,
    key(),
    # SHA-256 of the address without what many providers ignore.
    Column("email_hash", LargeBinary, nullable=False, unique=True),
    reference("account_id", "account.id", optional=True, index=True),
)

ip_block = Table(
    "ip_block",
    metadata,
    key(),
    Column("network", Text, nullable=False, unique=True),
    # sign_up_requires_approval, sign_up_block, no_access
    Column("severity", Text, nullable=False),
    words("comment"),
    moment("expires_at", optional=True),
)
