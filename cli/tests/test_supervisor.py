"""`twite run` with its real processes."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from support.site_under_test import answers, free_port, wait_for
from twite import supervisor
from twite.supervisor import Part

pytestmark = pytest.mark.once

PARTS = {"web", "worker", "clock"}
LINK = re.compile(r"^  (http://\S+/first/\S+)$", re.MULTILINE)


def parts(process):
    """Return the process of each part that a supervisor started."""
    found = {}
    for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        with suppress(FileNotFoundError, ProcessLookupError):
            words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
            found |= dict.fromkeys(PARTS & set(words), int(pid))
    return found


def descendants(pid):
    """Return a process's children, their children, and so on."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *descendants(child)]
    return found


def present(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def memory_kib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def test_a_site_runs_once_stops_with_everything_it_started_and_runs_again(site):
    first = site.start("run")
    started = wait_for(lambda: parts(first).keys() == PARTS and descendants(first.pid), site.printed)
    weight = memory_kib(first.pid)
    link = LINK.search(site.printed())[1]
    with urllib.request.urlopen(link, timeout=10) as page:
        status = page.status
    other = twite(site, "run", "--port", str(free_port()))
    first.send_signal(signal.SIGINT)
    asked = time.monotonic()
    code = first.wait(15)
    took = time.monotonic() - asked

    assert link.startswith(f"{site.base_url}/first/")
    assert (status, code) == (200, 0)
    assert took < supervisor.GRACE_SECONDS
    assert [pid for pid in started if present(pid)] == []
    assert weight < 30_000
    assert f"Twite is running at {site.base_url}" in site.printed()
    assert other.returncode == 1
    assert other.stderr == f"Error: Twite is already running with the data in {site.folder}/data.\n"
    assert not answers(f"{site.base_url}/health")

    site.make_account("ann")
    second = site.start("run")
    output = (site.folder / "run-1.log").read_text()

    assert LINK.search(output) is None
    second.send_signal(signal.SIGTERM)
    assert second.wait(15) == 0


def test_a_part_that_dies_is_started_again_and_leaves_nothing_behind(site):
    run = site.start("run")
    before = wait_for(lambda: parts(run) if parts(run).keys() == PARTS else None, site.printed)
    web_processes = wait_for(lambda: descendants(before["web"]), site.printed)
    os.kill(before["web"], signal.SIGKILL)
    wait_for(lambda: parts(run).get("web", before["web"]) != before["web"], site.printed)
    wait_for(lambda: answers(f"{site.base_url}/health"), site.printed)

    assert "The web process ended by signal 9; restarting in 1 s." in site.printed()
    assert [pid for pid in web_processes if present(pid)] == []
    assert {name: parts(run)[name] for name in ("worker", "clock")} == {
        name: before[name] for name in ("worker", "clock")
    }


def test_no_part_outlives_a_killed_supervisor(site):
    run = site.start("run")
    started = wait_for(lambda: parts(run).keys() == PARTS and descendants(run.pid), site.printed)
    run.kill()
    run.wait()

    wait_for(lambda: not any(present(pid) for pid in started), site.printed, seconds=10)


@pytest.mark.parametrize("part", ["run", "web"])
def test_a_port_that_is_taken_is_said(site, part):
    with socket.create_server(("127.0.0.1", 0)) as other:
        site.environment["TWITE_PORT"] = port = str(other.getsockname()[1])
        refused = twite(site, part)

    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr == (
        f"Error: Port {port} on 127.0.0.1 can't be used: Address already in use. "
        "Choose another one with --port or the setting TWITE_PORT.\n"
    )


@pytest.mark.parametrize("host", ["nowhere.invalid", "999.1.1.1", "192.0.2.1"])
def test_an_address_that_the_machine_does_not_have_is_said(site, host):
    refused = twite(site, "run", "--host", host, "--port", str(free_port()))

    assert refused.returncode == 1
    assert refused.stderr == (
        f"Error: This machine doesn't have the network address {host}. "
        "Choose another one with --host or the setting TWITE_HOST.\n"
    )


def test_a_new_site_is_private_and_its_links_name_the_port_that_was_asked_for(site):
    del site.environment["TWITE_BASE_URL"]
    port, folder = free_port(), site.folder / "new" / "data"
    command = [sys.executable, "-m", "twite", "run", "--port", str(port), "--data", str(folder)]
    with (site.folder / "run.log").open("wb") as output:
        site.processes.append(subprocess.Popen(command, env=site.environment, stdout=output, stderr=output))
    wait_for(lambda: answers(f"http://127.0.0.1:{port}/health"), site.printed)

    assert LINK.search(site.printed())[1].startswith(f"http://127.0.0.1:{port}/first/")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.iterdir() if path.stat().st_mode & 0o077] == []


def test_a_data_folder_that_others_can_read_is_said(site):
    (site.folder / "data").chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as other:
        refused = twite(site, "run", "--port", str(other.getsockname()[1]))

    assert f"chmod 700 {site.folder}/data" in refused.stderr


@pytest.mark.parametrize("name", ["web", "worker", "clock"])
def test_a_part_alone_refuses_a_database_that_is_not_up_to_date(site, name):
    site.environment["TWITE_DATABASE"] = f"sqlite:///{site.folder}/nothing.sqlite"
    refused = twite(site, name)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "Error: The database isn't up to date. Run `twite migrate` first.\n"


def test_a_database_newer_than_the_code_keeps_everything_from_starting(site, database):
    with database.writing() as db:
        db.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        db.exec_driver_sql("UPDATE schema_compatibility SET oldest_revision = '9999'")
    refused = twite(site, "run")

    assert refused.returncode == 1
    assert "newer version of Twite" in refused.stderr


@pytest.mark.usefixtures("integration")
def test_a_part_that_does_not_end_when_asked_is_ended(tmp_path):
    ignores = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    part = Part("web")
    part.process = subprocess.Popen([sys.executable, "-c", ignores], stdout=subprocess.PIPE, start_new_session=True)
    part.process.stdout.readline()
    part.ask_to_end()
    part.end(time.monotonic() + 0.2)
    part.process.stdout.close()

    assert part.process.returncode == -signal.SIGKILL


def test_the_wait_before_a_part_starts_again_grows_until_it_ran_well():
    waits = [0.0]
    for ran in (3600, 1, 1, 1, 1, 1, 1, 1, 3600, 1):
        waits.append(supervisor.next_wait_seconds(waits[-1], ran))

    assert waits[1:] == [1, 2, 4, 8, 16, 32, 60, 60, 1, 2]


def twite(site, *arguments):
    command = [sys.executable, "-m", "twite", *arguments]
    return subprocess.run(command, env=site.environment, capture_output=True, text=True, timeout=60)
