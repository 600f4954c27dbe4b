"""Choices that forms offer."""

from collections.abc import Mapping

from twite_common.translations import gettext as _


def translated(options: Mapping[str, str]) -> dict[str, str]:
    """Return options, by what a form sends for each, with their labels in the reader's language."""
    return {value: _(label) for value, label in options.items()}
