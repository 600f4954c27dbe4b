"""How full the disk is."""

import shutil
from pathlib import Path

LITTLE_PERCENT = 10


def free_percent(folder: Path) -> int:
    """Return how much of the disk that a folder is on is free, in percent."""
    usage = shutil.disk_usage(folder)
    return int(100 * usage.free / usage.total)
