"""Asking other servers, whose addresses come from people: never one in a private network, never for long or for much.

Names are resolved here and the address that was checked is the one that is connected to, for each redirect anew, so
that a name can't come to mean another machine in between.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urljoin, urlsplit

import httpcore
import msgspec
from httpcore import NetworkBackend, NetworkStream, SyncBackend

from twite_common.settings import Settings

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRANSLATED = ip_network("64:ff9b::/96")
"""IPv4 addresses as networks with IPv6 alone write them (RFC 6052)."""
_SocketOptions = Iterable[tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]]


class Refused(Exception):
    """The address can't be asked, now or later."""


class Unreachable(Exception):
    """There was no whole answer in time; later there may be one."""


class Answer(msgspec.Struct, frozen=True):
    """What a server said. `url` is where, after redirects; header names are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str


def ask(
    settings: Settings,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
    seconds: float = 10.0,
    most_bytes: int = 1024 * 1024,
    most_redirects: int = 0,
) -> Answer:
    """Send a request and return the answer; of a body that is too long, only the first bytes are read.

    Redirects are followed as often as `most_redirects` says, by GET, and otherwise returned. Raises Refused for an
    address that isn't on the public internet (unless the settings allow those) or no http address, and Unreachable.
    """
    deadline = time.monotonic() + seconds
    backend = _Backend(allow_private=settings.allow_private_addresses)
    with httpcore.ConnectionPool(ssl_context=ssl.create_default_context(), network_backend=backend) as pool:
        for _ in range(most_redirects + 1):
            answer = _once(pool, method, url, headers or {}, content, deadline, most_bytes)
            target = answer.headers.get("location")
            if answer.status not in REDIRECTS or target is None or most_redirects == 0:
                return answer
            method, content, url = "GET", b"", urljoin(url, target)
    raise Refused("It redirects too often.")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether an address is one of the public internet's, also where it is written inside another one."""
    if isinstance(address, IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inside is None and address in _TRANSLATED:
            inside = IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(inside)
    return address.is_global and not address.is_multicast


def _once(
    pool: httpcore.ConnectionPool,
    method: str,
    url: str,
    headers: Mapping[str, str],
    content: bytes,
    deadline: float,
    most_bytes: int,
) -> Answer:
    _check(url)
    left = max(0.1, deadline - time.monotonic())
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), left)
    sent = {"Host": urlsplit(url).netloc.rpartition("@")[2], "Content-Length": str(len(content)), **headers}
    if method == "GET":
        del sent["Content-Length"]
    try:
        with pool.stream(
            method, url, headers=list(sent.items()), content=content or None, extensions={"timeout": timeouts}
        ) as response:
            return Answer(
                status=response.status,
                headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers},
                body=_read(response, deadline, most_bytes),
                url=url,
            )
    except httpcore.UnsupportedProtocol as error:
        raise Refused("It is no http address.") from error
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ConnectionNotAvailable,
        OSError,
    ) as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from error


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or not url.isascii() or any(character <= " " for character in url):
        raise Refused("It is no http address.")


def _read(response: httpcore.Response, deadline: float, most_bytes: int) -> bytes:
    body = b""
    for part in response.iter_stream():
        body += part
        if len(body) >= most_bytes:
            return body[:most_bytes]
        if time.monotonic() > deadline:
            raise Unreachable("The answer took too long.")
    return body


class _Backend(NetworkBackend):
    """Connects to public addresses only, unless private ones are allowed."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._network = SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _SocketOptions | None = None,
    ) -> NetworkStream:
        """Resolve a name, and connect to the first of its addresses that answers."""
        failure: Exception = Refused("It is not on the public internet.")
        for address in self._addresses(host, port):
            try:
                return self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        if self._allow_private:
            return addresses
        return [one for one in addresses if is_public(ip_address(one.partition("%")[0]))]
