"""How Alembic reaches the database: with the address that `twite_common.migrations` gives it."""

from collections.abc import Collection, Mapping

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo

from twite_common.migrations import compatibility, locks
from twite_common.tables import metadata

SEARCH = "post_search"
"""The table of SQLite's full-text index, and the beginning of the names of those that it keeps itself."""


def is_ours(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """Say whether a table is one that the code names."""
    if kind == "table":
        return not (name or "").startswith(SEARCH) and name != compatibility.TABLE
    return not (kind == "index" and name == SEARCH)


def record_compatibility(
    ctx: MigrationContext,
    step: MigrationInfo,  # noqa: ARG001 - Alembic's parameters, which it passes by name
    heads: Collection[str],
    run_args: Mapping[str, object],  # noqa: ARG001 - as above
) -> None:
    """Write down, in a migration's own transaction, which code works with the tables as it leaves them."""
    if ctx.connection is not None:
        compatibility.record(ctx.connection, context.script, next(iter(heads), None))


engine = locks.engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=is_ours,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
        # What one has locked isn't kept locked while the next ones run.
        transaction_per_migration=True,
        on_version_apply=record_compatibility,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
