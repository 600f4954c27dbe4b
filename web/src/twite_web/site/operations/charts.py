"""Charts as SVG files of their own, for other sites and documents."""

import base64
import hashlib

from markupsafe import Markup

from twite_web.middleware import conditional
from twite_web.site import templating
from twite_web.site.view_models.charts import HEIGHT, Chart
from twite_web.types import Request, Response

WIDTH, LEFT, TOP, ROOM = 640, 48, 44, 576
"""The size of a file, where its drawing begins, and how wide that is."""
TALL = 150
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#5c5c74}.title{font-weight:600;font-size:16px}"
    ".grid{stroke:#e0e0ee}.bars{fill:#4747c2}.line{fill:none;stroke:#4747c2;stroke-width:2}"
    "@media(prefers-color-scheme:dark){text{fill:#a9a9c0}.grid{stroke:#2e2e40}.bars{fill:#a5a5ff}"
    ".line{stroke:#a5a5ff}}"
)
"""Files know nothing of the site's stylesheet; these are its colours."""
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}';"
    " frame-ancestors 'none'"
)


def file(request: Request, chart: Chart, *, cache_control: str) -> Response:
    """Return a chart as a file; `cache_control` says for whom it may be kept.

    Its own style is allowed by its hash, so that the strict policy for content needs no exception.
    """
    etag = conditional.tag(chart)
    headers = {"Cache-Control": cache_control, "Vary": "Cookie, Accept-Language, Accept-Encoding", "ETag": etag}
    if conditional.unmodified(request.headers, etag):
        return conditional.not_modified(headers)
    svg = templating.template("operations/chart.xml").render(
        chart=chart,
        style=Markup(STYLE),  # noqa: S704 - a constant
        scaled=f"translate({LEFT} {TOP}) scale({ROOM / chart.width:.4f} {TALL / HEIGHT:.4f})",
        scale=[(TOP + place * TALL // 2, text) for place, text in enumerate(chart.scale)],
        labels=_labels(chart),
    )
    return Response(svg, media_type="image/svg+xml", headers=headers | {"Content-Security-Policy": _POLICY})


def _labels(chart: Chart) -> list[tuple[int, str, str]]:
    """Return where each label stands, by which of its ends, and what it says."""
    if chart.labelled == "ends":
        return [(LEFT, "start", chart.labels[0]), (LEFT + ROOM, "end", chart.labels[-1])]
    step = ROOM / len(chart.labels)
    begin, anchor = (step / 2, "middle") if chart.labelled == "each" else (0, "start")
    return [(round(LEFT + begin + place * step), anchor, text) for place, text in enumerate(chart.labels)]
