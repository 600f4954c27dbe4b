"""A site on hosts of a test's own network: two with web processes, two with workers, the clock, nginx, the servers."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from support import network, nginx, private_postgresql
from support.network import Host, Network
from support.private_postgresql import Server
from support.site_under_test import Site, answers, wait_for
from twite_common import migrations

WEB = ("web1", "web2")
PARTS = {
    "web1": ("web",),
    "web2": ("web",),
    "worker1": ("worker",),
    "worker2": ("worker", "clock"),
    "clock": ("clock",),
}
"""What of Twite runs on each host. There are two clocks."""
SERVERS = ("postgresql", "rabbitmq", "redis", "nginx")
CLIENT = "client"
"""Where the test itself is, and its mail server."""
PORTS = dict.fromkeys(WEB, 8001) | {"rabbitmq": 5672, "redis": 6379, "nginx": 80}
RABBITMQ = "/usr/lib/rabbitmq/bin/rabbitmq-server"
SYSCTL = Path(__file__).parents[2] / "deploy" / "sysctl.d" / "twite.conf"
KEEPALIVE = {"tcp_keepalive_time": "2", "tcp_keepalive_intvl": "1", "tcp_keepalive_probes": "2"}
"""For nginx's machine, as `deploy/sysctl.d/twite.conf`, but in seconds that a test can wait for."""


class ManyHosts:
    """The hosts, and what is needed to start again what was killed on one."""

    def __init__(self, hosts: Network, folder: Path, site: Site, server: Server) -> None:
        self.hosts = hosts.hosts
        self.site = site
        self._folder = folder
        self._server = server
        self._shared = folder / "shared"
        self._nginx: list[str] = []
        for name in ("media", "uploads"):
            (self._shared / name).mkdir(parents=True)

    def start_all(self) -> None:
        """Start everything; PostgreSQL runs already."""
        web = [self.place(name) for name in WEB]
        self._nginx = nginx.configured(self._folder / "nginx", self.place("nginx"), web, self._shared / "media")
        for name, value in KEEPALIVE.items():
            assert f"net.ipv4.{name} = " in SYSCTL.read_text()
            command = ("sysctl", "-q", "-w", f"net.ipv4.{name}={value}")
            subprocess.run([*self.hosts["nginx"].prefix, *command], check=True)
        for name in ("rabbitmq", "redis", *PARTS, "nginx"):
            self.start(name, wait=False)
        for name in self.hosts:
            self._wait(name)

    def start(self, name: str, *, wait: bool = True) -> None:
        """Start what belongs on a host, and wait until it can be used."""
        host = self.hosts[name]
        match name:
            case "postgresql":
                self._server.start()
            case "rabbitmq":
                host.run([RABBITMQ], self._log(name), self._broker_environment(host))
            case "redis":
                listen = ("--bind", host.address, "--protected-mode", "no", "--save", "")
                host.run(["redis-server", *listen], self._log(name))
            case "nginx":
                host.run(self._nginx, self._log(name))
            case _:
                for part in PARTS[name]:
                    command = [sys.executable, "-m", "twite", part, "--prepared"]
                    host.run(command, self._log(f"{name}-{part}"), self._environment(host, part))
        if wait:
            self._wait(name)

    def place(self, name: str) -> str:
        """Return where a host's program listens: its address and port."""
        return f"{self.hosts[name].address}:{PORTS[name]}"

    def printed(self) -> str:
        """Return the last that each part has printed."""
        texts = {file.stem: file.read_text(errors="replace") for file in sorted(self._folder.glob("*.log"))}
        return "\n".join(f"== {name}\n{text[-1500:]}" for name, text in texts.items())

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _wait(self, name: str) -> None:
        if name in WEB:
            wait_for(lambda: answers(f"http://{self.place(name)}/health"), self.printed)
        elif name in PORTS:
            wait_for(lambda: _listens(self.hosts[name].address, PORTS[name]), self.printed)

    def _environment(self, host: Host, part: str) -> dict[str, str]:
        """Return the variables of a host's parts: each has a data folder of its own, but for the shared ones."""
        data = self._folder / f"data-{host.name}-{part}"
        if not data.exists():
            data.mkdir(mode=0o700)
            for shared in self._shared.iterdir():
                (data / shared.name).symlink_to(shared)
        return self.site.environment | {
            "TWITE_DATA": str(data),
            "TWITE_HOST": host.address,
            "TWITE_PORT": str(PORTS["web1"]),
            "TWITE_BROKER": f"amqp://guest:guest@{self.place('rabbitmq')}//",
            "TWITE_REDIS": f"redis://{self.place('redis')}/",
        }

    def _broker_environment(self, host: Host) -> dict[str, str]:
        folder = self._folder / "rabbitmq"
        folder.mkdir(exist_ok=True)
        (folder / "rabbitmq.conf").write_text("loopback_users = none\n")
        (folder / "plugins").write_text("[].\n")
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "RABBITMQ_NODENAME": "twite@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": host.address,
            "RABBITMQ_NODE_PORT": str(PORTS["rabbitmq"]),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
        }


@contextmanager
def started(folder: Path, **settings: str) -> Iterator[ManyHosts]:
    """Give a site on many hosts, this thread being on one as well, for as long as the block lasts."""
    with ExitStack() as stack:
        hosts = stack.enter_context(network.made((CLIENT, *SERVERS, *PARTS)))
        server = stack.enter_context(private_postgresql.started(hosts.hosts["postgresql"]))
        migrations.upgrade(server.local_url)
        addresses = {name: host.address for name, host in hosts.hosts.items()}
        (folder / "site").mkdir()
        site = Site(
            folder / "site",
            server.local_url,
            base_url=f"http://{addresses['nginx']}",
            hosts=",".join(addresses[name] for name in WEB),
            database=server.url,
            trusted_proxies=addresses["nginx"],
            secret_key="the same on all hosts",
            smtp=f"smtp://{addresses[CLIENT]}:2525",
            **settings,
        )
        stack.callback(site.stop)
        stack.enter_context(hosts.entered(hosts.hosts[CLIENT]))
        many = ManyHosts(hosts, folder, site, server)
        many.start_all()
        yield many


def _listens(address: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False
