"""Charts as SVG files, drawn by pygal."""

import base64
import hashlib
import re
import sys
from collections.abc import Sequence

import pygal
from pygal.style import Style

from twite_web.middleware import conditional
from twite_web.types import Request, Response

# pygal's hook for plug-ins, which there are none of here, is of a kind that Python 3.12 has no place for.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

SHOWN_LABELS = 6
_NARROW = "@media (max-width: 30rem) { .axis text, .title, text { font-size: 17px !important } }"
"""On a phone a chart is shown at half its size."""
_STYLE_ELEMENT = re.compile(rb"<style[^>]*>(.*?)</style>", re.DOTALL)
_DARK = (
    "@media (prefers-color-scheme: dark) {"
    " .axis text, .title, text { fill: #a9a9c0 !important }"
    " .axis path { stroke: #2e2e40 !important }"
    " rect.rect { fill: #a5a5ff !important }"
    " }"
)


def bars(
    request: Request, title: str, labels: Sequence[str], numbers: Sequence[int], *, cache_control: str
) -> Response:
    """Return a bar chart, a bar a day; `cache_control` says for whom it may be kept.

    Its own style is allowed by its hash, so that the strict policy for content needs no exception.
    """
    etag = conditional.tag(pygal.__version__, title, labels, numbers)
    headers = {"Cache-Control": cache_control, "Vary": "Cookie, Accept-Language, Accept-Encoding", "ETag": etag}
    if conditional.unmodified(request.headers, etag):
        return conditional.not_modified(headers)
    svg = _drawn(title, labels, numbers)
    return Response(svg, media_type="image/svg+xml", headers=headers | _policy(svg))


def _drawn(title: str, labels: Sequence[str], numbers: Sequence[int]) -> bytes:
    chart = pygal.Bar(
        width=640,
        height=240,
        explicit_size=True,
        show_legend=False,
        js=[],
        css=["file://style.css", "file://graph.css", f"inline:{_DARK}{_NARROW}"],
        margin=16,
        spacing=4,
        max_scale=5,
        range=(0, max([*numbers, 4])),
        value_formatter=lambda number: f"{number:.0f}",
        x_labels_major_every=max(1, len(labels) // SHOWN_LABELS),
        show_minor_x_labels=False,
        truncate_label=-1,
        style=Style(
            background="transparent",
            plot_background="transparent",
            foreground="#5c5c74",
            foreground_strong="#5c5c74",
            foreground_subtle="#e0e0ee",
            colors=("#4747c2",),
            opacity=1,
            font_family="system-ui, sans-serif",
            label_font_size=11,
            major_label_font_size=11,
        ),
        title=title,
    )
    chart.x_labels = labels
    chart.add(title, list(numbers))
    svg: bytes = chart.render()
    return svg


def _policy(svg: bytes) -> dict[str, str]:
    hashes = [base64.b64encode(hashlib.sha256(style).digest()).decode() for style in _STYLE_ELEMENT.findall(svg)]
    sources = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return {"Content-Security-Policy": f"default-src 'none'; style-src {sources}; frame-ancestors 'none'"}
