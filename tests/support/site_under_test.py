"""A site of a test's own, run by real processes."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from twite_common import clock
from twite_common.database import Database
from twite_common.passwords import Passwords
from twite_common.services.identity import registrations, tokens
from twite_common.services.identity.registrations import SignUp
from twite_common.settings import Settings, descriptions, load

PASSWORD = "correct horse battery"
SCOPES = "read write follow push"
WAIT_SECONDS = 90.0
_RANDOM = random.SystemRandom()
_SLICES = 16
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _SLICES
_given_ports: set[int] = set()


class Site:
    """Settings, a database and the parts that were started; what each part printed is in a file of its own."""

    def __init__(self, folder: Path, database_url: str, **settings: str) -> None:
        self.port = free_port()
        self.folder = folder
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TWITE_")},
            "TWITE_DATA": str(folder / "data"),
            "TWITE_PORT": str(self.port),
            "TWITE_BASE_URL": self.base_url,
            "TWITE_DATABASE": database_url,
            "TWITE_SQLITE_SYNCHRONOUS": "NORMAL",
            # Each thread may keep a connection, of which PostgreSQL has 100 for all tests at the same time.
            "TWITE_THREADS": "12",
            "TWITE_DATABASE_WRITERS": "2",
            "TWITE_PASSWORD_TIME_COST": "1",
            "TWITE_PASSWORD_MEMORY_KIB": "8",
            **{f"TWITE_{name.upper()}": "0" for name, _, _ in descriptions() if name.startswith("limit_")},
            "TWITE_NEW_ACCOUNT_HOURS": "0",
            "PYTHONUNBUFFERED": "1",
            **{f"TWITE_{name.upper()}": value for name, value in settings.items()},
        }
        (folder / "data").mkdir(mode=0o700, exist_ok=True)
        self.settings: Settings = load(folder / "data", self.environment)
        self.database = Database(database_url)
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(
        self, part: str, program: Sequence[str] = ("-m", "twite"), options: Sequence[str] = (), **settings: str
    ) -> subprocess.Popen[bytes]:
        """Start a part of the site, by another program where a test needs one; for the web, wait until it answers."""
        environment = {**self.environment, **{f"TWITE_{name.upper()}": value for name, value in settings.items()}}
        output = (self.folder / f"{part}-{len(self.processes)}.log").open("wb")
        # As `twite run` starts parts: the database is up to date.
        prepared = [] if part == "run" else ["--prepared"]
        process = subprocess.Popen(
            [sys.executable, *program, part, *prepared, *options],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        output.close()
        self.processes.append(process)
        if part in {"web", "run"}:
            port = environment["TWITE_PORT"]
            wait_for(lambda: process.poll() is not None or answers(f"http://127.0.0.1:{port}/health"), self.printed)
            if process.poll() is not None:
                raise AssertionError(f"{part} ended with code {process.returncode}.\n{self.printed()}")
        return process

    def printed(self) -> str:
        """Return what all parts have printed."""
        return "\n".join(file.read_text(errors="replace") for file in sorted(self.folder.glob("*.log")))

    def make_account(self, username: str, *, scopes: str = SCOPES, **options: Any) -> tuple[int, str]:
        """Make an account that can log in with PASSWORD; return its id and a token for it."""
        password_hash = Passwords(self.settings).hash(PASSWORD, about=())
        sign_up = SignUp(username=username, email=f"{username}@mail.example", password_hash=password_hash)
        now = clock.now()
        with self.database.writing() as db:
            id = registrations.create(db, now=now, sign_up=sign_up, smtp_utf8=False, **{"confirmed": True, **options})
            return id, tokens.create_personal(db, now=now, account_id=id, name="test", scopes=scopes)

    def stop(self) -> None:
        """Stop every part."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.database.close()


def free_port() -> int:
    """Return a port that nothing listens on.

    The system gives those from 32768 on to connections, so that one could be somebody's before the test listens. Until
    it does, nobody else is given the same: each worker has ports of its own, and gives each of them once.
    """
    while True:
        port = _RANDOM.randrange(20_000 + _WORKER, 32_768, _SLICES)
        if port in _given_ports:
            continue
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            _given_ports.add(port)
            return port


def listens(port: int) -> bool:
    """Say whether something of this machine accepts connections at a port."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def answers(address: str) -> bool:
    """Say whether an address answers well."""
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


def wait_for(happened: Callable[[], Any], explain: Callable[[], str] = str, seconds: float = WAIT_SECONDS) -> Any:
    """Wait until a condition holds and return what it returned; fail with an explanation when it takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = happened()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"It did not happen within {seconds:.0f} s.\n{explain()[-6000:]}")
