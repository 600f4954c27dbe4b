"""Connections that do nothing, little, or listen for long: requests find room beside them, with and without nginx."""

import resource
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from support import nginx
from support.watching import ask, head, memory, send, status_of, watching, web_process

pytestmark = [pytest.mark.faults, pytest.mark.once]

MANY = 600
"""More than a web process's connections used to be."""
SOMEBODY_ELSE = "127.0.0.2"
FORM_WITH_FILES = "multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
MB = 1024 * 1024


@pytest.fixture(autouse=True)
def _may_open_many_files():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, before[1]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture(scope="module")
def site(make_shared_site):
    site = make_shared_site(trusted_proxies="127.0.0.1", limit_streams_account="700", limit_streams_address="650")
    site.start("web")
    site.token = site.make_account("ann")[1]
    return site


@pytest.fixture(params=["direct", pytest.param("nginx", marks=pytest.mark.needs("nginx"))])
def port(request, site, tmp_path):
    """The port at which the site is attacked: a web process's own, or that of nginx before it."""
    if request.param == "direct":
        yield site.port
        return
    (tmp_path / "media").mkdir()
    with nginx.started(tmp_path / "nginx", [site.port], tmp_path / "media") as base:
        yield int(base.rpartition(":")[2])


@pytest.fixture
def connections():
    """What is open in a test; closed when it ends."""
    with ExitStack() as opened:
        yield opened


def open_many(connections, port, request, number=MANY):
    with ThreadPoolExecutor(16) as threads:
        return [connections.enter_context(one) for one in threads.map(lambda _: send(port, request), range(number))]


def median_seconds(port, path):
    """Return how long somebody who comes from elsewhere waits for a page, the usual time of five."""
    seconds = []
    for _ in range(5):
        began = time.monotonic()
        assert ask(port, path, source=SOMEBODY_ELSE)[0] == 200
        seconds.append(time.monotonic() - began)
    return sorted(seconds)[2]


ATTACKS = {
    "idle": lambda _: b"",
    "half a head": lambda _: b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ",
    "slow bodies": lambda _: head("POST", "/login", "127.0.0.1", Content_Length=50_000) + b"a=1",
    "slow uploads": lambda site: (
        head(
            "POST",
            "/api/v2/media",
            "127.0.0.1",
            Authorization=f"Bearer {site.token}",
            Content_Type=FORM_WITH_FILES,
            Content_Length=40 * MB,
        )
        + PART
    ),
    "event streams": lambda site: head(
        "GET", "/api/v1/streaming/user", "127.0.0.1", Authorization=f"Bearer {site.token}"
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_page_is_there_within_a_second_beside_many_connections(site, port, connections, name):
    open_many(connections, port, ATTACKS[name](site))

    assert median_seconds(port, "/login") < 1


def test_uploads_that_never_end_are_kept_on_disk(site, connections):
    process = web_process(site.processes[0].pid)
    before = memory(process)
    request = ATTACKS["slow uploads"](site) + b"x" * (10 * MB)
    with watching(site.port, "/health", source=SOMEBODY_ELSE) as health:
        open_many(connections, site.port, request, 20)

    assert memory(process) - before < 60 * MB
    assert health.longest < 5
    assert median_seconds(site.port, "/login") < 1


def test_uploads_of_strangers_are_not_read(site, connections):
    process = web_process(site.processes[0].pid)
    before = memory(process)
    strangers = ATTACKS["slow uploads"](site).replace(site.token.encode(), b"nobody")
    open_many(connections, site.port, strangers + b"x" * MB, 40)

    assert memory(process) - before < 20 * MB


def test_connections_that_nothing_is_asked_on_end(make_shared_site, connections):
    site = make_shared_site()
    quickly = "from twite.main import main; from twite_web import server; server.IDLE_MS = 1000; main()"
    site.start("web", ["-c", quickly])
    new = connections.enter_context(send(site.port, b""))
    half = connections.enter_context(send(site.port, ATTACKS["half a head"](site)))
    kept = connections.enter_context(send(site.port, head("GET", "/health", "127.0.0.1")))

    assert status_of(kept) == 200
    assert [one.recv(4096) for one in (kept, new, half)] == [b"", b"", b""]
