"""The catalogs of texts: `update` extracts the texts from the code, `check` says what is wrong with catalogs and texts.

Each part with texts has a template, `locale/twite.pot`, and a catalog for each language, made from the template. A
part without a template, and a language without a catalog, isn't checked.
"""

import gettext
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"common": "twite_common", "web": "twite_web", "tasks": "twite_tasks"}
"""The packages that have texts, by their parts; the command's are English."""
COMPLETE, BEGUN = ("de", "es", "fr", "ja"), ("ar",)
"""Languages that every text is translated into, and those that may have gaps, which are read in English."""
CATALOG, TEMPLATE = "LC_MESSAGES/twite.po", "twite.pot"

KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "marked": None,
    "ngettext": (1, 2),
    "plural_form": (1, 2),
    "pgettext": ((1, "c"), 2),
}
METHODS = [
    ("locale/**", "ignore"),
    ("**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("templates/**.xml", "jinja2"),
]
JINJA = {
    "extensions": "jinja2.ext.i18n",
    "newstyle_gettext": "true",
    "trimmed": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}
OPTIONS: dict[str, dict[str, Any]] = {"templates/**.html": JINJA, "templates/**.xml": JINJA}
COMMENT = "NOTE:"
"""What a comment beside a text begins with that is for its translators."""

UNSTABLE = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Report-Msgid).*\n', re.MULTILINE
)
"""Lines of a header that change though no text has."""
KEPT = re.compile(r"%\(\w+\)[sd]|%%|%|\{\w*\}|</?[a-z][^>]*>|&[a-z]+;")
"""What a translation has as the text has it: what is replaced by values, and tags."""
UNMARKED_NAME = re.compile(r"(?<![\w\u200e])[@#](?=%\()")
"""The sign before a name of Latin letters, which from right to left would stand behind it without U+200E between."""
COUNTS = ("%(count)s", "%(number)s")
"""What stands for the count itself, as it is or as it is written."""


class Part:
    """A part's texts and where their translations are."""

    def __init__(self, part: str, root: Path = ROOT) -> None:
        self.source = root / part / "src" / PACKAGES[part]
        self.locale = self.source / "locale"
        self.template = self.locale / TEMPLATE

    def extracted(self) -> Catalog:
        """Return the texts in the code."""
        template = Catalog(project="Twite", fuzzy=False, charset="utf-8")
        template.header_comment = "# Texts of Twite, extracted from the code by `make translations`."
        found = extract_from_dir(
            self.source, METHODS, OPTIONS, KEYWORDS, comment_tags=[COMMENT], strip_comment_tags=True
        )
        for name, _line, text, comments, context in found:
            # A file for itself, without the line, which changes with whatever stands above.
            template.add(text, locations=[(name, 0)], auto_comments=comments, context=context)
        return template

    def catalog(self, language: str) -> Path:
        """Return where the translations into a language are."""
        return self.locale / language / CATALOG


def update(root: Path = ROOT) -> None:
    """Write the templates anew, and bring the catalogs of all languages up to date, making those that are missing."""
    for part in (Part(name, root) for name in PACKAGES):
        template = part.extracted()
        if not len(template):
            continue
        _write(part.template, template)
        for language in (*COMPLETE, *BEGUN):
            path = part.catalog(language)
            catalog = _read(path, language) if path.exists() else Catalog(language, project="Twite", fuzzy=False)
            catalog.header_comment = f"# Texts of Twite: {catalog.locale.english_name if catalog.locale else language}."
            # What resembles a new text is no translation of it.
            catalog.update(template, no_fuzzy_matching=True)
            _write(path, catalog)


def problems(root: Path = ROOT) -> Iterator[str]:
    """Give a sentence for each thing that is wrong with the templates and catalogs that there are."""
    for part in (Part(name, root) for name in PACKAGES):
        if not part.template.exists():
            continue
        template = part.extracted()
        name = part.template.relative_to(root)
        known = _read(part.template, None)
        yield from _differences(f"{name}", template, known)
        for language in (*COMPLETE, *BEGUN):
            path = part.catalog(language)
            if path.exists():
                catalog = _read(path, language)
                yield from _differences(f"{path.relative_to(root)}", template, catalog)
                yield from _mistakes(f"{path.relative_to(root)}", catalog, complete=language in COMPLETE)


def _differences(name: str, template: Catalog, known: Catalog) -> Iterator[str]:
    wanted, present = _ids(template), _ids(known)
    for id in sorted(wanted - present):
        yield f"{name} lacks {id[1]!r}. Run `make translations`."
    for id in sorted(present - wanted):
        yield f"{name} has {id[1]!r}, which is in no text. Run `make translations`."


def _ids(catalog: Catalog) -> set[tuple[str, str, str]]:
    return {(message.context or "", *_forms(message)) for message in catalog if message.id}


def _forms(message: Message) -> tuple[str, str]:
    return (message.id[0], message.id[1]) if message.pluralizable else (str(message.id), "")


def _mistakes(name: str, catalog: Catalog, *, complete: bool) -> Iterator[str]:
    usual = Catalog(catalog.locale).plural_forms
    if catalog.plural_forms != usual:
        yield f"{name}: its Plural-Forms aren't {usual}"
        return
    numbers = _numbers(catalog)
    for message in catalog:
        if message.id:
            for mistake in _mistakes_in(message, numbers, complete=complete):
                yield f"{name}: {_forms(message)[0]!r} {mistake}"
            if catalog.locale.text_direction == "rtl" and UNMARKED_NAME.search(str(message.string)):
                yield f"{name}: {_forms(message)[0]!r} has a name without a left-to-right mark before its sign."


def _mistakes_in(message: Message, numbers: list[int], *, complete: bool) -> Iterator[str]:
    strings = [*message.string] if isinstance(message.string, tuple | list) else [message.string]
    if message.fuzzy:
        yield "is marked as fuzzy."
    if not any(strings):
        if complete:
            yield "isn't translated."
        return
    if message.pluralizable and len(strings) != len(numbers):
        yield f"has {len(strings)} forms for counts, and the language {len(numbers)}."
        return
    for index, string in enumerate(strings):
        if not string:
            yield "isn't translated for some counts."
        elif not _fits(message, string, one_number=bool(message.pluralizable) and numbers[index] == 1):
            yield f"has other placeholders or tags than its translation {string!r}."


def _numbers(catalog: Catalog) -> list[int]:
    """Return for each form of a language's plurals how many counts it stands for, of the first thousand and one."""
    form_of = gettext.c2py(catalog.plural_expr)
    counted = Counter(form_of(count) for count in range(1001))
    return [counted[index] for index in range(catalog.num_plurals)]


def _fits(message: Message, string: str, *, one_number: bool) -> bool:
    """Say whether a translation has all that its text has; where it is for one count, it may say it in a word."""
    texts = _forms(message)
    kept = Counter(KEPT.findall(string))
    allowed = [Counter(KEPT.findall(text)) for text in texts if text]
    if one_number:
        allowed += [counted - Counter({count: counted[count] for count in COUNTS}) for counted in allowed]
    elif message.pluralizable:
        # The singular may say it in a word; what stands for several counts has to say which.
        allowed = allowed[1:]
    return kept in allowed


def _read(path: Path, language: str | None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _write(path: Path, catalog: Catalog) -> None:
    written = io.BytesIO()
    write_po(written, catalog, include_lineno=False, ignore_obsolete=True, sort_output=True, width=100)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(UNSTABLE.sub("", written.getvalue().decode()), encoding="utf-8")


def main() -> int:
    """Do what the command says; return 1 when something is wrong."""
    if sys.argv[1:] == ["update"]:
        update()
        return 0
    found = list(problems())
    for problem in found:
        sys.stderr.write(f"{problem}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
