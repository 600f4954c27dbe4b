"""Asking other servers: which addresses, how long, how much."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any

import pytest

from twite_common.settings import Settings
from twite_tasks import http_client

OPEN = Settings(allow_private_addresses=True)


@pytest.fixture
def server():
    """A server that answers as its paths say; `asked` has the methods that came."""

    class Handler(BaseHTTPRequestHandler):
        server: Any

        def do_GET(self):
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.server.asked.append(self.command)
            if self.path == "/slow":
                self.server.ended.wait(20)
            if self.path == "/dripping":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not self.server.ended.wait(0.02):
                    self.wfile.write(b"a: b\r\n")
                return
            self.send_response(302 if self.path.startswith("/to/") else 404 if self.path == "/missing" else 200)
            if self.path.startswith("/to/"):
                self.send_header("Location", self.path.removeprefix("/to"))
            self.end_headers()
            self.wfile.write(b"x" * 5000)

        def do_POST(self):
            self.do_GET()

        def log_message(self, *args):
            pass

    one: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    one.asked, one.ended = [], threading.Event()
    thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    one.base = f"http://127.0.0.1:{one.server_port}"
    yield one
    one.ended.set()
    one.shutdown()
    thread.join()
    one.server_close()


PRIVATE = [
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "224.0.0.1", "100.64.0.1"),
    *("255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "64:ff9b::10.0.0.1"),
    *(
        "2002:7f00:1::",
        "64:ff9b::127.0.0.1",
        "64:ff9b:1::1",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "fec0::1",
        "192.0.0.8",
    ),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_in_a_private_network_is_not_public(address):
    assert not http_client.is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"])
def test_an_address_of_the_internet_is_public(address):
    assert http_client.is_public(ip_address(address))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0x7f.1", "2130706433"])
def test_private_addresses_are_refused(server, host):
    with pytest.raises(http_client.Refused):
        http_client.ask(Settings(), "GET", f"http://{host}:{server.server_port}/")
    assert server.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "file:///etc/passwd",
        "http://",
        "x",
        "http://a b/",
        "http://[/",
        f"http://{'a' * 64}.example/",
        "http://a..b/",
    ],
)
def test_what_is_no_http_address_is_refused(url):
    with pytest.raises(http_client.Refused):
        http_client.ask(OPEN, "GET", url)


def test_an_answer_is_read_up_to_its_limit(server):
    answer = http_client.ask(OPEN, "GET", f"{server.base}/missing", max_bytes=1000)

    assert (answer.status, len(answer.body), answer.url) == (404, 1000, f"{server.base}/missing")


def test_redirects_are_followed_as_far_as_wanted(server):
    followed = http_client.ask(OPEN, "POST", f"{server.base}/to/to/there", content=b"x", max_redirects=2)
    kept = http_client.ask(OPEN, "POST", f"{server.base}/to/there", content=b"x")

    assert (followed.status, followed.url, kept.status) == (200, f"{server.base}/there", 302)
    assert server.asked == ["POST", "GET", "GET", "POST"]
    with pytest.raises(http_client.Refused):
        http_client.ask(OPEN, "GET", f"{server.base}/to/to/there", max_redirects=1)


def test_a_slow_server_is_not_waited_for(server):
    with pytest.raises(http_client.Unreachable):
        http_client.ask(OPEN, "GET", f"{server.base}/slow", seconds=0.3)


def test_a_server_that_says_a_little_at_a_time_is_not_waited_for(server):
    started = time.monotonic()
    with pytest.raises(http_client.Unreachable):
        http_client.ask(OPEN, "GET", f"{server.base}/dripping", seconds=0.3)

    assert time.monotonic() - started < 5


@pytest.mark.parametrize("path", ["/", "/to//slow.example/"])
def test_a_name_that_takes_long_to_be_resolved_is_not_waited_for(server, monkeypatch, path):
    asked, resolve = [], socket.getaddrinfo

    def getaddrinfo(host, *given, **named):
        asked.append(host)
        if host == "slow.example":
            server.ended.wait(5)
        return resolve("127.0.0.1", *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    base = server.base if path != "/" else server.base.replace("127.0.0.1", "slow.example")
    started = time.monotonic()
    with pytest.raises(http_client.Unreachable, match="too long to resolve"):
        http_client.ask(OPEN, "GET", base + path, seconds=0.5, max_redirects=2)

    assert time.monotonic() - started < 3
    assert asked[-1] == "slow.example"


def test_a_redirect_to_what_is_no_address_is_refused(server):
    with pytest.raises(http_client.Refused):
        http_client.ask(OPEN, "GET", f"{server.base}/to//[", max_redirects=1)


def test_a_server_that_is_not_there_is_unreachable():
    with pytest.raises(http_client.Unreachable):
        http_client.ask(OPEN, "GET", "http://127.0.0.1:1/")
    with pytest.raises(http_client.Unreachable):
        http_client.ask(Settings(), "GET", "http://nobody.invalid/")
