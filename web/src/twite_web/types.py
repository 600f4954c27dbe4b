"""Types that handlers use, with the parameters that never differ filled in."""

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

import litestar
from litestar.connection import ASGIConnection

Request: TypeAlias = litestar.Request[Any, Any, Any]
Response: TypeAlias = litestar.Response[Any]
Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]


def as_dict(scope: Mapping[str, object]) -> dict[str, Any]:
    """Return a scope or message of ASGI as the dict that it is: Litestar's types know the protocol's own keys only."""
    # Mypy lets no TypedDict be a dict, since anything could then be put into it. Here that is the point.
    return cast("dict[str, Any]", scope)
