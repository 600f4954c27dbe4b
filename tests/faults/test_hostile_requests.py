"""Requests that are made to be expensive: no stranger's request keeps a web process from answering others."""

import pytest

from support.watching import head, loop_seconds, send, status_of, watching, web_process

pytestmark = [pytest.mark.faults, pytest.mark.once]

HELD_SECONDS = 0.05
"""For how long a stranger's request may keep the event loop busy."""
TAKEN_SECONDS = 0.004
"""For how long it works for each megabyte that comes, in many short turns, wanted or not."""
WAIT_SECONDS = 5.0
"""How long somebody else may have to wait meanwhile, on a machine that has much else to do.

Far more than anybody waits: a loop that works is seen by its own time above, a loop that sleeps or waits only here.
"""
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
MULTIPART = "multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
FILE_PART = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n%s\r\n'
MB = 1024 * 1024

BODIES = {
    "41 MB of brackets": ("/posts", FORM, b"a[][b]=1&" * (41 * MB // 9)),
    "9 MB of brackets": ("/oauth/token", FORM, b"a[][b]=1&" * (9 * MB // 9)),
    "1 MB of brackets": ("/oauth/token", FORM, b"a[][b]=1&" * (MB // 10)),
    "1 MB of separators": ("/login", FORM, b"&" * (MB - 10)),
    "as many parameters as may be, deeply nested": (
        "/login",
        FORM,
        b"&".join(b"a[b%d][c][d][e][f]=1" % number for number in range(999)),
    ),
    "1 MB of percent signs": ("/login", FORM, b"a=" + b"%41" * (MB // 4)),
    "1 MB of lists": ("/api/v1/apps", JSON, b'{"a":[' + b"[]," * (MB // 4) + b"[]]}"),
    "1 MB of objects": ("/api/v1/apps", JSON, b'{"a":[' + b'{"b":1},' * (MB // 9) + b"1]}"),
    "1 MB of parts": ("/login", MULTIPART, PART % (b"a", b"") * (MB // 60) + b"--b--"),
    "many nested parts": (
        "/login",
        MULTIPART,
        b"".join(PART % (b"a[b%d][c][d][e][f]" % number, b"") for number in range(999)) + b"--b--",
    ),
    "1 MB in one part": ("/login", MULTIPART, PART % (b"a", b"x" * (MB - 200)) + b"--b--"),
    "1 MB of files": ("/login", MULTIPART, FILE_PART % (b"x" * 900) * 999 + b"--b--"),
    "64 KB of numbers": ("/api/v2/filters", JSON, b'{"context":[' + b"1e300," * 9900 + b"1]}"),
    "64 KB of empty objects": ("/api/v2/filters", JSON, b'{"keywords_attributes":[' + b"{}," * 9900 + b"{}]}"),
    "a long escaped name": ("/login", FORM, b"%41" * 21_000 + b"=1"),
    "a text in Punycode": (
        "/login",
        MULTIPART,
        b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=punycode\r\n\r\n'
        + b"a" * 64_000
        + b"\r\n--b--",
    ),
    "a file of 40 MB": ("/api/v2/media", MULTIPART, FILE_PART % (b"x" * 40 * MB) + b"--b--"),
}
HEADS = {
    "a quoted cookie": ("POST /login", {"Cookie": 'twite="' + "\\" * 30_000 + '"'}),
    "many cookies": ("POST /login", {"Cookie": "a=b; " * 6000}),
    "many parameters": ("GET /api/v1/timelines/public?" + "a&" * 8000, {}),
    "many brackets": ("GET /api/v1/timelines/public?" + "a[]=1&" * 2000, {}),
    "a long query": ("GET /public?a=" + "b" * 30_000, {}),
    "a long path": ("GET /" + "a/" * 15_000, {}),
    "many kinds": ("GET /login", {"Accept": "a/b," * 7000, "Content_Type": "a;b=c" * 5000}),
    "many hops": ("GET /login", {"X_Forwarded_For": "127.0.0.1," * 3000}),
}


@pytest.fixture(scope="module")
def site(make_shared_site):
    site = make_shared_site(trusted_proxies="127.0.0.1")
    site.start("web")
    return site


@pytest.fixture
def attack(site, long_faults):
    """Send a request several times; return the statuses, the least time that the loop worked for it, and the wait."""
    process = web_process(site.processes[0].pid)

    def attack(request):
        statuses, worked = set(), []
        with watching(site.port) as health:
            for _ in range(30 if long_faults else 3):
                began = loop_seconds(process)
                with send(site.port, request) as connection:
                    statuses.add(status_of(connection))
                worked.append(loop_seconds(process) - began)
        return statuses, min(worked), health.longest

    return attack


@pytest.mark.parametrize("name", BODIES)
def test_no_body_of_a_stranger_holds_the_event_loop(site, attack, name):
    path, kind, body = BODIES[name]
    request = head("POST", path, "127.0.0.1", Content_Type=kind, Content_Length=len(body)) + body
    statuses, worked, waited = attack(request)

    assert statuses <= {0, 400, 401, 403, 413, 422}
    assert worked < HELD_SECONDS + TAKEN_SECONDS * len(body) / MB
    assert waited < WAIT_SECONDS


@pytest.mark.parametrize("name", HEADS)
def test_no_head_of_a_stranger_holds_the_event_loop(attack, name):
    line, headers = HEADS[name]
    method, _, path = line.partition(" ")
    statuses, worked, waited = attack(head(method, path, "127.0.0.1", **headers))

    assert statuses <= {200, 400, 403, 404, 414, 431}
    assert worked < HELD_SECONDS
    assert waited < WAIT_SECONDS


@pytest.mark.parametrize(
    "line", ["POST /login", "POST /api/v1/apps", "GET /login", "GET /api/v1/accounts/familiar_followers"]
)
def test_no_body_in_tiny_chunks_holds_the_event_loop(attack, line):
    method, _, path = line.partition(" ")
    chunks = head(method, path, "127.0.0.1", Content_Type=JSON, Transfer_Encoding="chunked") + b"1\r\n1\r\n" * 200_000
    statuses, worked, waited = attack(chunks)

    assert statuses <= {0, 400, 401}
    assert worked < HELD_SECONDS
    assert waited < WAIT_SECONDS


@pytest.mark.parametrize("path", ["/login", "/api/v1/apps"])
def test_broken_chunks_are_a_bad_request(site, path):
    broken = head("POST", path, "127.0.0.1", Content_Type=JSON, Transfer_Encoding="chunked") + b"1\r\n1\r\nzz\r\n"

    with send(site.port, broken) as connection:
        assert status_of(connection) == 400
