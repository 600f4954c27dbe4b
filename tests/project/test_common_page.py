"""The program in docs/common.md does what the page says, and the packages can be installed on their own."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from sqlalchemy import select

from twite_common.tables import event, notification

ROOT = Path(__file__).parents[2]
PROGRAM = re.search(r"^```python\n(.*?)^```$", (ROOT / "docs" / "common.md").read_text(), re.MULTILINE | re.DOTALL)[1]
PARTS = {"common": "twite_common", "broker": "twite_broker", "web": "twite_web", "tasks": "twite_tasks", "cli": "twite"}
MODULES = {
    "re2": "google-re2",
    "dns": "dnspython",
    "argon2": "argon2-cffi",
    "PIL": "pillow",
    "pillow_heif": "pillow-heif",
    "backports": "backports-zstd",
    # The standard library's from Python 3.14 on.
    "compression": "backports-zstd",
    "multipart": "multipart",
    "qs_codec": "qs-codec",
    "flask_swagger_ui": "flask-swagger-ui",
    "http_ece": "http-ece",
    "markupsafe": "jinja2",
    "kombu": "celery",
    "twite_common": "twite-common",
    "twite_broker": "twite-broker",
    "twite_web": "twite-web",
    "twite_tasks": "twite-tasks",
}
"""Distributions whose module is called otherwise, and modules that come with another distribution."""


def test_the_program_publishes_and_reads(make_site, tmp_path):
    site = make_site()
    site.make_account("ann")
    bob, _ = site.make_account("bob")
    file = tmp_path / "service.py"
    file.write_text(PROGRAM)
    command = [sys.executable, str(file), "ann", "Hello @bob, from a service"]
    ran = subprocess.run(command, env=site.environment, capture_output=True, text=True, timeout=60)

    assert (ran.stdout, ran.returncode) == ("Hello @bob, from a service\n", 0), ran.stderr
    with site.database.reading() as db:
        assert db.scalars(select(notification.c.account_id)).all() == [bob]
        assert "notifications.created" in db.scalars(select(event.c.kind)).all()


def test_the_program_has_about_twenty_lines():
    written = [line for line in PROGRAM.splitlines() if line.strip()]

    assert len(written) <= 22


def imported(part):
    """Return the modules from elsewhere that a part's sources import, without the standard library's."""
    found = set()
    for file in (ROOT / part / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found.add((node.module or "").partition(".")[0])
    return found - sys.stdlib_module_names - {PARTS[part]}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_depends_on_what_it_imports(part):
    project = tomllib.loads((ROOT / part / "pyproject.toml").read_text())["project"]
    declared = {Requirement(one).name.lower() for one in project["dependencies"]}

    assert {MODULES.get(module, module).lower() for module in imported(part)} <= declared
