"""The visitor's preferences: how they post, and which mail they get."""

import re
from typing import Literal

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from twite_common import time_zones
from twite_common.errors import Invalid, TwiteError
from twite_common.queries.accounts import credentials
from twite_common.services.accounts import preferences
from twite_common.services.accounts.preferences import MailChoice, PreferenceChanges
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.languages import LANGUAGES, languages_of_texts
from twite_web.routing import Router
from twite_web.site import form_errors, redirects, visibilities
from twite_web.site.access import reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.options import translated
from twite_web.types import Request, Response

MAIL_KINDS = {
    "mail_mention": marked("Someone mentions you"),
    "mail_follow": marked("Someone follows you"),
    "mail_follow_request": marked("Someone requests to follow you"),
    "mail_favourite": marked("Someone favourites your post"),
    "mail_boost": marked("Someone boosts your post"),
    "mail_post": marked("Someone posts (if you get notifications for them)"),
}
MAIL_CHOICES = {"never": marked("Never"), "at_once": marked("Right away"), "daily": marked("In a daily digest")}


class PostingForm(msgspec.Struct, frozen=True, kw_only=True):
    """How the visitor usually posts and reads; no language stands for the site's own, no locale for the browser's."""

    visibility: Literal["public", "unlisted", "followers", "mentioned"] = "public"
    language: str = ""
    locale: str = ""
    time_zone: str = "UTC"
    sensitive: bool = False
    remind_to_describe: bool = False


class MailForm(msgspec.Struct, frozen=True, kw_only=True):
    """Which mail the visitor gets when; the times are as in 22:00, or both empty."""

    mail_mention: MailChoice = "at_once"
    mail_follow: MailChoice = "daily"
    mail_follow_request: MailChoice = "at_once"
    mail_favourite: MailChoice = "never"
    mail_boost: MailChoice = "never"
    mail_post: MailChoice = "at_once"
    mail_login: bool = False
    mail_weekly: bool = False
    quiet_from: str = ""
    quiet_to: str = ""


def posting_page(request: Request, data: PostingForm, *, error: TwiteError | None = None) -> Response:
    """Return the form for how the visitor posts."""
    with reading(request) as visit:
        visit.require_login()
        default = (visit.core.settings.languages or ["en"])[0]
        languages = {"": _("Site default (%(language)s)", language=LANGUAGES.get(default, default))} | LANGUAGES
        return form_errors.page(
            request,
            "accounts/preferences.html",
            visit,
            values=data,
            error=error,
            languages=languages,
            locales={"": _("As my browser says")} | languages_of_texts(),
            time_zones={name: name.replace("_", " ") for name in sorted(time_zones.names())},
            readers=visibilities.readers(),
        )


@get("/settings/preferences", sync_to_thread=True)
def show_posting(request: Request) -> Response:
    """Show how the visitor posts."""
    with reading(request) as visit:
        preferences = credentials.preferences_of(visit.db, visit.account_id)
    languages = {"language": preferences.language or "", "locale": preferences.locale or ""}
    form = msgspec.convert(msgspec.structs.asdict(preferences) | languages, PostingForm)
    return posting_page(request, form)


@post("/settings/preferences", sync_to_thread=True)
@shown_again(posting_page)
def change_posting(request: Request, data: JSONBody[PostingForm]) -> Response:
    """Change how the visitor posts."""
    changes = PreferenceChanges(
        visibility=data.visibility,
        language=data.language or None,
        locale=data.locale or None,
        time_zone=data.time_zone,
        sensitive=data.sensitive,
        remind_to_describe=data.remind_to_describe,
    )
    with writing(request) as visit:
        preferences.change_preferences(visit.db, account_id=visit.account_id, changes=changes)
    return redirects.see(request, "/settings/preferences", "saved")


def mail_page(request: Request, data: MailForm, *, error: TwiteError | None = None) -> Response:
    """Return the form for the mail that the visitor gets."""
    with reading(request) as visit:
        visit.require_login()
        return form_errors.page(
            request,
            "notifications/mail_preferences.html",
            visit,
            values=data,
            error=error,
            kinds=translated(MAIL_KINDS),
            choices=translated(MAIL_CHOICES),
            zone=visit.member.time_zone.replace("_", " "),
        )


@get("/settings/mail", sync_to_thread=True)
def show_mail(request: Request) -> Response:
    """Show which mail the visitor gets."""
    with reading(request) as visit:
        preferences = credentials.preferences_of(visit.db, visit.account_id)
    times = {"quiet_from": _time(preferences.quiet_from), "quiet_to": _time(preferences.quiet_to)}
    return mail_page(request, msgspec.convert(msgspec.structs.asdict(preferences) | times, MailForm))


@post("/settings/mail", sync_to_thread=True)
@shown_again(mail_page)
def change_mail(request: Request, data: JSONBody[MailForm]) -> Response:
    """Change which mail the visitor gets."""
    values = msgspec.structs.asdict(data)
    values |= {"quiet_from": _minutes(data.quiet_from), "quiet_to": _minutes(data.quiet_to)}
    with writing(request) as visit:
        preferences.change_preferences(visit.db, account_id=visit.account_id, changes=PreferenceChanges(**values))
    return redirects.see(request, "/settings/mail", "saved")


def _time(minutes: int | None) -> str:
    """Return minutes since midnight as a form shows them, such as 22:00."""
    return "" if minutes is None else f"{minutes // 60:02}:{minutes % 60:02}"


def _minutes(time: str) -> int | None:
    """Return minutes since midnight for a time such as 22:00.

    Raises Invalid for what isn't one.
    """
    if not time:
        return None
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?", time, re.ASCII)
    if match is None:
        sentence = _("Quiet hours need two times, such as 22:00 and 07:00.")
        raise Invalid(sentence, {"quiet_from": [("ERR_INVALID", sentence)]})
    return int(match[1]) * 60 + int(match[2])


router = Router("/", route_handlers=[show_posting, change_posting, show_mail, change_mail])
