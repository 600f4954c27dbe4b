"""In which language somebody reads what a task writes to them."""

from twite_common import translations
from twite_common.settings import Settings
from twite_common.translations import SOURCE_LANGUAGE


def of_reader(settings: Settings, locale: str | None) -> str:
    """Return the code of the language that a mail or a push is written in.

    That is the one that its reader has chosen, `locale`; for those who leave it to their browser, the site's first one.
    """
    if locale in translations.languages():
        return str(locale)
    return settings.languages[0] if settings.languages else SOURCE_LANGUAGE
