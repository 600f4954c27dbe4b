"""Mails that a worker is to send, and the server that takes them."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from support.site_under_test import Site
from twite_common import clock
from twite_common.services.notifications import mails
from twite_common.tables import mail


class Postbox:
    """A mail server's handler that answers every mail in the same way."""

    def __init__(self) -> None:
        self.answer = "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: Any, _session: Any, _envelope: Any
    ) -> str:
        return self.answer


def write_a_mail(site: Site) -> Callable[[], tuple[str, str] | None]:
    """Write a mail down, to be sent by a worker that starts later; return how to learn what became of it."""
    with site.database.writing() as db:
        id = mails.add(db, "already_registered", now=clock.now(), address="ann@mail.example")

    def settled() -> tuple[str, str] | None:
        with site.database.reading() as db:
            state, attempts, error = db.execute(
                select(mail.c.state, mail.c.attempts, mail.c.error).where(mail.c.id == id)
            ).one()
        return (state, error) if attempts or state == "sent" else None

    return settled
