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

import nginx
from site_under_test import Site, answers, free_port, wait_for

pytestmark = pytest.mark.faults

SCRIPT = Path(__file__).parent.parent / "deploy" / "twite-restart"
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


class Restarting:
    """Two web processes behind nginx, and the script that restarts them."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.folder = folder
        self.site = site
        self.ports = free_port(), free_port()

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
        systemctl = self.folder / "systemctl"
        systemctl.write_text(
            SYSTEMCTL.format(
                python=sys.executable, folder=str(self.folder), pid_file=str(self.folder / "nginx" / "nginx.pid")
            )
        )
        systemctl.chmod(0o755)
        for port in self.ports:
            wait_for(partial(answers, f"http://127.0.0.1:{port}/health"), seconds=LONG_SECONDS)

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run the script to its end."""
        script = self.folder / "twite-restart"
        script.write_text(SCRIPT.read_text().replace("/etc/nginx/twite-upstream.conf", str(self.upstream)))
        path = f"{self.folder}:{os.environ['PATH']}"
        return subprocess.run(
            ["sh", str(script)],
            env=self.site.environment | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=LONG_SECONDS * 5,
        )

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
        connection.request(method, path, body, {"Connection": "close", **headers})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


@pytest.fixture
def restarting(tmp_path, make_site):
    made = Restarting(tmp_path, make_site(trusted_proxies="127.0.0.1"))
    with nginx.started(tmp_path / "nginx", made.ports, tmp_path) as base:
        made.site.environment["TWITE_BASE_URL"] = base
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
    (tmp_path / "systemctl").write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\n[ "$*" != "{fails}" ]\n')
    (tmp_path / "systemctl").chmod(0o755)
    script = SCRIPT.read_text().replace("/etc/nginx/twite-upstream.conf", str(upstream))
    assert "within 60 answers" in script
    (tmp_path / "twite-restart").write_text(script.replace("within 60 answers", "within 1 answers"))
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(["sh", str(tmp_path / "twite-restart")], env={"PATH": path}, capture_output=True, text=True)

    assert done.returncode == 1
    assert ("doesn't answer" in done.stderr) is not bool(fails)
    assert (tmp_path / "asked").read_text().splitlines() == asked
    assert upstream.read_text() == written
