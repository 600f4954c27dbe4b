"""A migration that is cut off leaves a database as it was."""

import pytest
from alembic import op

from twite_common import migrations


@pytest.mark.faults
def test_what_a_migration_had_made_when_it_was_cut_off_is_gone(monkeypatch, tmp_path):
    """On PostgreSQL that is so by itself; Python's driver for SQLite keeps each new table at once by default."""
    url = f"sqlite:///{tmp_path}/twite.sqlite"
    made = []
    real = op.create_table

    def cut_off(name, *columns, **options):
        if len(made) == 10:
            raise KeyboardInterrupt
        made.append(name)
        return real(name, *columns, **options)

    monkeypatch.setattr(op, "create_table", cut_off)
    with pytest.raises(KeyboardInterrupt):
        migrations.upgrade(url)
    monkeypatch.setattr(op, "create_table", real)
    migrations.upgrade(url)
    migrations.require_current(url)
