"""Tables as CSV (RFC 4180), with heads in the reader's language."""

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
    written = output.getvalue()
    # Without this mark spreadsheets take letters beyond ASCII for what their system writes.
    content = written if written.isascii() else f"\ufeff{written}"
    headers = {"Cache-Control": cache_control, "Vary": "Cookie, Accept-Language"}
    return Response(content, media_type="text/csv", headers=headers)
