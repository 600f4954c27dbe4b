"""Drawing how figures went on, as an SVG picture that looks right on light and dark ground."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

import msgspec

WIDTH, HEIGHT, GAP, LEFT = 640, 90, 44, 70


class Line(msgspec.Struct, frozen=True):
    """What a line shows, and its values, equally far apart."""

    name: str
    values: list[float]


def drawn(lines: Sequence[Line], unit: str) -> str:
    """Return a picture of lines below each other, each on a scale of its own that begins at nought."""
    charts = "\n".join(_chart(line, place * (HEIGHT + GAP) + GAP) for place, line in enumerate(lines))
    whole = len(lines) * (HEIGHT + GAP) + GAP
    number = len(lines[0].values)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 20} {whole}" '
        'font-family="sans-serif" font-size="13" fill="#777">\n'
        f'{charts}\n<text x="{LEFT + WIDTH}" y="{whole - 22}" text-anchor="end">'
        f"{number} {escape(unit)}</text>\n</svg>\n"
    )


def _chart(line: Line, top: int) -> str:
    most = max(*line.values, 1.0)
    step = WIDTH / max(1, len(line.values) - 1)
    points = " ".join(
        f"{LEFT + place * step:.1f},{top + HEIGHT - value / most * HEIGHT:.1f}"
        for place, value in enumerate(line.values)
    )
    return (
        f'<text x="{LEFT}" y="{top - 10}" font-weight="bold">{escape(line.name)}</text>\n'
        f'<text x="{LEFT - 8}" y="{top + 10}" text-anchor="end">{most:,.0f}</text>\n'
        f'<text x="{LEFT - 8}" y="{top + HEIGHT}" text-anchor="end">0</text>\n'
        f'<path d="M{LEFT} {top}V{top + HEIGHT}H{LEFT + WIDTH}" fill="none" stroke="#999"/>\n'
        f'<polyline points="{points}" fill="none" stroke="#5b5bd6" stroke-width="2"/>'
    )
