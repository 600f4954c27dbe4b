"""Accepting a file that is to be imported: it is stored, and a task reads it."""

import os
from typing import Any

from litestar.datastructures import UploadFile

from twite_common import clock
from twite_common.errors import Conflict, Invalid, NotFound
from twite_common.media import storage
from twite_common.services.identity import imports
from twite_common.translations import gettext as _
from twite_web import uploads
from twite_web.core import core
from twite_web.types import Request

MAX_UPLOAD_BYTES = imports.MAX_ARCHIVE_BYTES + 1024 * 1024
"""Bytes of a request that brings a file, and of the form around it."""


def receive(request: Request, file: Any, *, kind: str, account_id: int) -> int:
    """Store a file with no transaction open, because that takes its time, and return the id of its import.

    Raises Invalid for no file, or one that can't be imported, Conflict while another import isn't finished, TooMany
    for too many files, Unavailable when the disk is full.
    """
    equipment = core(request)
    if not isinstance(file, UploadFile) or not file.filename:
        sentence = _("Please choose a file.")
        raise Invalid(sentence, {"file": [("ERR_BLANK", sentence)]})
    size = file.file.seek(0, os.SEEK_END)
    file.file.seek(0)
    imports.check_size(kind, size)
    uploads.count(request, account_id, 1, clock.now())
    with equipment.database.writing() as db:
        id, name = imports.begin(db, now=clock.now(), account_id=account_id, kind=kind)
    try:
        storage.archives(equipment.settings).home.write(name, file.file)
        with equipment.database.writing() as db:
            imports.uploaded(db, now=clock.now(), account_id=account_id, import_id=id, size=size)
    except BaseException:
        _forget(request, account_id, id)
        raise
    return id


def _forget(request: Request, account_id: int, import_id: int) -> None:
    try:
        with core(request).database.writing() as db:
            imports.remove(db, now=clock.now(), account_id=account_id, import_id=import_id)
    except (Conflict, NotFound):
        # It has been removed meanwhile.
        return
