"""The servers and programs that tests use: finding, installing and starting them.

A test that needs one says so with `@pytest.mark.needs("redis")`; the names are those of `SERVICES`. What was started
here keeps running afterwards, as if the machine had started it.
"""

import os
import platform
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from support import network, postgresql

SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")
START_SECONDS = 60


class Missing(Exception):
    """A service can't be had on this machine; the text says why, to follow the word "but"."""


@dataclass(frozen=True)
class Service:
    """A server, which listens at `port`, or a program, which has no port.

    `package` is Debian's name for what installs it; `program` is there once it is installed; `root_starts` says that
    only root can start it.
    """

    name: str
    title: str
    package: str
    program: str
    port: int | None = None
    root_starts: bool = False


SERVICES = (
    Service("postgresql", "PostgreSQL", "postgresql", "pg_ctlcluster", 5432, root_starts=True),
    Service("pgbouncer", "pgbouncer", "pgbouncer", "pgbouncer"),
    Service("namespaces", "network namespaces", "iproute2", "ip"),
    Service("redis", "Redis", "redis-server", "redis-server", 6379),
    Service("rabbitmq", "RabbitMQ", "rabbitmq-server", "rabbitmq-server", 5672, root_starts=True),
    Service("nginx", "nginx", "nginx-light", "nginx"),
    Service("chromium", "Chromium", "chromium-headless-shell", "chromium-headless-shell"),
    Service("whole-chromium", "Chromium with its windows", "chromium", "chromium"),
    Service("ffmpeg", "ffmpeg", "ffmpeg", "ffmpeg"),
    Service("npm", "npm", "npm", "npm"),
    Service("dovecot", "Dovecot", "dovecot-imapd", "dovecot"),
    Service("fail2ban", "fail2ban", "fail2ban", "fail2ban-regex"),
    Service("systemd", "systemd", "systemd", "systemd-analyze"),
)
BY_NAME = {service.name: service for service in SERVICES}


def prepare(names: Collection[str], log: Path) -> dict[str, str]:
    """Install which of these services are missing, start which are stopped; return, by name, why one can't be had.

    What the programs print while they are installed and started goes to `log`.
    """
    os.environ["PATH"] = os.pathsep.join((os.environ["PATH"], *SYSTEM_FOLDERS))
    wanted = [service for service in SERVICES if service.name in names]
    install([service for service in wanted if not present(service)], log)
    missing = {}
    for service in wanted:
        try:
            make_ready(service, log)
        except Missing as reason:
            missing[service.name] = str(reason)
    return missing


def make_ready(service: Service, log: Path) -> None:
    """See that a service can be used now, or raise Missing."""
    if not present(service):
        raise Missing(_why_absent(service, log))
    if service.port is not None and not listening(service):
        start(service, log)
    if service.name == "postgresql":
        try:
            postgresql.open_to_this_user()
        except postgresql.Refused as reason:
            raise Missing(f"it refuses: {reason}") from reason
    if service.name == "namespaces" and not network.can_be_made():
        raise Missing("this user may not make any here")


def present(service: Service) -> bool:
    """Say whether a service is installed, or runs without being installed here."""
    if service.name == "postgresql" and postgresql.given():
        return True
    return shutil.which(service.program) is not None or listening(service)


def listening(service: Service) -> bool:
    """Say whether something accepts connections at a service's port."""
    if service.name == "postgresql" and postgresql.given():
        return True
    try:
        socket.create_connection(("127.0.0.1", service.port or 0), timeout=1).close()
    except OSError:
        return False
    return True


def install(services: Sequence[Service], log: Path) -> None:
    """Install services by their packages' names, one by one, so that one failure costs one service."""
    if not services or not may_install():
        return
    _run(("apt-get", "update"), log)
    for service in services:
        print(f"Installing {service.title}", flush=True)
        _run(("apt-get", "install", "--yes", "--no-install-recommends", service.package), log)


def may_install() -> bool:
    """Say whether this is Debian and this user may install packages."""
    try:
        system = platform.freedesktop_os_release().get("ID")
    except OSError:
        return False
    return system == "debian" and os.geteuid() == 0


def start(service: Service, log: Path) -> None:
    """Start an installed server and wait until it accepts connections, or raise Missing."""
    if service.root_starts and os.geteuid() != 0:
        raise Missing("it is not running, and only root can start it")
    print(f"Starting {service.title}", flush=True)
    if not any(_run(command, log) == 0 for command in _start_commands(service)):
        raise Missing(f"it could not be started (see {log.parent.name}/{log.name})")
    until = time.monotonic() + START_SECONDS
    while not listening(service):
        if time.monotonic() > until:
            raise Missing(f"it did not answer within {START_SECONDS} s of its start (see {log.parent.name}/{log.name})")
        time.sleep(0.1)


def _start_commands(service: Service) -> list[tuple[str, ...]]:
    match service.name:
        case "postgresql":
            return [("pg_ctlcluster", *cluster, "start") for cluster in postgresql.clusters()]
        case "redis":
            folder = tempfile.gettempdir()
            listen = ("--bind", "127.0.0.1", "--port", str(service.port))
            return [("redis-server", *listen, "--daemonize", "yes", "--save", "", "--dir", folder)]
        case _:
            return [("rabbitmq-server", "-detached")]


def _why_absent(service: Service, log: Path) -> str:
    if may_install():
        return f"apt-get could not install {service.package} (see {log.parent.name}/{log.name})"
    return "it is not installed, and only root on Debian can install it here"


def _run(command: Sequence[str], log: Path) -> int:
    # A server inherits what its starter has open: a pipe would keep whoever reads this run's output waiting, and a
    # terminal's Ctrl-C would end the server.
    with log.open("ab") as output:
        output.write(f"$ {' '.join(command)}\n".encode())
        output.flush()
        return subprocess.run(
            command,
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            start_new_session=True,
            check=False,
        ).returncode
