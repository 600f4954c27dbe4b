"""A PostgreSQL server of a test's own, which it may stop and start as it likes."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from support.network import NETWORK, Host
from support.site_under_test import free_port, wait_for

USER = "postgres"
"""PostgreSQL doesn't run as root."""


class Server:
    """The server, in a folder of its own and at a port of its own; whoever is on this machine may use it.

    It listens at another address where it is a host of a test's own network; then those of that network may, too. With
    a primary, it follows that one by streaming replication.
    """

    def __init__(self, folder: Path, host: Host | None = None, primary: "Server | None" = None) -> None:
        self._folder = folder
        self._host = host
        self._address = host.address if host else "127.0.0.1"
        self._programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
        self.port = free_port()
        if primary is None:
            self._run("initdb", "-D", str(folder / "data"), "-U", USER, "--auth", "trust", "--no-sync")
        else:
            self._run(*primary.copying_to(folder / "data"))
        with (folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {NETWORK} trust\n")
        self.url = f"postgresql+psycopg://{USER}@{self._address}:{self.port}/postgres"
        self.local_url = f"postgresql+psycopg://{USER}@/postgres?host={folder}&port={self.port}"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        options = ("-p", str(self.port), "-k", str(self._folder), "-h", self._address, "-c", "fsync=off")
        if self._host is None:
            self._control("start", "-o", " ".join(options), "-l", str(self._folder / "log"))
            return
        # The host's own process, whose end is noticed: PostgreSQL doesn't start beside one that seems to be there.
        as_user = ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups")
        data = str(self._folder / "data")
        self._host.run([*as_user, str(self._programs / "postgres"), "-D", data, *options], self._folder / "log")
        wait_for(self._answers, (self._folder / "log").read_text)

    def stop(self) -> None:
        """Stop it at once, as if it had crashed."""
        if self._host is None:
            self._control("stop", "-m", "immediate")
        else:
            self._host.kill()

    def copying_to(self, folder: Path) -> Sequence[str]:
        """Return the program, with its arguments, that makes a folder a copy that follows this server once started."""
        place = ("-h", self._address, "-p", str(self.port), "-U", USER)
        return ("pg_basebackup", *place, "-D", str(folder), "--write-recovery-conf", "--checkpoint=fast", "--no-sync")

    def promote(self) -> None:
        """Have it follow its primary no longer."""
        self._control("promote")

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.local_url.replace("+psycopg", "")).close()
            return True
        return False

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-w", "-t", "120", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        # A server inherits what its starter has open: a pipe would keep whoever reads its end waiting.
        command: Sequence[str] = [str(self._programs / program), *arguments]
        as_user = ("runuser", "-u", USER, "--") if os.geteuid() == 0 else ()
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
def started(host: Host | None = None, *, primary: Server | None = None) -> Iterator[Server]:
    """Start a server, which follows a primary where one is given, and give it; end it and remove what it kept."""
    folder = Path(tempfile.mkdtemp(prefix="twite-postgresql-"))
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam(USER).pw_uid, -1)
    try:
        server = Server(folder, host, primary)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
