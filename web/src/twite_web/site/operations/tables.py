"""Statistics as CSV (RFC 4180)."""

import csv
import io
from collections.abc import Iterable, Sequence

import litestar

from twite_web.types import Response


def answer(head: Sequence[str], rows: Iterable[Sequence[object]], *, cache_control: str) -> litestar.Response[str]:
    """Return a table; `cache_control` says for whom it may be kept."""
    output = io.StringIO()
    table = csv.writer(output)
    table.writerow(head)
    table.writerows(rows)
    headers = {"Cache-Control": cache_control, "Vary": "Cookie"}
    return Response(output.getvalue(), media_type="text/csv", headers=headers)
