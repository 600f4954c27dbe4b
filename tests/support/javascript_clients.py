"""Clients that others wrote in JavaScript, run by Node.js or in a browser."""

import os
import subprocess
from pathlib import Path

from support import node_packages

FOLDER = Path(__file__).parents[1] / "clients" / "javascript"


def run(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script with Node.js and return what it printed."""
    node_packages.install(FOLDER)
    return subprocess.run(
        ("node", script),
        cwd=FOLDER,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def bundle(entry: str, folder: Path) -> Path:
    """Make one file for browsers out of a script and the packages that it uses."""
    target = folder / entry
    program = node_packages.install(FOLDER) / ".bin" / "esbuild"
    options = ("--bundle", "--format=esm", "--log-level=error", f"--outfile={target}")
    subprocess.run((program, entry, *options), cwd=FOLDER, check=True)
    return target
