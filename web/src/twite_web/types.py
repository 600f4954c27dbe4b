"""Types that handlers use, with the parameters that never differ filled in."""

from typing import Any, TypeAlias

import litestar
from litestar.connection import ASGIConnection

Request: TypeAlias = litestar.Request[Any, Any, Any]
Response: TypeAlias = litestar.Response[Any]
Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]
Json: TypeAlias = dict[str, Any]
"""A JSON object."""
