"""The API's description, held against answers: every status, header and body must be one that it declares."""

from functools import cache

import httpx
import msgspec
import schemathesis
from schemathesis.specs.openapi.schemas import OpenApiSchema

from twite_web.api.openapi import described
from twite_web.api.routes import routers


@cache
def description() -> OpenApiSchema:
    """Return the description, read by Schemathesis."""
    return schemathesis.openapi.from_dict(msgspec.json.decode(described(routers, "http://twite.example")))


def check(answer: httpx.Response) -> None:
    """Fail when an answer isn't declared by the operation that gave it; for a client's event hook."""
    request = answer.request
    operation = description().find_operation_by_path(request.method, request.url.raw_path.decode().partition("?")[0])
    if operation is None:
        return
    answer.read()
    if answer.status_code not in STATUSES:
        assert str(answer.status_code) in operation.definition.raw["responses"], (operation.label, answer.status_code)
    operation.validate_response(answer)


STATUSES = {304, 405, 413, 414, 431}
"""Answers of HTTP itself, which no operation declares."""
