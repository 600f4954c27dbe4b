"""A PostgreSQL server of a test's own, which it may stop and start as it likes."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from support.network import NETWORK, Host
from support.site_under_test import free_port

USER = "postgres"
"""PostgreSQL doesn't run as root."""


class Server:
    """The server, in a folder of its own and at a port of its own; whoever is on this machine may use it.

    It listens at another address where it is a host of a test's own network; then those of that network may, too.
    """

    def __init__(self, folder: Path, host: Host | None = None) -> None:
        self._folder = folder
        self._prefix = host.prefix if host else ()
        self._address = host.address if host else "127.0.0.1"
        self._programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
        self.port = free_port()
        self._run("initdb", "-D", str(folder / "data"), "-U", USER, "--auth", "trust", "--no-sync")
        with (folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {NETWORK} trust\n")
        self.url = f"postgresql+psycopg://{USER}@{self._address}:{self.port}/postgres"
        self.local_url = f"postgresql+psycopg://{USER}@/postgres?host={folder}&port={self.port}"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        options = f"-p {self.port} -k {self._folder} -h {self._address} -c fsync=off"
        self._control("start", "-o", options, "-l", str(self._folder / "log"))

    def stop(self) -> None:
        """Stop it at once, as if it had crashed."""
        self._control("stop", "-m", "immediate")

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-w", "-t", "120", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        # A server inherits what its starter has open: a pipe would keep whoever reads its end waiting.
        command: Sequence[str] = [str(self._programs / program), *arguments]
        as_user = (*self._prefix, "runuser", "-u", USER, "--") if os.geteuid() == 0 else ()
        with (self._folder / "programs.log").open("ab") as output:
            subprocess.run(
                [*as_user, *command],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=True,
            )


@contextmanager
def started(host: Host | None = None) -> Iterator[Server]:
    """Start a server and give it; end it and remove what it kept."""
    folder = Path(tempfile.mkdtemp(prefix="twite-postgresql-"))
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam(USER).pw_uid, -1)
    try:
        server = Server(folder, host)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
