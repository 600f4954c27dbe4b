"""Whom a request comes from, behind proxies that are trusted, and only behind those."""

from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from litestar.connection import ASGIConnection

from twite_web.core import core


def client_address(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Return the address of whoever sent a request.

    The header X-Forwarded-For is read from its end, as far as trusted proxies wrote it.
    """
    peer = connection.client.host if connection.client else "unknown"
    trusted = core(connection).settings.trusted_proxies
    if not trusted:
        return peer
    written = connection.headers.getall("x-forwarded-for", [])
    hops = [hop.strip() for line in written for hop in line.split(",")]
    for hop in reversed(hops):
        if not _within(peer, trusted):
            break
        peer = hop if _is_address(hop) else peer
    return peer


def _within(address: str, networks: list[str]) -> bool:
    return _is_address(address) and any(ip_address(address) in _network(network) for network in networks)


@cache
def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
