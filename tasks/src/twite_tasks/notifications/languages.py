"""In which language somebody reads what a task writes to them."""

from twite_common.settings import Settings
from twite_common.translations import SOURCE_LANGUAGE


def of_reader(settings: Settings) -> str:
    """Return the code of the language that a mail or a push is written in: the site's first one."""
    return settings.languages[0] if settings.languages else SOURCE_LANGUAGE
