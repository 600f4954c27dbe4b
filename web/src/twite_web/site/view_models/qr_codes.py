"""QR codes, as pages draw them."""

from itertools import groupby

import msgspec
import segno

QUIET = 4
"""Modules around a code that are empty (ISO/IEC 18004, section 9.1)."""


class QrCode(msgspec.Struct, frozen=True):
    """A QR code: how many modules it measures each way, and its dark ones as the path of an SVG."""

    size: int
    path: str


def qr_code(text: str) -> QrCode:
    """Return the QR code of a text."""
    rows = segno.make_qr(text, error="m").matrix
    path = "".join(_row(row, y) for y, row in enumerate(rows, QUIET))
    return QrCode(len(rows) + 2 * QUIET, path)


def _row(row: bytearray, y: int) -> str:
    """Return the path of a row: a rectangle for all dark modules that stand beside each other."""
    runs = groupby(enumerate(row, QUIET), key=lambda module: module[1])
    dark = [[x for x, _ in run] for is_dark, run in runs if is_dark]
    return "".join(f"M{run[0]} {y}h{len(run)}v1h-{len(run)}z" for run in dark)
