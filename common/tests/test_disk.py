from pathlib import Path

import pytest

from twite_common import disk
from twite_common.errors import Unavailable


def test_of_a_file_that_a_full_disk_cuts_short_nothing_stays(tmp_path):
    file = tmp_path / "picture"
    with pytest.raises(Unavailable, match="disk is full"), disk.writing(file):
        file.write_bytes(b"a beginning")
        with Path("/dev/full").open("wb") as full:
            full.write(b"the rest")

    assert not file.exists()


def test_a_folder_that_cannot_be_written_is_said_to_be_one(tmp_path):
    (tmp_path / "folder").touch()
    with pytest.raises(Unavailable, match="Not a directory"), disk.writing():
        (tmp_path / "folder" / "file").touch()
