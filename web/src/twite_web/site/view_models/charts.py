"""Charts as pages show them: a drawing whose words are HTML beside it, so that they stay readable at every size."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from twite_common import formats

HEIGHT = 100
STEP = 10
"""How wide a column is in the drawing, with the gap beside it; a drawing is stretched to the room that there is."""
GAP = 1
SCALES = (2, 4, 6, 8, 10)
"""Where a scale may end, times a power of ten: its middle is a number as round."""
EACH_LABELLED = 7
"""Up to so many columns have a label each."""
SPANS = (4, 3, 5)
"""In how many equal parts longer charts are labelled, if they can be divided so."""


class Mark(msgspec.Struct, frozen=True, gc=False):
    """One column of a chart or point of its line, in words."""

    label: str
    value: str


class Chart(msgspec.Struct, frozen=True):
    """A chart. `total` sums it up, `summary` says what it shows, and `drawing` is a path in an SVG of `width` by 100.

    `scale` has the numbers beside it from the top down. `labels` stand under it: one for each column, one where each
    part begins, or one at either end, as `labelled` says. `kind` says what a label is: a day, an hour.
    """

    name: str
    title: str
    total: str
    summary: str
    kind: str
    line: bool
    drawing: str
    width: int
    scale: tuple[str, str, str]
    marks: tuple[Mark, ...]
    labels: tuple[str, ...]
    labelled: Literal["each", "spans", "ends"]
    table: str


class Columns(msgspec.Struct, frozen=True):
    """What a chart's columns are called: under it, and in full; `kind` names them all."""

    kind: str
    short: Sequence[str]
    full: Sequence[str]


def chart(
    name: str,
    title: str,
    columns: Columns,
    numbers: Sequence[float],
    *,
    total: str,
    summary: str,
    table: str,
    line: bool = False,
) -> Chart:
    """Return the chart of some numbers, a column each or a point of a line; `table` is the address of its CSV."""
    bottom, top = _ends(numbers, from_zero=not line)
    heights = [round(HEIGHT * (number - bottom) / (top - bottom), 1) for number in numbers]
    labels, labelled = _labels(columns.short)
    return Chart(
        name=name,
        title=title,
        total=total,
        summary=summary,
        kind=columns.kind,
        line=line,
        drawing=_line(heights) if line else _bars(heights),
        width=STEP * len(heights),
        scale=_scale(top, (top + bottom) / 2, bottom),
        marks=tuple(Mark(label, formats.number(value)) for label, value in zip(columns.full, numbers, strict=True)),
        labels=labels,
        labelled=labelled,
        table=table,
    )


def share(part: float, whole: float) -> int:
    """Return how long a bar of a table is, in hundredths of the longest."""
    return round(100 * part / whole) if whole else 0


def _ends(numbers: Sequence[float], *, from_zero: bool) -> tuple[float, float]:
    """Return where the scale of a chart begins and ends; a line's may begin close below its lowest point."""
    lowest, highest = min(numbers, default=0), max(numbers, default=0)
    if from_zero or highest - lowest > lowest:
        return 0, _round_above(highest)
    size: float = _round_above(highest - lowest)
    step = size / 2
    bottom = lowest // step * step if highest > lowest else max(lowest - step, 0)
    while bottom + size < highest:
        size += 2 * step
    return bottom, bottom + size


def _round_above(highest: float) -> int:
    """Return the round number at which a scale ends that reaches a number."""
    power = 1
    while True:
        for scale in SCALES:
            if highest <= scale * power:
                return scale * power
        power *= 10


def _scale(top: float, middle: float, bottom: float) -> tuple[str, str, str]:
    """Return the numbers of a scale, in few characters where these tell them apart."""
    short = (formats.compact(top), formats.compact(middle), formats.compact(bottom))
    if len(set(short)) == len(short):
        return short
    return formats.number(top), formats.number(middle), formats.number(bottom)


def _bars(heights: Sequence[float]) -> str:
    return "".join(
        f"M{STEP * place + GAP} {HEIGHT}V{HEIGHT - height:g}h{STEP - 2 * GAP}V{HEIGHT}z"
        for place, height in enumerate(heights)
        if height
    )


def _line(heights: Sequence[float]) -> str:
    points = [f"{STEP * place + STEP / 2:g} {HEIGHT - height:g}" for place, height in enumerate(heights)]
    if len(points) == 1:
        return f"M0 {HEIGHT - heights[0]:g}H{STEP}"
    return f"M{'L'.join(points)}" if points else ""


def _labels(short: Sequence[str]) -> tuple[tuple[str, ...], Literal["each", "spans", "ends"]]:
    if len(short) <= EACH_LABELLED:
        return tuple(short), "each"
    for parts in SPANS:
        if len(short) % parts == 0:
            return tuple(short[:: len(short) // parts]), "spans"
    return (short[0], short[-1]), "ends"
