"""The mails of a site of a test's own: those that it writes into its folder, and those that it sends."""

import asyncio
import email
import re
from email import policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from support.site_under_test import Site, wait_for


def link_in_mail(site: Site, path: str, *, to: str = "") -> str:
    """Return the link in the only mail to somebody that has one to that path, once it was written."""

    def found() -> str | None:
        for file in (site.folder / "data" / "mail").glob("*.eml"):
            message = email.message_from_bytes(file.read_bytes(), policy=policy.default)
            body = message.get_body(("plain",))
            match = re.search(rf"\S+{path}\S+", body.get_content()) if body else None
            if match and to in message["To"]:
                return match[0]
        return None

    return str(wait_for(found, site.printed))


class Postbox:
    """A mail server's handler, which can take its time for each mail."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.messages: list[EmailMessage] = []

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        """Take a mail."""
        await asyncio.sleep(self.seconds)
        self.messages.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    @property
    def subjects(self) -> list[str]:
        """What the mails that came are about."""
        return [str(message["Subject"]) for message in self.messages]

    @property
    def recipients(self) -> list[str]:
        """To whom they are."""
        return [str(message["To"]) for message in self.messages]


class MailServer(Controller):
    """A mail server in a thread of its own, which ends the connections that are open when it stops."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._connections: list[SMTP] = []

    def factory(self) -> SMTP:
        """Return what speaks with a client."""
        made = super().factory()
        self._connections.append(made)
        return made

    def stop(self, no_assert: bool = False) -> None:
        """End all connections, and the server."""
        for one in self._connections:
            if one.transport is not None:
                self.loop.call_soon_threadsafe(one.transport.close)
        super().stop(no_assert)
