"""A newer version is installed while the parts of the one before still run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"web": "twite_web", "tasks": "twite_tasks"}

STARTED = """
from pathlib import Path
import twite_tasks, twite_web
from twite_tasks import templating as task_templating
from twite_web import server
from twite_web.site import templating

server.application()
task_templating.load()
for package in (twite_web, twite_tasks):
    for file in (Path(package.__file__).parent / "templates").rglob("*.*"):
        file.write_text("{% of the next version")
for environment in (templating._environment, task_templating._templates):
    for name in environment.list_templates():
        environment.get_template(name)
print("unchanged")
"""


@pytest.mark.faults
def test_a_running_process_never_shows_the_next_versions_templates(tmp_path):
    for part, package in PACKAGES.items():
        shutil.copytree(ROOT / part / "src" / package, tmp_path / package)
    environment = {"PYTHONPATH": str(tmp_path), "TWITE_DATA": str(tmp_path), "PATH": os.environ["PATH"]}
    started = subprocess.run([sys.executable, "-c", STARTED], env=environment, capture_output=True, text=True)

    assert (started.stdout, started.returncode) == ("unchanged\n", 0), started.stderr
