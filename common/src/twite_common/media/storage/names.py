"""What stored files are called."""

import re

MEDIA_TYPES = {"webp": "image/webp", "mp4": "video/mp4", "mp3": "audio/mpeg"}
NAME = re.compile(rf"[0-9a-f]{{2}}/[0-9a-f]{{64}}\.(?:{'|'.join(MEDIA_TYPES)})")
"""What a media file may be called: by the hash of its content, in the folder of its first two digits."""
FOLDERS = tuple(f"{number:02x}" for number in range(256))
"""The folders of media files."""
ASIDE = ".removed"
"""Stands behind the name of a media file that is about to be removed."""
DRAFT = re.compile(r"tmp[0-9a-f]{16}")
"""What a file in a folder is called while it is being written."""
UPLOAD = re.compile(r"[0-9a-f]{32}")
"""What an upload is called that is still to be prepared."""

ARCHIVE = re.compile(r"[0-9a-f]{32}\.(?:zip|import)")
"""What an archive is called, and what somebody brought along to be imported."""


def media_type(name: str) -> str:
    """Return the media type of a stored file."""
    return MEDIA_TYPES.get(name.rpartition(".")[2], "application/octet-stream")
