"""The API's description, and the page that shows it."""

import re

import msgspec
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from openapi_spec_validator import validate

from twite_web.api import openapi
from twite_web.api.routes import routers


@pytest.fixture(scope="module")
def described():
    return msgspec.json.decode(openapi.described(routers, "http://twite.example"))


def test_the_document_is_served_and_valid(stranger):
    response = stranger.get("/api/openapi.json")

    assert response.json()["openapi"].startswith("3.1")
    assert response.headers["access-control-allow-origin"] == "*"
    validate(response.json())


def test_every_route_of_the_api_is_in_it(described):
    app = Litestar(routers, openapi_config=None, logging_config=None)
    routes = {
        (route.path_format, method.lower())
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path != "/api/openapi.json"
        for method in route.methods - {"OPTIONS", "HEAD"}
    }
    documented = {(path, method) for path, methods in described["paths"].items() for method in methods}

    assert documented == routes


def test_every_operation_says_what_it_does_what_it_needs_and_how_it_fails(described):
    operations = [operation for methods in described["paths"].values() for operation in methods.values()]
    publish = described["paths"]["/api/v1/statuses"]["post"]

    assert all(
        operation["summary"] and {"401", "404", "422"} <= operation["responses"].keys() for operation in operations
    )
    assert not [operation for operation in operations if "callable" in operation["description"]]
    assert publish["summary"] == publish["description"].partition(".")[0]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert publish["security"] == [{"oauth": ["write:statuses"]}, {"token": ["write:statuses"]}]
    assert publish["requestBody"]["content"].keys() >= {"application/json", "multipart/form-data"}
    assert {} in described["paths"]["/api/v1/timelines/public"]["get"]["security"]


def test_the_page_needs_nothing_from_elsewhere_and_nothing_inline(stranger):
    response = stranger.get("/api/docs")
    page = response.text
    loaded = re.findall(r'<(?:script src|link rel="stylesheet" href)="([^"]+)"', page)

    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "access-control-allow-origin" not in response.headers
    assert not re.search(r"<script>|<style|style=|onclick", page)
    assert len(loaded) == 4
    for address in loaded:
        assert stranger.get(address).status_code == 200
