"""`deploy/twite-restart`: web processes restarted one after another behind real nginx, while people read and post."""

import http.client
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support import nginx
from support.site_under_test import Site, free_port, wait_for

pytestmark = [pytest.mark.faults, pytest.mark.once]

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deploy" / "twite-restart"
HOST = "twite.example"
"""A site's own name, which isn't this machine's: web processes answer for no other."""
READERS = 4
LONG_SECONDS = 120.0
"""Two processes start at once, and others use the machine, too."""
JSON = {"Content-Type": "application/json"}

SYSTEMCTL = """#!{python}
import os, signal, subprocess, sys, time
folder = {folder!r}
with open(folder + "/asked", "a") as asked:
    print(*sys.argv[1:], file=asked)
match sys.argv[1:]:
    case ["reload", "nginx"]:
        os.kill(int(open({pid_file!r}).read()), signal.SIGHUP)
    case ["restart", unit] if unit.startswith("twite-web@"):
        port = unit.partition("@")[2]
        pid = int(open(folder + "/" + port).read())
        os.kill(pid, signal.SIGTERM)
        while os.path.exists(f"/proc/{{pid}}"):
            time.sleep(0.05)
        started = subprocess.Popen(
            [sys.executable, "-m", "twite", "web", "--prepared"],
            env=os.environ | {{"TWITE_PORT": port}}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        open(folder + "/" + port, "w").write(str(started.pid))
    case ["list-units", *_]:
        print("twite-worker.service loaded active running Twite")
        print("twite-web@1.service loaded active running Twite")
"""
"""What stands for systemd: it does to real processes what the script asks for."""
SYSTEMD_RUN = """#!/bin/sh
while [ "${1#--}" != "$1" ]; do shift; done
exec "$@"
"""
"""The same for a command with the services' settings, which this process's environment has already."""


