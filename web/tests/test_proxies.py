"""Whom a request comes from, whatever its headers say."""

from types import SimpleNamespace
from typing import Any

import pytest
from litestar.datastructures import Headers

from twite_web.proxies import client_address

TRUSTED = ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"]


def address(peer, *lines, trusted=TRUSTED):
    connection: Any = SimpleNamespace(
        scope={},
        client=SimpleNamespace(host=peer),
        headers=Headers([(b"x-forwarded-for", line.encode()) for line in lines]),
        app=SimpleNamespace(state={"core": SimpleNamespace(settings=SimpleNamespace(trusted_proxies=trusted))}),
    )
    return client_address(connection)


@pytest.mark.parametrize(
    ("peer", "lines", "found"),
    [
        ("198.51.100.1", ["192.0.2.1"], "198.51.100.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("::ffff:127.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("2001:db8::1", ["2001:470::1"], "2001:470::1"),
        ("127.0.0.1", ["203.0.113.9, 192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", ["203.0.113.9, 192.0.2.1, 10.1.1.1"], "192.0.2.1"),
        ("127.0.0.1", ["203.0.113.9", "192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", ["203.0.113.9, unknown"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9, 192.0.2.1:4711"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9,"], "127.0.0.1"),
    ],
)
def test_an_address_comes_from_headers_as_far_as_proxies_are_trusted(peer, lines, found):
    assert address(peer, *lines) == found


def test_without_a_trusted_proxy_no_header_counts():
    assert address("127.0.0.1", "192.0.2.1", trusted=[]) == "127.0.0.1"
