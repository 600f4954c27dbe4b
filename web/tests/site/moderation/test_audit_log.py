"""The record of what staff did names whatever they can change."""

import pytest
from sqlalchemy import insert

from twite_common import ids
from twite_common.tables import audit_entry


@pytest.mark.parametrize(
    ("action", "kind", "said"),
    [
        ("create", "emoji", "created the emoji :wren:"),
        ("destroy", "emoji", "deleted the emoji :wren:"),
        ("approve", "tag", "approved the hashtag #wren"),
        ("reject", "link", "rejected the link wren"),
        ("reject", "post", "rejected the post wren"),
        ("approve", "publisher", "approved the publisher wren"),
    ],
)
def test_what_was_done_about_emojis_and_trends_is_shown(database, as_admin, action, kind, said):
    row = {"id": ids.new(1), "by_command": False, "action": action, "target_kind": kind, "target_name": "wren"}
    with database.writing() as db:
        db.execute(insert(audit_entry).values(**row))
    as_admin.open("/admin/audit")

    assert as_admin.response.status_code == 200
    assert said in as_admin.text
