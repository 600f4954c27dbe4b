"""A language for a test: catalogs that are there as long as it lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twite_common import translations

HEADER = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""


@contextmanager
def catalog(folder: Path, language: str, messages: str) -> Iterator[None]:
    """Have texts in a language, from a folder that holds nothing else; `messages` is a .po file without its head."""
    path = folder / language / translations.CATALOG
    path.parent.mkdir(parents=True)
    path.write_text(HEADER + messages, "utf-8")
    registered = list(translations._folders)
    translations.register(folder)
    try:
        yield
    finally:
        translations._folders[:] = registered
        translations._translations.cache_clear()
        translations.languages.cache_clear()
