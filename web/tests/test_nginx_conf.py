"""What `deploy/nginx.conf` says of addresses is what the routes say."""

import re
from functools import reduce
from ipaddress import ip_address
from pathlib import Path

import pytest
from litestar.handlers import HTTPRouteHandler

from twite_common import translations
from twite_web.middleware.bodies import MAX_BODY_BYTES
from twite_web.middleware.security import is_api

TEXT = (Path(__file__).parent.parent.parent / "deploy" / "nginx.conf").read_text()
MB = 1024 * 1024


@pytest.fixture(scope="module")
def keeps():
    """Say whether nginx would keep a stranger's page."""
    lines = re.search(r"map \$uri \$kept_for_nobody \{(.*?)\n    \}", TEXT, re.DOTALL)[1]
    rules = re.findall(r'^\s+~(\S+) (1|"");$', lines, re.MULTILINE)
    assert len(rules) == 3

    def keeps(path):
        """Say whether the first pattern that fits is one of those kept."""
        return next((value == '""' for pattern, value in rules if re.search(pattern, path)), False)

    return keeps


@pytest.fixture
def handlers(bare):
    return {
        (method, route.path_format): one
        for route in bare.routes
        for one in getattr(route, "route_handlers", ())
        for method in one.http_methods
        if isinstance(one, HTTPRouteHandler)
    }


def test_nginx_keeps_what_strangers_are_shown_alike_and_nobody_waits_for_the_rest(
    handlers, client, keeps, ann, make_post
):
    names = {"{handle}": "@ann", "{post_id}": str(make_post(ann, "Hello #birds")), "{name}": "birds"}
    wrong = []
    for method, template in handlers:
        path = reduce(lambda path, name: path.replace(name, names[name]), names, template)
        if method == "GET" and "{" not in path and not is_api(path):
            answer = client.get(path)
            offered = answer.status_code == 200 and "s-maxage" in answer.headers.get("cache-control", "")
            if offered != keeps(path) and (path, keeps(path)) not in SEEN_SELDOM:
                wrong.append((path, answer.status_code, offered))

    assert wrong == []


SEEN_SELDOM = {
    *(
        (path, False)
        for path in (
            "/oauth/authorize/native",
            "/forgot/sent",
            "/login/link/sent",
            "/signup/sent",
            "/by-mail/sent",
            "/api/docs",
        )
    ),
    *(
        (path, True)
        for path in ("/privacy", "/terms", "/robots.txt", "/sitemap.xml", "/about/statistics.csv", "/@ann/by-mail")
    ),
    *(
        (f"{page}/feed.{name}", True)
        for page in ("/@ann", "/tags/birds", "/public")
        for name in ("atom", "rss", "json")
    ),
}
"""Pages that a few see once, and those that are kept for longer or aren't there until somebody writes them."""


def test_nginx_lets_through_what_a_route_takes(handlers):
    locations = re.findall(r"location ~ (\S+) \{\s+client_max_body_size (\d+)m;", TEXT)
    assert len(locations) == 5
    for (method, path), handler in handlers.items():
        largest = handler.resolve_request_max_body_size()
        example = re.sub(r"\{\w+_id\}", "1", path)
        allowed = [int(size) for pattern, size in locations if re.search(pattern, example)]
        if method in {"GET", "OPTIONS"}:
            continue
        if largest > MAX_BODY_BYTES:
            assert allowed, (method, path)
            assert allowed[0] * MB >= largest, (method, path)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("2001:db8:1:2:a:b:c:d", "2001:db8:1:2::"),
        ("2001:db8:1:2:0:0:0:1", "2001:db8:1:2::"),
    ],
)
def test_nginx_counts_networks_of_ipv6(address, counted):
    pattern = re.search(r'map \$binary_remote_addr \$network \{.*?"~(\S+)" \$first_half;', TEXT, re.DOTALL)[1]
    packed = ip_address(address).packed
    found = re.search(pattern.replace("?<first_half>", "?P<first_half>").encode(), packed)
    first_half = found["first_half"] if found else packed

    assert ip_address(first_half.ljust(len(packed), b"\0")) == ip_address(counted)


def test_nginx_tells_all_languages_apart_that_there_are_texts_in():
    pattern = re.search(r'map \$http_accept_language \$language \{.*?"~\*(.*?)"', TEXT, re.DOTALL)[1]
    named = set(re.search(r"<first_language>([a-z|]+)", pattern)[1].split("|"))

    assert set(translations.languages()) <= named
    assert pattern.count("|".join(sorted(named))) == 2
