"""What people chose: how they post, and which mail they get when."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import BigInteger, Connection, bindparam, update

from twite_common import text, time_zones, translations
from twite_common.errors import Invalid
from twite_common.tables import preferences
from twite_common.translations import gettext as _

_ID = bindparam("the_id", type_=BigInteger)


MailChoice = Literal["never", "at_once", "daily"]


class PreferenceChanges(msgspec.Struct, frozen=True, kw_only=True):
    """Changes to preferences; a field left out stays. Quiet hours are minutes since midnight, both or neither.

    `language` is what the account writes in, `locale` what its owner reads the site in; None is the site's and the
    browser's.
    """

    visibility: Literal["public", "unlisted", "followers", "mentioned"] | UnsetType = UNSET
    quote_policy: Literal["public", "followers", "nobody"] | UnsetType = UNSET
    sensitive: bool | UnsetType = UNSET
    language: str | UnsetType | None = UNSET
    locale: str | UnsetType | None = UNSET
    time_zone: str | UnsetType = UNSET
    quiet_from: int | UnsetType | None = UNSET
    quiet_to: int | UnsetType | None = UNSET
    mail_mention: MailChoice | UnsetType = UNSET
    mail_follow: MailChoice | UnsetType = UNSET
    mail_follow_request: MailChoice | UnsetType = UNSET
    mail_favourite: MailChoice | UnsetType = UNSET
    mail_boost: MailChoice | UnsetType = UNSET
    mail_post: MailChoice | UnsetType = UNSET
    mail_login: bool | UnsetType = UNSET
    mail_weekly: bool | UnsetType = UNSET
    remind_to_describe: bool | UnsetType = UNSET


CHANGE_PREFERENCES = update(preferences).where(preferences.c.account_id == _ID)


def change_preferences(db: Connection, *, account_id: int, changes: PreferenceChanges) -> None:
    """Change an account's preferences.

    Raises Invalid for quiet hours that aren't two times of day, for an unknown time zone or language, and for a locale
    that the site has no texts in.
    """
    values = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET}
    _check_quiet_hours(changes)
    if "time_zone" in values and values["time_zone"] not in time_zones.names():
        raise _invalid("time_zone", _("There is no such time zone."))
    if values.get("language") is not None and not text.LANGUAGE.fullmatch(values["language"]):
        raise _invalid("language", _("A language is a code such as en or pt-BR."))
    if values.get("locale") is not None and values["locale"] not in translations.languages():
        raise _invalid("locale", _("The site isn't available in this language."))
    if values:
        db.execute(CHANGE_PREFERENCES.values(values), {"the_id": account_id})


def _check_quiet_hours(changes: PreferenceChanges) -> None:
    times = [time for time in (changes.quiet_from, changes.quiet_to) if not isinstance(time, UnsetType)]
    chosen_times = [time for time in times if time is not None]
    if len(chosen_times) not in {0, len(times)} or not all(0 <= time < 24 * 60 for time in chosen_times):
        raise _invalid("quiet_from", _("Quiet hours need two times, such as 22:00 and 07:00."))


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: [("ERR_INVALID", sentence)]})
