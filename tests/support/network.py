"""Hosts of a test's own on this machine: network namespaces, joined by a switch, with no way to anywhere else.

Only root can make them. Nothing outside of them changes; what runs in them ends with the test.
"""

import ctypes
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from support.site_under_test import wait_for

NETWORK = "10.88.0.0/24"
_FIRST = 10
_NEW_NETWORK = 0x40000000
"""CLONE_NEWNET, by which `setns` knows that a network namespace is meant."""
_SWITCH = "switch"


class Host:
    """A machine of the network, and the programs that were started on it."""

    def __init__(self, network: "Network", name: str, address: str) -> None:
        self.name = name
        self.address = address
        self._network = network
        self.processes: list[subprocess.Popen[bytes]] = []

    @property
    def prefix(self) -> tuple[str, ...]:
        """What a command begins with that is to run on this host."""
        return ("nsenter", f"--net={self._network.path(self.name)}")

    def run(self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        """Start a program and go on; what it prints is appended to a file."""
        with log.open("ab") as output:
            process = subprocess.Popen(
                [*self.prefix, *command],
                cwd=log.parent,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.processes.append(process)

    def cut_off(self) -> None:
        """Pull the cable: whatever is sent to this host or by it is lost without a word."""
        self._network.set_port(self.name, "down")

    def connect(self) -> None:
        """Put the cable back."""
        self._network.set_port(self.name, "up")

    def kill(self) -> None:
        """End every program of this host at once."""
        for pid in self._pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self.processes:
            process.wait()
        self.processes.clear()
        wait_for(lambda: not self._pids())

    def _pids(self) -> list[int]:
        # A thread of the test that is in this host is none of its programs.
        listed = _ip("netns", "pids", self._network.full_name(self.name)).split()
        return [int(pid) for pid in listed if int(pid) != os.getpid()]


class Network:
    """The switch, and the hosts that were put on it."""

    def __init__(self) -> None:
        self._prefix = f"twite-{os.getpid()}-{threading.get_native_id()}"
        self._made: list[str] = []
        self.hosts: dict[str, Host] = {}
        self._make(_SWITCH)
        self._on(_SWITCH, "link", "add", "bridge", "type", "bridge")
        self._on(_SWITCH, "link", "set", "bridge", "up")

    def add(self, name: str) -> Host:
        """Put a host on the switch."""
        self._make(name)
        host = Host(self, name, f"10.88.0.{_FIRST + len(self.hosts)}")
        self.hosts[name] = host
        switch, own = self.full_name(_SWITCH), self.full_name(name)
        _ip("link", "add", "name", name, "netns", switch, "type", "veth", "peer", "name", "eth0", "netns", own)
        self._on(_SWITCH, "link", "set", "dev", name, "master", "bridge", "up")
        self._on(name, "addr", "add", f"{host.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            self._on(name, "link", "set", device, "up")
        return host

    def path(self, name: str) -> str:
        """Return the file by which a host's namespace is entered."""
        return f"/run/netns/{self.full_name(name)}"

    def full_name(self, name: str) -> str:
        """Return the name of a host's namespace."""
        return f"{self._prefix}-{name}"

    def set_port(self, name: str, state: str) -> None:
        """Have a port of the switch up or down."""
        self._on(_SWITCH, "link", "set", "dev", name, state)

    @contextmanager
    def entered(self, host: Host) -> Iterator[None]:
        """Be on a host: what this thread connects to meanwhile, and threads that it starts, it does from there."""
        with Path("/proc/thread-self/ns/net").open() as before, Path(self.path(host.name)).open() as there:
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(before.fileno())

    def remove(self) -> None:
        """End what runs on the hosts, and remove them."""
        for host in self.hosts.values():
            host.kill()
        for name in self._made:
            _ip("netns", "delete", self.full_name(name))

    def _make(self, name: str) -> None:
        _ip("netns", "add", self.full_name(name))
        self._made.append(name)

    def _on(self, name: str, *command: str) -> None:
        _ip("-netns", self.full_name(name), *command)


@contextmanager
def made(names: Sequence[str]) -> Iterator[Network]:
    """Give a network with these hosts, for as long as the block lasts."""
    network = Network()
    try:
        for name in names:
            network.add(name)
        yield network
    finally:
        network.remove()


def can_be_made() -> bool:
    """Say whether this user may make hosts on this machine."""
    try:
        with made(["one"]):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def _ip(*command: str) -> str:
    return subprocess.run(["ip", *command], capture_output=True, text=True, check=True).stdout


def _enter(namespace: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(namespace, _NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "A network namespace couldn't be entered.")
