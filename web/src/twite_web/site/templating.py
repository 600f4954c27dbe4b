"""Rendering pages: one environment, and one place that adds what every page needs."""

import functools
import os
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined, Template, select_autoescape
from litestar import MediaType, Response
from markupsafe import Markup

from twite_common import domains, formats, translations
from twite_common.media import pictures
from twite_common.queries.viewers import Viewer
from twite_common.settings import Settings
from twite_web import acting, cookies, language_choice
from twite_web import cache_control as caching
from twite_web.core import STATIC, core
from twite_web.languages import languages_of_texts
from twite_web.middleware import conditional
from twite_web.site import assets, csrf, flash_messages, parts, sections
from twite_web.site.access import Visit
from twite_web.types import Request

TEMPLATES = Path(__file__).parent.parent / "templates"

SHOWN_SETTINGS = (
    *("site_name", "site_description", "domain", "contact_email"),
    *("registration", "post_characters"),
)
"""Settings that templates show."""
TELLING = ("q", "order", "days", "skip", "max_id", "min_id")
"""Parameters by which pages under one path differ."""


def _bytecode_cache() -> FileSystemBytecodeCache | None:
    """Return the place for compiled templates, which is where Python keeps compiled modules; None if it can't be used.

    Compiling all of them takes a second of each start.
    """
    folder = Path(cache_from_source(str(TEMPLATES.with_suffix(".py")))).parent / "templates"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK) else None


_environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    bytecode_cache=_bytecode_cache(),
    autoescape=select_autoescape(["html", "xml"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
    extensions=["jinja2.ext.i18n"],
)
_environment.policies["ext.i18n.trimmed"] = True
# They are given the texts alone: templates escape what they put into them.
_environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
    translations.gettext, translations.plural_form, newstyle=True, pgettext=translations.pgettext
)


@functools.lru_cache(1000)
def _text(message: str, _language: str) -> Markup:
    # As Jinja does: a text is HTML, in which a literal percent sign is written twice.
    return Markup(translations.gettext(message)) % {}  # noqa: S704 - our own texts


def _gettext(message: str, **values: Any) -> Markup:
    """Return a text as HTML, with values escaped; what Jinja's own does, several times as fast."""
    if not values:
        return _text(message, translations.language())
    return Markup(translations.gettext(message)) % values  # noqa: S704 - our own texts


_environment.globals |= {"gettext": _gettext, "_": _gettext}


def address(name: str) -> Markup:
    """Return the address of a static file, which changes with its content, so that browsers may keep it."""
    content = (STATIC / name).read_bytes()
    return Markup(f"/static/{name}?v={conditional.version(content)}")  # noqa: S704 - made of our own names


PICTURE_FILES = ",".join([*pictures.PICTURE_TYPES, ".avif", ".heic", ".heif"])
"""What may be chosen as a picture; many systems know newer formats by the ends of names only."""

_environment.filters |= {"readable": domains.readable, "compact": formats.compact, "number": formats.number}
_environment.globals |= {
    "asset": lambda name: assets.current().address(name),
    "icons": address("icons.svg"),
    "picture_files": PICTURE_FILES,
}


def load_templates() -> None:
    """Compile every template now: installing a newer version changes the files under a process that runs."""
    try:
        _load_templates()
    except OSError:
        # The disk is full, which is no reason not to serve.
        _environment.bytecode_cache = None
        _load_templates()
    conditional.code()


def reload_templates() -> None:
    """Have each page look whether its templates have changed since they were compiled."""
    _environment.auto_reload = True
    assets.reload()


def _load_templates() -> None:
    for name in _environment.list_templates():
        _environment.get_template(name)


def template(name: str) -> Template:
    """Return a template, for what isn't a page."""
    return _environment.get_template(name)


def _canonical(request: Request) -> str | None:
    """Return the one address of a page, with what of the query makes it another page; None where it is a secret."""
    if "token" in request.path_params:
        return None
    parameters = _telling(request)
    if asked := _chosen_language(request):
        parameters.append((language_choice.PARAMETER, asked))
    path = quote(request.scope["path"].rstrip("/") or "/", safe="/@")
    return f"{core(request).addresses.base}{path}" + (f"?{urlencode(parameters)}" if parameters else "")


def _chosen_language(request: Request) -> str | None:
    """Return the language that a stranger chose by following a link to a page in it."""
    return language_choice.asked(request.scope["query_string"])


