"""The form for posts, as pages show it."""

from collections.abc import Mapping

import msgspec

from twite_common import time_zones
from twite_common.queries.accounts import credentials
from twite_common.queries.accounts.credentials import Preferences
from twite_common.queries.posts import languages
from twite_common.queries.posts import media as media_queries
from twite_common.queries.posts.media import Media
from twite_common.services.posts import media, polls
from twite_common.services.posts.post_checks import MAX_THREAD
from twite_common.services.posts.scheduled_posts import SOONEST_MS
from twite_common.translations import ngettext
from twite_web.addresses import Addresses
from twite_web.languages import LANGUAGES
from twite_web.site import redirects, visibilities
from twite_web.site.access import Visit
from twite_web.site.draft_forms import (
    ENDS,
    LOCAL_TIME,
    POLL_TIMES,
    DraftForm,
    MediaForm,
    PartForm,
    focus_text,
)
from twite_web.site.options import translated
from twite_web.site.visibilities import ChoiceView

DAY = 86_400


class AttachmentView(msgspec.Struct, frozen=True, gc=False):
    """An upload in the form; `name` is how its fields begin, `preview` is empty where nothing can be shown yet."""

    id: str
    name: str
    kind: str
    state: str
    preview: str
    description: str
    focus: str


class FileView(msgspec.Struct, frozen=True, gc=False):
    """A field for a file, and that for its description."""

    number: int
    name: str
    description_name: str


class PartView(msgspec.Struct, frozen=True, gc=False):
    """A post of the thread that is being written, the first of which has number 1."""

    number: int
    text_name: str
    text: str
    attachments: list[AttachmentView]
    files: list[FileView]


class ComposerView(msgspec.Struct, frozen=True, gc=False):
    """What the form shows beside what was typed."""

    parts: list[PartView]
    readers: list[ChoiceView]
    visibility: str
    repliers: list[ChoiceView]
    reply_policy: str
    language: str
    languages: dict[str, str]
    options: list[str]
    poll_times: dict[str, str]
    ends: dict[str, str]
    zone: str
    earliest: str
    more_options: bool
    can_add: bool
    cancel: str


def composer(visit: Visit, values: DraftForm) -> ComposerView:
    """Return what the form for posts shows to the visitor, who is logged in."""
    preferences = credentials.preferences_of(visit.db, visit.account_id)
    media_ids = [media_id for part in values.parts for media_id in part.media_ids]
    uploads = media_queries.of_account(visit.db, visit.account_id, media_ids)
    chosen, offered = _languages(visit, values, preferences)
    return ComposerView(
        parts=[_part(visit.core.addresses, number, part, uploads) for number, part in enumerate(values.parts)],
        readers=visibilities.readers(),
        visibility=values.visibility if values.visibility in visibilities.WORDS else preferences.visibility,
        repliers=[] if values.in_reply_to_id else visibilities.repliers(),
        reply_policy=values.reply_policy if values.reply_policy in visibilities.REPLY_WORDS else "everybody",
        language=chosen,
        languages=offered,
        options=[*values.options, *[""] * (polls.MAX_OPTIONS - len(values.options))],
        poll_times=_with(translated(POLL_TIMES), values.poll_seconds),
        ends=_with(translated(ENDS), values.expires_in),
        zone=preferences.time_zone.replace("_", " "),
        earliest=time_zones.as_local(visit.now + SOONEST_MS, preferences.time_zone).strftime(LOCAL_TIME),
        more_options=bool(values.scheduled_at or values.expires_in),
        can_add=len(values.parts) < MAX_THREAD,
        cancel=redirects.local(values.back),
    )


def part(visit: Visit, values: DraftForm) -> PartView:
    """Return what the form that changes a post shows: its text and its attachments."""
    return _part(
        visit.core.addresses, 0, values, media_queries.of_account(visit.db, visit.account_id, values.media_ids)
    )


def attachments(visit: Visit, part: PartForm) -> list[AttachmentView]:
    """Return the uploads of a post as its form shows them."""
    uploads = media_queries.of_account(visit.db, visit.account_id, part.media_ids)
    return _attachments(visit.core.addresses, part, uploads, "media")


def attachment(addresses: Addresses, upload: Media, name: str, typed: MediaForm | None = None) -> AttachmentView:
    """Return an upload as the form shows it, with what was typed about it."""
    file = upload.attachment
    preview = file.preview or (file.file if file.kind == "image" else "")
    return AttachmentView(
        id=str(file.id),
        name=name,
        kind=file.kind,
        state=file.state,
        preview=addresses.media_path(preview) if preview else "",
        description=typed.description if typed else file.description,
        focus=typed.focus if typed else focus_text(file.focus),
    )


def _part(addresses: Addresses, number: int, part: PartForm, uploads: Mapping[int, Media]) -> PartView:
    def name(field: str) -> str:
        return f"further[{number - 1}][{field}]" if number else field

    kept = _attachments(addresses, part, uploads, name("media"))
    return PartView(
        number=number + 1,
        text_name=name("text"),
        text=part.text,
        attachments=kept,
        files=[
            FileView(place + 1, f"{name('files')}[{place}]", f"{name('descriptions')}[{place}]")
            for place in range(max(0, media.MAX_COUNT - len(kept)))
        ],
    )


def _attachments(addresses: Addresses, part: PartForm, uploads: Mapping[int, Media], name: str) -> list[AttachmentView]:
    kept = [(uploads[id], typed) for id, typed in zip(part.media_ids, part.kept_media, strict=True) if id in uploads]
    return [attachment(addresses, upload, f"{name}[{place}]", typed) for place, (upload, typed) in enumerate(kept)]


def _languages(visit: Visit, values: DraftForm, preferences: Preferences) -> tuple[str, dict[str, str]]:
    """Return the language to begin with, and all that are offered: first those that the visitor writes in."""
    used = languages.used_by(visit.db, visit.account_id)
    usual = preferences.language or (visit.core.settings.languages or ["en"])[0]
    chosen = values.language or (used[0] if used else usual)
    codes = dict.fromkeys([*used, usual, chosen, *LANGUAGES])
    return chosen, {code: LANGUAGES.get(code, code) for code in codes}


def _with(options: dict[str, str], seconds: str) -> dict[str, str]:
    """Return lengths of time with that of a draft, which may be one that the form doesn't offer."""
    if seconds in options or not seconds.isdigit():
        return options
    days, rest = divmod(int(seconds), DAY)
    if days and not rest:
        label = ngettext("%(count)s day", "%(count)s days", days)
    else:
        minutes = int(seconds) // 60
        label = ngettext("%(count)s minute", "%(count)s minutes", minutes)
    return options | {seconds: label}
