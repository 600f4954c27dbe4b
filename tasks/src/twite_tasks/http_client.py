"""Requests to other servers at user-supplied URLs: never to private networks, with limited time and size.

Names are resolved here and the address that was checked is the one that is connected to, for each redirect anew, so
that a name can't come to mean another machine in between.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import httpcore
import msgspec
from httpcore import NetworkBackend, NetworkStream, SyncBackend

from twite_common.settings import Settings
from twite_tasks.remote_pages.urls import joined

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRANSLATED = ip_network("64:ff9b::/96")
"""IPv4 addresses as networks with IPv6 alone write them (RFC 6052)."""
_UNICAST = ip_network("2000::/3")
"""What the internet's addresses of IPv6 are taken from (RFC 4291, section 2.4)."""
_RESERVED = ip_network("192.0.0.0/24")
"""Addresses of IPv4 for protocols (RFC 6890), some of which `ipaddress` takes for the internet's."""
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
    max_bytes: int = 1024 * 1024,
    max_redirects: int = 0,
) -> Answer:
    """Send a request and return the answer; of a body that is too long, only the first bytes are read.

    Redirects are followed as often as `max_redirects` says, by GET, and otherwise returned. Raises Refused for an
    address that isn't on the public internet (unless the settings allow those) or no http address, and Unreachable.
    """
    deadline = time.monotonic() + seconds
    backend = _Backend(deadline, allow_private=settings.allow_private_addresses)
    with httpcore.ConnectionPool(ssl_context=ssl.create_default_context(), network_backend=backend) as pool:
        for _ in range(max_redirects + 1):
            answer = _once(pool, method, url, headers or {}, content, max_bytes)
            target = answer.headers.get("location")
            if answer.status not in REDIRECTS or target is None or max_redirects == 0:
                return answer
            method, content, url = "GET", b"", joined(url, target)
    raise Refused("It redirects too often.")


def host(url: str) -> str | None:
    """Return the name of the machine in an address from outside, for the log; None where there is none."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether an address is one of the public internet's, also where it is written inside another one."""
    if isinstance(address, IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inside is None and address in _TRANSLATED:
            inside = IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(inside)
    reserved = address not in _UNICAST if isinstance(address, IPv6Address) else address in _RESERVED
    return address.is_global and not address.is_multicast and not reserved


def _once(
    pool: httpcore.ConnectionPool,
    method: str,
    url: str,
    headers: Mapping[str, str],
    content: bytes,
    max_bytes: int,
) -> Answer:
    _check(url)
    request_headers = {"Host": urlsplit(url).netloc.rpartition("@")[2], "Content-Length": str(len(content)), **headers}
    if method == "GET":
        del request_headers["Content-Length"]
    try:
        with pool.stream(method, url, headers=list(request_headers.items()), content=content or None) as response:
            return Answer(
                status=response.status,
                headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers},
                body=_read(response, max_bytes),
                url=url,
            )
    except httpcore.UnsupportedProtocol as error:
        raise Refused("It isn't an HTTP URL.") from error
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
        raise Refused("It isn't an HTTP URL.")


def _read(response: httpcore.Response, max_bytes: int) -> bytes:
    body = b""
    for part in response.iter_stream():
        body += part
        if len(body) >= max_bytes:
            return body[:max_bytes]
    return body


class _Stream(NetworkStream):
    """A connection on which nothing is waited for after a moment, however often a little of something comes.

    The client's own limits are for each read, so that a server which sends one byte after another has all the time.
    """

    def __init__(self, inner: NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - httpcore's signature
        """Return what comes next."""
        return self._inner.read(max_bytes, _left(self._deadline, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - httpcore's signature
        """Send something."""
        self._inner.write(buffer, _left(self._deadline, httpcore.WriteTimeout))

    def close(self) -> None:
        """End the connection."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - httpcore's signature
    ) -> NetworkStream:
        """Return the connection, encrypted."""
        remaining = _left(self._deadline, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, remaining), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what is known of the connection."""
        return self._inner.get_extra_info(info)


def _left(deadline: float, over: type[httpcore.TimeoutException]) -> float:
    """Return how many seconds are left. Raises `over` when none are."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise over("The response took too long.")
    return seconds


class _Backend(NetworkBackend):
    """Connects to public addresses only, unless private ones are allowed."""

    def __init__(self, deadline: float, *, allow_private: bool) -> None:
        self._deadline = deadline
        self._allow_private = allow_private
        self._network = SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - httpcore's signature
        local_address: str | None = None,
        socket_options: _SocketOptions | None = None,
    ) -> NetworkStream:
        """Resolve a name, and connect to the first of its addresses that answers."""
        failure: Exception = Refused("It is not on the public internet.")
        for address in self._addresses(host, port):
            try:
                remaining = _left(self._deadline, httpcore.ConnectTimeout)
                connected = self._network.connect_tcp(address, port, remaining, local_address, socket_options)
                return _Stream(connected, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        addresses = _resolved(host, port, _left(self._deadline, httpcore.ConnectTimeout))
        if self._allow_private:
            return addresses
        return [address for address in addresses if is_public(ip_address(address.partition("%")[0]))]


def _resolved(host: str, port: int, seconds: float) -> list[str]:
    """Return a name's addresses.

    The system's resolver can't be told how long it may take: a thread of its own waits for it, however long.
    """
    future: Future[list[str]] = Future()

    def resolve() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            future.set_result(list(dict.fromkeys(str(answer[4][0]) for answer in answers)))
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            future.set_exception(error)

    Thread(target=resolve, name="resolver", daemon=True).start()
    try:
        return future.result(seconds)
    except FutureTimeout as error:
        raise httpcore.ConnectTimeout("Its name took too long to resolve.") from error
    except UnicodeError as error:
        raise Refused("Its host name is invalid.") from error
