"""Texts in the reader's language: GNU gettext, with English as the source.

Each part keeps its catalogs in a folder `locale/<language>/LC_MESSAGES/twite.po` and registers it once. Which language
is read is a matter of the context (a request, a mail): `using` sets it.
"""

import functools
import gettext as gnu_gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

SOURCE_LANGUAGE = "en"
"""The language of the texts in the code."""
CATALOG = Path("LC_MESSAGES/twite.po")

_language: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)
_folders: list[Path] = [Path(__file__).parent / "locale"]


def register(folder: Path) -> None:
    """Look for texts in a folder of catalogs, too."""
    if folder not in _folders:
        _folders.append(folder)
        _translations.cache_clear()
        languages.cache_clear()


@functools.cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages that texts are in, the source first."""
    codes = {catalog.parent.parent.name for folder in _folders for catalog in folder.glob(f"*/{CATALOG}")}
    return (SOURCE_LANGUAGE, *sorted(codes - {SOURCE_LANGUAGE}))


def language() -> str:
    """Return the code of the language that texts are in here."""
    return _language.get()


@contextmanager
def using(code: str) -> Iterator[None]:
    """Have texts in a language; in the source's where the code isn't one of `languages`."""
    token = _language.set(code if code in languages() else SOURCE_LANGUAGE)
    try:
        yield
    finally:
        _language.reset(token)


def switch(code: str) -> None:
    """Have texts in a language in the rest of this context, which must be one that ends: a request's."""
    _language.set(code if code in languages() else SOURCE_LANGUAGE)


def gettext(message: str, **values: Any) -> str:
    """Return a text in the reader's language, with `%(name)s` replaced by the values given."""
    text = _translations(_language.get()).gettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, count: int, **values: Any) -> str:
    """Return the text for a count in the reader's language; `%(count)s` is known in it."""
    return plural_form(singular, plural, count) % {"count": count, **values}


def plural_form(singular: str, plural: str, count: int) -> str:
    """Return the text for a count in the reader's language as it is, with what is to be replaced still in it."""
    return _translations(_language.get()).ngettext(singular, plural, count)


def pgettext(context: str, message: str, **values: Any) -> str:
    """Return a text whose meaning needs a context ("verb", "noun") in the reader's language."""
    text = _translations(_language.get()).pgettext(context, message)
    return text % values if values else text


def marked(message: str) -> str:
    """Return a text as it is: one that is kept in a constant, and translated by `gettext` where it is shown."""
    return message


@functools.cache
def _translations(code: str) -> gnu_gettext.NullTranslations:
    translations = gnu_gettext.NullTranslations()
    for folder in _folders:
        path = folder / code / CATALOG
        if code != SOURCE_LANGUAGE and path.exists():
            part = _read(path)
            part.add_fallback(translations)
            translations = part
    return translations


def _read(path: Path) -> gnu_gettext.GNUTranslations:
    # Imported here: what decodes pictures reads texts, too, and starts often.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with path.open("rb") as catalog:
        write_mo(compiled, read_po(catalog))
    compiled.seek(0)
    return gnu_gettext.GNUTranslations(compiled)
