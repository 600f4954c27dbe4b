"""Pages, mails and texts from templates, in the language of the context."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from twite_common import formats, translations

FOLDER = Path(__file__).parent / "templates"
_templates = Environment(
    loader=FileSystemLoader(FOLDER),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
    extensions=["jinja2.ext.i18n"],
)
_templates.policies["ext.i18n.trimmed"] = True
_templates.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
    translations.gettext, translations.ngettext, newstyle=True, pgettext=translations.pgettext
)


def load() -> None:
    """Compile every template now: installing a newer version changes the files under a worker that runs."""
    for name in _templates.list_templates(extensions=["html", "txt"]):
        _templates.get_template(name)


def rendered(name: str, variables: Mapping[str, Any]) -> str:
    """Return what a template makes of variables."""
    shared = {"language": translations.language(), "right_to_left": formats.is_right_to_left()}
    return _templates.get_template(name).render(shared | dict(variables))