def write_program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def run_script(
    folder: Path, upstream: Path, environment: dict[str, str], *, patience: int = 60, python: str = sys.executable
) -> subprocess.CompletedProcess[str]:
    """Run the script, with programs in a folder standing for the system's, and places that exist here."""
    places = {
        "/etc/nginx/twite-upstream.conf": str(upstream),
        "/opt/twite/.venv/bin/python": python,
        "/opt/twite/": f"{ROOT}/",
        "within 60 ": f"within {patience} ",
    }
    script = SCRIPT.read_text()
    for place, here in places.items():
        assert place in script
        script = script.replace(place, here)
    (folder / "twite-restart").write_text(script)
    write_program(folder / "systemd-run", SYSTEMD_RUN)
    return subprocess.run(
        ["sh", str(folder / "twite-restart")],
        env=environment | {"PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=LONG_SECONDS * 5,
    )


class Restarting:
    """Two web processes behind nginx, and the script that restarts them."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.folder = folder
        self.site = site
        self.ports = free_port(), free_port()
        self.base = ""

    def start(self) -> None:
        for port in self.ports:
            process = subprocess.Popen(
                [sys.executable, "-m", "twite", "web", "--prepared"],
                env=self.site.environment | {"TWITE_PORT": str(port)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            (self.folder / str(port)).write_text(str(process.pid))
            # A process that has ended is there until its parent has taken note of it.
            threading.Thread(target=process.wait, daemon=True).start()
        pid_file = str(self.folder / "nginx" / "nginx.pid")
        written = SYSTEMCTL.format(python=sys.executable, folder=str(self.folder), pid_file=pid_file)
        write_program(self.folder / "systemctl", written)
        for port in self.ports:
            wait_for(partial(is_well, f"http://127.0.0.1:{port}"), self.site.printed, seconds=LONG_SECONDS)

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run the script to its end."""
        return run_script(self.folder, self.upstream, self.site.environment)

    @property
    def upstream(self) -> Path:
        return self.folder / "nginx" / "upstream.conf"

    def pids(self) -> list[int]:
        return [int((self.folder / str(port)).read_text()) for port in self.ports]

    def asked(self) -> list[str]:
        return (self.folder / "asked").read_text().splitlines()

    def stop(self) -> None:
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                continue


def ask(base, method, path, body=None, **headers):
    """Ask once, on a connection of its own; return the status."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=30)
    try:
        connection.request(method, path, body, {"Host": HOST, "Connection": "close", **headers})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def is_well(base):
    """Say whether a web process answers well for its site's name."""
    try:
        return ask(base, "GET", "/health") == 200
    except OSError:
        return False


@pytest.fixture
def restarting(tmp_path, make_site):
    made = Restarting(tmp_path, make_site(trusted_proxies="127.0.0.1"))
    with nginx.started(tmp_path / "nginx", made.ports, tmp_path) as base:
        made.site.environment["TWITE_BASE_URL"] = f"https://{HOST}"
        made.base = base
        made.start()
        yield made
        made.stop()


@pytest.mark.needs("nginx")
def test_a_restart_refuses_nobody(restarting, long_faults):
    _, token = restarting.site.make_account("ann")
    authorization = {"Authorization": f"Bearer {token}"}
    answered, enough = Counter(), threading.Event()

    def read():
        while not enough.is_set():
            answered["read", ask(restarting.base, "GET", "/api/v1/timelines/public", **authorization)] += 1

    def post():
        while not enough.is_set():
            sent = ask(restarting.base, "POST", "/api/v1/statuses", '{"status": "hello"}', **authorization, **JSON)
            answered["post", sent] += 1

    threads = [threading.Thread(target=task) for task in [read, post] * (READERS // 2)]
    for thread in threads:
        thread.start()
    wait_for(lambda: answered.total() > 20, restarting.site.printed)
    before = restarting.pids()
    done = [restarting.run() for _ in range(5 if long_faults else 1)]
    reached = answered.total()
    wait_for(lambda: answered.total() > reached + 20, restarting.site.printed)
    enough.set()
    for thread in threads:
        thread.join()

    assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * len(done)
    assert answered.keys() == {("read", 200), ("post", 200)}
    assert not set(before) & set(restarting.pids())
    assert "down" not in restarting.upstream.read_text()
    asked = restarting.asked()
    assert asked[0] == "start twite-migrate"
    assert asked[-1] == "restart twite-worker.service"


@pytest.mark.parametrize(
    ("fails", "asked"),
    [
        ("start twite-migrate", ["start twite-migrate"]),
        ("", ["start twite-migrate", "reload nginx", "restart twite-web@1", "reload nginx"]),
    ],
)
def test_what_fails_leaves_the_others_at_work(tmp_path, fails, asked):
    upstream = tmp_path / "upstream.conf"
    written = "server 127.0.0.1:1 max_fails=2;\nserver 127.0.0.1:2 max_fails=2;\n"
    upstream.write_text(written)
    systemctl = f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\n[ "$*" != "{fails}" ]\n'
    write_program(tmp_path / "systemctl", systemctl)
    done = run_script(tmp_path, upstream, {"TWITE_DATA": str(tmp_path)}, patience=1)

    assert done.returncode == 1
    assert ("doesn't answer" in done.stderr) is not bool(fails)
    assert (tmp_path / "asked").read_text().splitlines() == asked
    assert upstream.read_text() == written


LINES = """\
# server 127.0.0.1:8000;
server 127.0.0.1:8001 max_fails=2 fail_timeout=5s;
    server 127.0.0.1:8002;
\tserver  [::1]:8003  weight=2; # the new one
server localhost:8004;
"""
"""Lines as people write them."""


def test_every_web_process_is_restarted_however_its_line_is_written(tmp_path):
    upstream = tmp_path / "upstream.conf"
    upstream.write_text(LINES)
    reloaded = f'[ "$1" != reload ] || cat {upstream} >> {tmp_path}/reloaded'
    write_program(tmp_path / "systemctl", f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\n{reloaded}\n')
    write_program(tmp_path / "python", "#!/bin/sh\n")
    done = run_script(tmp_path, upstream, {}, python=str(tmp_path / "python"))

    assert (done.returncode, done.stderr) == (0, "")
    asked = (tmp_path / "asked").read_text().splitlines()
    assert [one for one in asked if one.startswith("restart ")] == [
        f"restart twite-web@{port}" for port in (8001, 8002, 8003, 8004)
    ]
    down = [line for line in (tmp_path / "reloaded").read_text().splitlines() if " down;" in line]
    assert down == [
        "server 127.0.0.1:8001 max_fails=2 fail_timeout=5s down;",
        "    server 127.0.0.1:8002 down;",
        "\tserver  [::1]:8003  weight=2 down; # the new one",
        "server localhost:8004 down;",
    ]
    assert upstream.read_text() == LINES


@pytest.mark.parametrize("written", ["", "# server 127.0.0.1:8001;\n", "server unix:/run/twite.sock;\n"])
def test_that_no_web_process_is_found_is_said_before_anything_is_done(tmp_path, written):
    upstream = tmp_path / "upstream.conf"
    upstream.write_text(written)
    write_program(tmp_path / "systemctl", f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\n')
    done = run_script(tmp_path, upstream, {})

    assert done.returncode == 1
    assert f"{upstream} names no web process" in done.stderr
    assert not (tmp_path / "asked").exists()
