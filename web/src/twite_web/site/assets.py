"""The stylesheet and the scripts, under an address that names their content, so that browsers may keep them.

Styles are written as one file for each component and sent as one; scripts are ES modules, which find each other by
relative addresses, and so in the same version.
"""

import re
from pathlib import Path
from typing import Any

import msgspec
from litestar import get
from litestar.params import FromPath
from markupsafe import Markup

from twite_common.errors import NotFound
from twite_common.translations import gettext as _
from twite_web import cache_control
from twite_web.core import STATIC
from twite_web.errors import NO_SUCH_ADDRESS
from twite_web.middleware import conditional
from twite_web.routing import Router
from twite_web.types import Request, Response

PREFIX = "/assets/"
STYLESHEET = "twite.css"
FIRST_STYLES = "layers.css"
"""Says in which order the layers of all others apply."""
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript"}


class Assets(msgspec.Struct, frozen=True):
    """The stylesheet and the scripts by name, and what stands for their content."""

    files: dict[str, bytes]
    version: str

    def address(self, name: str) -> Markup:
        """Return the address of the stylesheet or a script."""
        return Markup(f"{PREFIX}{self.version}/{name}")  # noqa: S704 - made of our own names


class _Current:
    def __init__(self) -> None:
        self.assets = read(STATIC)
        self.reloads = False


def read(folder: Path) -> Assets:
    """Return the assets that lie in a folder now."""
    styles = sorted((folder / "styles").glob("*.css"), key=lambda file: (file.name != FIRST_STYLES, file.name))
    files = {STYLESHEET: b"".join(file.read_bytes() for file in styles)}
    for script in sorted((folder / "scripts").rglob("*.js")):
        files[script.relative_to(folder).as_posix()] = script.read_bytes()
    return Assets(files, conditional.version(b"".join(name.encode() + files[name] for name in files)))


_current = _Current()


def reload() -> None:
    """Read the files anew for each page, while somebody changes them."""
    _current.reloads = True


def current() -> Assets:
    """Return the assets that pages refer to."""
    if _current.reloads:
        _current.assets = read(STATIC)
    return _current.assets


def reloading() -> bool:
    """Say whether somebody changes the files while the site runs."""
    return _current.reloads


def symbols() -> list[str]:
    """Return the names of all icons."""
    return re.findall(r'<symbol id="([a-z]+)"', (STATIC / "icons.svg").read_text())


@get(PREFIX + "{version:str}/{file_path:path}", sync_to_thread=False)
def asset(request: Request, version: FromPath[str], file_path: FromPath[str]) -> Response:
    """Return the stylesheet or a script; what another version of the site asks for may be kept for a short time."""
    assets = current()
    content = assets.files.get(file_path.removeprefix("/"))
    if content is None:
        raise NotFound(_(NO_SUCH_ADDRESS))
    headers: dict[str, Any] = {
        "Cache-Control": cache_control.FOREVER if version == assets.version else cache_control.MINUTE,
        "ETag": f'"{conditional.version(content)}"',
        "Vary": "Accept-Encoding",
    }
    if conditional.unmodified(request.headers, headers["ETag"]):
        return conditional.not_modified(headers)
    return Response(content, media_type=_MEDIA_TYPES[Path(file_path).suffix], headers=headers)


router = Router("/", route_handlers=[asset])
