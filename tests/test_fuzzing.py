"""Whatever is sent to the API, the answer is one that its description declares: Schemathesis against a running site.

`make test` sends the same few requests to each operation in every run, `make fuzz` many and ever new ones.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, BaseSchema, Case, GenerationMode

from support.nameable import Nameable
from support.site_under_test import Site
from twite_web.api.openapi import described
from twite_web.api.routes import routers

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
ON: dict[str, Any] = {name: {"enabled": True} for name in CHECKS}
# What the site doesn't offer, such as translations, is honestly unavailable.
ON["not_a_server_error"]["expected-statuses"] = ["2xx", "3xx", "4xx", "503"]
CONFIG = {"checks": {"enabled": False} | ON}
OPERATIONS = [
    f"{method.upper()} {path}"
    for path, methods in msgspec.json.decode(described(routers, "http://twite.example"))["paths"].items()
    for method in methods
]
THE_SAME = settings(
    max_examples=3,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class People(msgspec.Struct, frozen=True):
    """A running site and its description as it is served, a stranger to it, one of its users and an administrator."""

    site: Site
    schema: BaseSchema
    stranger: requests.Session
    user: requests.Session
    administrator: requests.Session
    make: dict[str, Callable[[], str]]


@pytest.fixture(scope="module")
def people(make_shared_site: Callable[..., Site]) -> Iterator[People]:
    """Those who ask."""
    site = make_shared_site()
    site.start("web")
    config = schemathesis.Config.from_dict(CONFIG)
    with requests.Session() as stranger, requests.Session() as user, requests.Session() as administrator:
        user.headers["Authorization"] = f"Bearer {site.make_account('ann')[1]}"
        scopes = "read write follow push admin:read admin:write"
        administrator.headers["Authorization"] = f"Bearer {site.make_account('cho', role='admin', scopes=scopes)[1]}"
        schema = schemathesis.openapi.from_url(f"{site.base_url}/api/openapi.json", config=config)
        yield People(site, schema, stranger, user, administrator, Nameable(site, user, administrator).by_parameter())


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_declared(people: People, label: str, request: pytest.FixtureRequest):
    examples = request.config.getoption("examples")
    operation = people.schema.find_operation_by_label(label)
    assert operation is not None
    named = {
        name: people.make.get(name) or people.make.get(f"{before}/{name}")
        for before, name in re.findall(r"(\w+)/{(\w+)}", label)
    }

    @(settings(THE_SAME, max_examples=examples, derandomize=False) if examples else THE_SAME)
    @given(cases(operation), st.sampled_from([True, True, False]))
    def ask(case: Case, exists: bool) -> None:
        if exists:
            case.path_parameters |= {name: make() for name, make in named.items() if make}
        for session in (people.stranger, people.user, people.administrator):
            case.call_and_validate(session=session, timeout=30)

    ask()


def cases(operation: APIOperation) -> st.SearchStrategy[Case]:
    """Return what makes requests: as described, and wrong in every way that can be sent."""
    right, wrong = (
        operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    )
    return right | wrong
