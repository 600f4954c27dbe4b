"""Packages from npm that checks and tests use, installed once for all runs from the lock beside their package.json."""

import fcntl
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK_FILE = "package-lock.json"
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def install(folder: Path = ROOT) -> Path:
    """Install what a folder's lock names, unless that was done, and return the folder of the packages.

    Raises CalledProcessError, with what npm printed, when it can't.
    """
    packages = folder / "node_modules"
    installed = packages / LOCK_FILE
    # Runs on both databases, and the workers of a run, may come here at the same time.
    with (folder / ".node_modules.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not installed.exists() or installed.read_bytes() != (folder / LOCK_FILE).read_bytes():
            subprocess.run(INSTALL, cwd=folder, check=True, capture_output=True, text=True)
            shutil.copy(folder / LOCK_FILE, installed)
    return packages
