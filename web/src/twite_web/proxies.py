"""The client address of a request, behind trusted proxies only."""

from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from twite_common.services.attempts import counted_as
from twite_common.services.moderation.sign_up_blocks import parsed_address
from twite_web.core import core
from twite_web.types import Connection, as_dict

ADDRESS_KEY = "twite_address"
"""Where a connection's scope holds whom it comes from, once that was asked for."""


def client_address(connection: Connection) -> str:
    """Return the address of whoever sent a request.

    The header X-Forwarded-For is read from its end, as far as trusted proxies wrote it; what stands before something
    that is no address may be anybody's.
    """
    scope = as_dict(connection.scope)
    address: str | None = scope.get(ADDRESS_KEY)
    if address is None:
        address = scope[ADDRESS_KEY] = _client_address(connection)
    return address


def refuse_blocked_networks(connection: Connection) -> None:
    """Raise NotAllowed for whoever comes from a network that is kept out altogether."""
    networks = core(connection).networks
    if networks.refuse_some:
        networks.check(client_address(connection))


def _client_address(connection: Connection) -> str:
    peer = connection.client.host if connection.client else "unknown"
    trusted = core(connection).settings.trusted_proxies
    if not trusted:
        return peer
    written = connection.headers.getall("x-forwarded-for", [])
    hops = [hop.strip() for line in written for hop in line.split(",")]
    for hop in reversed(hops):
        if not _within(peer, trusted) or parsed_address(hop) is None:
            break
        peer = hop
    return peer


def counted_address(connection: Connection) -> str | None:
    """Return whom requests at once are counted for; None for this machine and for proxies that name nobody."""
    address = client_address(connection)
    parsed = parsed_address(address)
    if parsed is None or parsed.is_loopback or _within(address, core(connection).settings.trusted_proxies):
        return None
    return counted_as(address)


def _within(address: str, networks: list[str]) -> bool:
    parsed = parsed_address(address)
    return parsed is not None and any(parsed in _network(network) for network in networks)


@cache
def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text)
