"""The plans for sites of some sizes are those that the model computes."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_document_shows_what_the_model_prints():
    command = (sys.executable, str(ROOT / "bench" / "capacity.py"))
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    assert printed.count("\n") > 15
    assert printed in (ROOT / "docs" / "scaling.md").read_text()
