"""What is remembered of an operator's first steps."""

import msgspec
from sqlalchemy import select

from twite_common.backups import backup
from twite_common.tables import checklist_mark


def test_it_is_noted_that_a_backup_was_made(settings, database_url, database, tmp_path):
    backup.write(msgspec.structs.replace(settings, database=database_url), tmp_path / "site.backup")

    with database.reading() as db:
        assert db.scalars(select(checklist_mark.c.name)).all() == ["backup"]
