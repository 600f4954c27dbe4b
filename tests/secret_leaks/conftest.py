"""Sites whose people tell their story, and a mail server that has a password."""

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from secret_leaks.mailing import Postbox
from secret_leaks.story import Story
from support.site_under_test import Site, free_port


@pytest.fixture
def tell(make_site: Callable[..., Site]) -> Iterator[Callable[..., Story]]:
    told: list[Story] = []

    def tell(part: str, **settings: str) -> Story:
        site = make_site(log_level="DEBUG", **settings)
        site.start(part)
        told.append(Story(site))
        return told[-1]

    yield tell
    for story in told:
        story.close()


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int, str]]:
    """A mail server that lets in who has its password; its handler, its port and the password."""
    box, port, password = Postbox(), free_port(), f"{secrets.token_hex(8)}+/{secrets.token_hex(8)}"

    def let_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        return AuthResult(success=given.password.decode() == password, handled=False)

    server = Controller(box, hostname="127.0.0.1", port=port, authenticator=let_in, auth_require_tls=False)
    server.start()
    yield box, port, password
    server.stop()
