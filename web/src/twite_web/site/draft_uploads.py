"""What is kept of a form for posts before it is published: its files, what they say, and its name."""

import re

import msgspec
from litestar.datastructures import UploadFile

from twite_common import time_zones
from twite_common.drafts import MediaChange
from twite_common.errors import Invalid
from twite_common.media import pictures, recordings
from twite_common.media.stored_files import storing
from twite_common.queries.accounts import credentials
from twite_common.services.posts import media
from twite_common.translations import gettext as _
from twite_web import uploads
from twite_web.core import core
from twite_web.site.access import Visit, reading, writing
from twite_web.site.draft_forms import DraftForm, MediaForm, PartForm
from twite_web.types import Request
from twite_web.uploads import Stored

MAX_POST_BYTES = max(recordings.MAX_BYTES, media.MAX_COUNT * pictures.MAX_BYTES) + 1024 * 1024
"""Bytes of a form with its files."""
KEY = re.compile(r"[A-Za-z0-9_-]{1,100}")


def form_name(form: DraftForm) -> str | None:
    """Return the name under which sending a form twice has one effect; None for a form without a key."""
    return f"form {form.key}" if KEY.fullmatch(form.key) else None


def due_at(visit: Visit, form: DraftForm) -> int | None:
    """Return when a post is to be published, in milliseconds; None where no time is chosen.

    Raises Invalid for what is no time.
    """
    if not form.scheduled_at:
        return None
    zone = credentials.preferences_of(visit.db, visit.account_id).time_zone
    return time_zones.from_local(form.scheduled_at, zone)


def kept(request: Request, form: DraftForm) -> DraftForm:
    """Return a form whose files are uploads from now on, so that nobody has to choose them again.

    Raises LoginNeeded for a stranger, TooMany for too many files, Invalid for one that can't be taken.
    """
    chosen = [_chosen(part) for part in form.parts]
    for part, files in zip(form.parts, chosen, strict=True):
        media.check_number(len(part.kept_media) + len(files))
        for _file, description in files:
            media.checked_description(description)
    with reading(request, page=False) as visit:
        visit.require_login()
        number = sum(map(len, chosen))
        uploads.count(request, visit.account_id, number, visit.now)
    if not number:
        return _with_media(form, [[] for _part in form.parts])
    equipment = core(request)
    with storing(equipment.database, equipment.settings) as folder:
        stored = [
            [(uploads.store(folder, file.file, visit.account_id), description) for file, description in files]
            for files in chosen
        ]
        with writing(request) as visit:
            added = [[_keep(visit, file, description) for file, description in files] for files in stored]
    return _with_media(form, added)


def describe(visit: Visit, form: DraftForm, *, remind: bool = False) -> None:
    """Have uploads say what was typed about them.

    With `remind`, raises Invalid where one has no description, unless that is on purpose or its author never wants to
    be reminded.
    """
    if remind and form.undescribed_media() and not form.undescribed:
        preferences = credentials.preferences_of(visit.db, visit.account_id)
        if preferences.remind_to_describe:
            sentence = _("Not everything that you attached has a description. Some people rely on it.")
            raise Invalid(sentence, {"media": [("ERR_BLANK", sentence)]})
    for change in form.media_changes():
        media.change(visit.db, change, now=visit.now, account_id=visit.account_id)


def _chosen(part: PartForm) -> list[tuple[UploadFile, str]]:
    """Return the files that were chosen, each with what was typed beside it."""
    pairs = zip(part.files, [*part.descriptions, *[""] * len(part.files)], strict=False)
    return [(file, description) for file, description in pairs if isinstance(file, UploadFile) and file.filename]


def _keep(visit: Visit, stored: Stored, description: str) -> MediaForm:
    id = uploads.keep(visit.db, stored, now=visit.now, account_id=visit.account_id)
    change = MediaChange(media_id=id, description=description or None)
    media.change(visit.db, change, now=visit.now, account_id=visit.account_id)
    return MediaForm(id=str(id), description=description)


def _with_media(form: DraftForm, added: list[list[MediaForm]]) -> DraftForm:
    """Return a form without files, whose parts have further uploads instead."""
    first, *further = [
        msgspec.structs.replace(part, media=[*part.kept_media, *more], files=[], descriptions=[])
        for part, more in zip(form.parts, added, strict=True)
    ]
    return msgspec.structs.replace(form, media=first.media, files=[], descriptions=[], further=further)
