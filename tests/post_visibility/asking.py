"""Asking as somebody of the cast: their application asks the API, their browser the website."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import httpx
import msgspec
from bs4 import BeautifulSoup
from litestar.testing import TestClient

from twite_web.middleware.security import is_api

AT_ONCE = 8


class Ask(msgspec.Struct, frozen=True):
    """What is asked of an address."""

    address: str
    method: str = "GET"
    body: dict[str, Any] | None = None


class Viewer:
    """Somebody's application and browser, which ask for many things at once."""

    def __init__(self, client: TestClient[Any], token: str | None, session: tuple[str, str] | None) -> None:
        self.token = token
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._cookies = dict([session]) if session else {}
        self._form_token = ""

    def ask(self, asked: Iterable[Ask | str]) -> list[httpx.Response]:
        """Return the answers, in order: of the API to the application, of the website to the browser."""
        every = [Ask(one) if isinstance(one, str) else one for one in asked]
        if any(one.method != "GET" and not is_api(one.address) for one in every) and not self._form_token:
            self._form_token = self._open_form()
        answers: list[httpx.Response] = self._client.blocking_portal.call(self._all, every)
        return answers

    def _open_form(self) -> str:
        """Return what a form proves with that it was sent from a page of the site."""
        pages = self.ask(["/compose", "/login"])
        page = next(page for page in pages if page.status_code == 200)
        self._cookies |= dict(page.cookies)
        found = BeautifulSoup(page.text, "html.parser").find("input", attrs={"name": "form_token"})
        assert found is not None
        return str(found["value"])

    async def _all(self, asked: Sequence[Ask]) -> list[httpx.Response]:
        transport = httpx.ASGITransport(self._client.app, raise_app_exceptions=False)
        free = asyncio.Semaphore(AT_ONCE)
        async with httpx.AsyncClient(transport=transport, base_url=str(self._client.base_url)) as sender:

            async def answer(one: Ask) -> httpx.Response:
                async with free:
                    return await sender.send(self._request(sender, one))

            return await asyncio.gather(*map(answer, asked))

    def _request(self, sender: httpx.AsyncClient, one: Ask) -> httpx.Request:
        if is_api(one.address):
            return sender.build_request(one.method, one.address, headers=self._headers, json=one.body)
        sender.cookies = httpx.Cookies(self._cookies)
        form = {"form_token": self._form_token, **(one.body or {})} if one.method != "GET" else None
        return sender.build_request(one.method, one.address, data=form)
