"""What every request passes: host names, CORS, and the headers that protect people."""

import msgspec
import pytest
from litestar.testing import TestClient

from twite_web.app import application

ORIGIN = {"Origin": "https://app.example"}


@pytest.mark.parametrize("path", ["/api/v1/instance", "/oauth/token", "/oauth/revoke", "/.well-known/nodeinfo"])
def test_pages_of_other_sites_may_call_the_api(client, path):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    preflight = client.options(path, headers=ORIGIN | asked)
    answer = client.get(path, headers=ORIGIN)

    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-headers"] == "authorization"
    assert "PATCH" in preflight.headers["access-control-allow-methods"]
    assert {preflight.headers["access-control-allow-origin"], answer.headers["access-control-allow-origin"]} == {"*"}
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/login", "/oauth/authorize", "/settings", "/@ann", "/media/a/b", "/api/docs"])
def test_pages_of_other_sites_may_not_call_the_website(client, path):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}

    for answer in (client.options(path, headers=ORIGIN | asked), client.get(path, headers=ORIGIN)):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", ["/", "/login", "/@nobody", "/oauth/authorize", "/static/nothing"])
def test_every_page_is_protected(client, path):
    headers = client.get(path).headers

    assert "unsafe" not in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("twite.example", 200),
        ("TWITE.example", 200),
        ("twite.example:8000", 200),
        ("evil.example", 421),
        ("twite.example.evil.example", 421),
        ("localhost", 421),
        ("[::1]:80", 421),
        ("", 421),
        ("\xff", 421),
        ("twite.example:x<y", 421),
        ("twite.example:80\xff", 421),
        ("twite.example]", 421),
        ("[twite.example]", 421),
    ],
)
@pytest.mark.parametrize("path", ["/health", "/api/v2/instance"])
def test_only_the_sites_own_names_are_answered(client, path, host, status):
    response = client.get(path, headers=[(b"host", host.encode("latin-1"))])

    assert response.status_code == status


def test_behind_tls_browsers_are_told_to_stay_with_it(settings, database):
    secure = msgspec.structs.replace(settings, base_url="https://twite.example")
    with TestClient(application(secure, database), base_url="https://twite.example") as client:
        answer = client.get("/login")

    assert "max-age" in answer.headers["strict-transport-security"]
    [cookie] = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-twite-form=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))


def test_head_is_answered_without_a_body(client):
    whole, head = client.get("/about"), client.head("/about")

    assert (head.status_code, head.content, whole.content != b"") == (200, b"", True)


@pytest.mark.parametrize("path", ["/api/v1/instance", "/api/v1/nothing", "/.well-known/nodeinfo"])
def test_json_names_its_charset(client, path):
    assert client.get(path).headers["content-type"] == "application/json; charset=utf-8"
