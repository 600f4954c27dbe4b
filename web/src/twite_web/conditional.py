"""Conditional requests (RFC 9110, section 13): who has something as it is now is told so, and not sent it again."""

from collections.abc import Mapping
from datetime import datetime

from litestar import Response
from werkzeug.sansio.http import is_resource_modified

NOT_MODIFIED = 304


def unmodified(headers: Mapping[str, str], etag: str, last_modified: datetime | None = None) -> bool:
    """Say whether whoever sent a request with these headers has what is now to be had under an entity tag."""
    return not is_resource_modified(
        http_if_none_match=headers.get("if-none-match"),
        http_if_modified_since=headers.get("if-modified-since"),
        etag=etag,
        last_modified=last_modified,
    )


def not_modified(headers: dict[str, str]) -> Response[None]:
    """Return the answer without a body; its headers are those that the whole answer would have."""
    return Response(None, status_code=NOT_MODIFIED, headers=headers)
