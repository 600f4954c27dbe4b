"""How Alembic reaches the database: with the address that `twite_common.migrations` gives it."""

from alembic import context
from sqlalchemy import create_engine

from twite_common.tables import metadata

SEARCH = "post_search"
"""The table of SQLite's full-text index, and the beginning of the names of those that it keeps itself."""


def is_ours(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """Say whether a table is one that the code names."""
    return not (kind == "table" and (name or "").startswith(SEARCH)) and not (kind == "index" and name == SEARCH)


engine = create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=is_ours,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
