"""`deploy/systemd`, as far as a machine that wasn't started by systemd can check it."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import twite.main

pytestmark = pytest.mark.needs("systemd")

ROOT = Path(__file__).parents[2]
SYSTEMD = ROOT / "deploy" / "systemd"
SERVICES = sorted(path.name for path in SYSTEMD.glob("*.service"))
INSTANCE = {"twite-web@.service": "twite-web@8001.service"}
PLACES = {"/opt/twite/.venv": sys.prefix, "/opt/twite": str(ROOT)}
MAX_EXPOSURE = 2.0
"""On systemd's scale from 0 (nothing to gain from breaking in) to 10."""


@pytest.fixture
def units(tmp_path):
    """The units, with paths that exist here, and an instance of each template."""
    shutil.copytree(SYSTEMD, tmp_path / "units")
    for unit in (tmp_path / "units").glob("twite*"):
        if unit.is_file():
            text = unit.read_text()
            for place, here in PLACES.items():
                text = text.replace(place, here)
            unit.write_text(text)
    for template, instance in INSTANCE.items():
        (tmp_path / "units" / instance).write_text((tmp_path / "units" / template).read_text())
    return tmp_path / "units"


def analyze(units, *arguments):
    return subprocess.run(
        ["systemd-analyze", *arguments],
        env={"SYSTEMD_UNIT_PATH": f"{units}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )


def test_systemd_understands_every_line(units):
    names = ["twite.target", *(INSTANCE.get(name, name) for name in SERVICES)]
    verified = analyze(units, "verify", *(str(units / name) for name in names))

    assert (verified.returncode, verified.stderr) == (0, "")


def test_a_line_that_systemd_does_not_understand_is_found(units):
    with (units / "twite-.service.d" / "common.conf").open("a") as file:
        file.write("ProtectEverything=true\n")

    assert "ProtectEverything" in analyze(units, "verify", str(units / "twite-clock.service")).stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_part_may_do_little(units, name):
    judged = analyze(units, "security", "--offline=true", str(units / INSTANCE.get(name, name)))

    assert float(re.search(r"exposure level for \S+: ([\d.]+)", judged.stdout)[1]) <= MAX_EXPOSURE


@pytest.mark.parametrize("name", SERVICES)
def test_each_unit_runs_a_command_that_there_is(name):
    command = shlex.split(re.search(r"^ExecStart=(.*)$", (SYSTEMD / name).read_text(), re.MULTILINE)[1])

    assert command[0] == "/opt/twite/.venv/bin/twite"
    assert command[1] in twite.main.main.commands


def test_the_target_starts_every_part():
    wanted = re.search(r"^Wants=(.*)$", (SYSTEMD / "twite.target").read_text(), re.MULTILINE)[1].split()
    parts = {re.sub(r"@\d+", "@", unit) for unit in wanted}

    assert parts == {name for name in SERVICES if name not in {"twite-migrate.service", "twite-run.service"}}


PARTS = [name for name in SERVICES if name != "twite-migrate.service"]


@pytest.mark.parametrize("name", PARTS)
def test_a_part_comes_back_however_long_the_database_is_away(name):
    lines = (SYSTEMD / name).read_text().splitlines()
    common = (SYSTEMD / "twite-.service.d" / "common.conf").read_text()
    needed = [line for line in lines if re.match(r"(Requires|Requisite|BindsTo)=", line)]

    # Systemd doesn't try again to start what failed because something that it requires did.
    assert needed == []
    assert "Restart=always" in lines
    assert re.search(r"^\[Unit\]\n(#.*\n)*StartLimitIntervalSec=0$", common, re.MULTILINE)
    if name != "twite-run.service":
        assert {"Wants=twite-migrate.service", "After=twite-migrate.service"} <= set(lines)
        assert "--prepared" not in "".join(lines)


def test_every_line_is_explained_and_nothing_stands_there_twice():
    lines = (SYSTEMD / "twite-.service.d" / "common.conf").read_text().splitlines()
    set_to = [line for line in lines if "=" in line and not line.startswith("#")]

    assert len(set_to) == len(set(set_to))


@pytest.mark.parametrize("name", SERVICES)
def test_a_part_has_limits(name):
    common = (SYSTEMD / "twite-.service.d" / "common.conf").read_text()

    assert "LimitNOFILE=16384\n" in common
    assert "Environment=MALLOC_ARENA_MAX=2\n" in common
    assert re.search(r"^MemoryMax=\S+$", (SYSTEMD / name).read_text(), re.MULTILINE)


def test_a_part_may_open_as_much_as_nginx_passes_on():
    limit = re.search(r"^LimitNOFILE=(\d+)$", (SYSTEMD / "twite-.service.d" / "common.conf").read_text(), re.MULTILINE)
    connections = re.search(r"worker_connections (\d+);", (ROOT / "deploy" / "nginx.conf").read_text())

    assert int(limit[1]) > int(connections[1])