def _telling(request: Request) -> list[tuple[str, str]]:
    return [(name, value) for name in TELLING if (value := request.query_params.get(name))]


class LanguageLink(msgspec.Struct, frozen=True, gc=False):
    """A page in one of the languages that it can be read in, under the language's own name."""

    code: str
    name: str
    href: str


def _language_links(request: Request) -> list[LanguageLink]:
    """Return the page that is shown in each language; nothing where there is only one."""
    names = languages_of_texts()
    if len(names) == 1:
        return []
    telling = _telling(request)
    return [
        LanguageLink(code, name, f"?{urlencode([*telling, (language_choice.PARAMETER, code)])}")
        for code, name in names.items()
    ]


def page(
    request: Request,
    template: str,
    visit: Visit,
    *,
    status: int = 200,
    form: bool = False,
    headers: dict[str, str] | None = None,
    **content: Any,
) -> Response[bytes]:
    """Return a page. `form` says that it has a form even for strangers, who then get a cookie for it."""
    return render(
        request,
        template,
        viewer=visit.viewer,
        unread_count=visit.unread_count,
        status=status,
        form=form,
        headers=headers,
        **content,
    )


def render(
    request: Request,
    template: str,
    *,
    viewer: Viewer | None = None,
    unread_count: int = 0,
    status: int = 200,
    form: bool = False,
    has_session: bool = False,
    headers: dict[str, str] | None = None,
    **content: Any,
) -> Response[bytes]:
    """Return a page for a viewer; without one, that which strangers see.

    `has_session` is for somebody who may be logged in, of whom the page is to know no more.
    """
    equipment = core(request)
    with_token = form or viewer is not None
    content["notice"] = flash_messages.read(request)
    content["part"] = parts.wanted(request)
    content.setdefault("path", request.scope["path"])
    chosen = _chosen_language(request) if viewer is None and not has_session else None
    cache_control = (
        caching.PRIVATE if with_token or chosen else caching.PUBLIC if status == 200 else caching.ASKED_EACH_TIME
    )
    headers = {"Cache-Control": cache_control, "Vary": f"Cookie, Accept-Language, {parts.HEADER}"} | (headers or {})
    token, new_secret = csrf.token(request) if with_token else ("", None)

    membership = viewer.acting if viewer else None

    def rendered() -> bytes:
        html = _environment.get_template(template).render(
            site=equipment.settings,
            addresses=equipment.addresses,
            viewer=viewer,
            may_open=functools.partial(acting.may_open, membership),
            may_send=functools.partial(acting.may_send, membership),
            may_publish=acting.may_publish(membership),
            has_session=has_session,
            unread_count=unread_count,
            sections=sections.beside(request.scope["path"], viewer, registration=equipment.settings.registration),
            form_token=token,
            html_language=translations.language(),
            html_direction="rtl" if formats.is_right_to_left() else "ltr",
            # Members have theirs in their settings.
            language_links=_language_links(request) if viewer is None and not has_session else [],
            # Browsers take no other letters than ASCII's before the @ in a field for addresses.
            email_field="text" if equipment.settings.smtp_utf8 else "email",
            # For search engines, which see what strangers see.
            canonical=_canonical(request) if status == 200 and viewer is None else None,
            **content,
        )
        return html.encode("utf-8", "replace")

    if cache_control == caching.PUBLIC and not _environment.auto_reload:
        headers["Vary"] += ", Accept-Encoding"
        headers["ETag"] = etag = _tag(request, template, equipment.settings, has_session, content)
        if conditional.unmodified(request.headers, etag):
            return conditional.not_modified(headers)
        pages, key = equipment.caches.pages, (etag, request.scope["query_string"])
        body = pages.get(key) or pages.put(key, rendered())
    else:
        body = rendered()
    return Response(
        body,
        status_code=status,
        media_type=MediaType.HTML,
        headers=headers,
        cookies=[
            *([cookies.form(equipment.settings, new_secret)] if new_secret else []),
            *([cookies.language(equipment.settings, chosen)] if chosen else []),
        ],
    )


def _tag(request: Request, template: str, site: Settings, has_session: bool, content: dict[str, Any]) -> str:
    """Return the tag of a page for strangers, which follows from what is given to its template."""
    setting_values = [getattr(site, name) for name in SHOWN_SETTINGS]
    language = translations.language()
    return conditional.tag(
        template, language, request.scope["path"], site.base_url, setting_values, has_session, content
    )
