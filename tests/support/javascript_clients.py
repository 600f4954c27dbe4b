"""The JavaScript packages that tests use, installed once for all runs."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "clients" / "javascript"
LOCK_FILE = "package-lock.json"
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def install() -> Path:
    """Install what the lock file names, unless that was done, and return the folder of the scripts."""
    installed = FOLDER / "node_modules" / LOCK_FILE
    # Runs on both databases, and the workers of a run, may come here at the same time.
    with (FOLDER.parent / ".javascript.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not installed.exists() or installed.read_bytes() != (FOLDER / LOCK_FILE).read_bytes():
            subprocess.run(INSTALL, cwd=FOLDER, check=True, capture_output=True)
            shutil.copy(FOLDER / LOCK_FILE, installed)
    return FOLDER


def run(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script with Node.js and return what it printed."""
    return subprocess.run(
        ("node", script),
        cwd=install(),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def bundle(entry: str, folder: Path) -> Path:
    """Make one file for browsers out of a script and the packages that it uses."""
    target = folder / entry
    program = install() / "node_modules" / ".bin" / "esbuild"
    options = ("--bundle", "--format=esm", "--log-level=error", f"--outfile={target}")
    subprocess.run((program, entry, *options), cwd=FOLDER, check=True)
    return target
