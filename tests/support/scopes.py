"""Requests as a server hands them to the application (ASGI 3.0), for tests that decide how a body comes."""

from typing import Any


def http_scope(
    method: str, path: str, headers: dict[str, str], *, address: str = "192.0.2.1", length: int | None = None
) -> dict[str, Any]:
    """Return the scope of a request from an address. Names of headers have underscores for hyphens."""
    named = [(name.lower().replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    declared = [] if length is None else [(b"content-length", b"%d" % length)]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"twite.example"), *declared, *named],
        "client": (address, 1),
        "server": ("twite.example", 80),
        "state": {},
    }
