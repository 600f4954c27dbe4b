"""What is sent wrongly, and what happens when the site itself fails."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote

import httpx
from sqlalchemy import text

from secret_leaks.story import Story
from support.site_under_test import Site
from twite_common import secret

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


def what_is_wrong_is_sent(story: Story) -> None:
    password = story.secrets.password("password never taken")
    story.stranger.open("/login")
    fits = {"form_token": story.stranger.value("form_token")}
    bodies: list[dict[str, Any]] = [
        {"content": json.dumps({"password": password, "client_secret": password})[:-1], "headers": JSON},
        {"content": f"{password}", "headers": JSON},
        {"content": password.encode("utf-16"), "headers": JSON},
        {"content": password.encode("latin-1"), "headers": FORM},
        {"content": f"password={password}", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": f"--x\r\nContent-Disposition: form-data; {password}\r\n\r\n", "headers": MULTIPART},
        {"data": {f"[{password}]" * 8: password}},
        {"data": fits | {"name": f"{password}\0", "password": f"{password}\0", "username": f"{password}\0"}},
        {"json": fits | {"name": [password], "password": {password: password}, "client_secret": [password]}},
        {"json": fits | {"grant_type": password, "code": password, "client_id": password, "token": password}},
        {"params": {"password": password, "access_token": password}},
        {"headers": {"Authorization": f"Basic {quote(password)}", "X-Forwarded-For": quote(password)}},
        {"headers": {"Authorization": f"Bearer {quote(password)}", "Cookie": f"twite={quote(password)}"}},
        {"headers": {"Host": f"{story.token}.example"}},
    ]
    paths = ["/login", "/signup", "/api/v1/apps", "/oauth/token", "/oauth/revoke", f"/reset/{quote(password, safe='')}"]
    client = story.stranger.client
    # Which may end the connection before all of it is sent.
    with suppress(httpx.TransportError):
        httpx.post(f"{story.site.base_url}/login", content=f"password={password}" * 200_000, headers=FORM)
    answers = [client.post(path, **body) for path in paths for body in bodies]
    answers += [client.request(method, f"/reset/1.{story.token}") for method in ("GET", "PUT", "DELETE")]
    answers += [client.get(f"/oauth/authorize?client_id={story.token}&code={story.token}&state={story.token}")]

    assert {answer.status_code for answer in answers if answer.status_code >= 500} == set()
    for header in (f"Authorization: Bearer {story.token}\x01", f"Authorization {story.token}", story.token * 5000):
        with socket.create_connection(("127.0.0.1", story.site.port), timeout=30) as one:
            one.sendall(f"GET /{story.token} HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}\r\n\r\n".encode())
            with suppress(ConnectionResetError):
                one.recv(4096)


def the_site_fails(story: Story) -> None:
    password = story.secrets.password("password never taken")
    story.stranger.open("/login")
    typed = {"form_token": story.stranger.value("form_token"), "name": password, "password": password}
    keys = {"grant_type": "refresh_token", "client_id": password, "client_secret": password, "refresh_token": password}
    bearer = {"Authorization": f"Bearer {story.token}"}
    failures = []
    for table in ("attempt", "credentials", "session", "token", "application", "link"):
        with missing(story.site, table):
            answers = [
                story.stranger.client.post("/login", data=typed),
                story.stranger.client.post("/signup", data=typed | {"username": "cho", "email": "cho@mail.example"}),
                story.stranger.client.get(f"/reset/1.{secret.signer(story.site.settings).sign('link', 'reset', 1)}"),
                story.ann.open("/settings/account"),
                httpx.post(f"{story.site.base_url}/oauth/token", data=keys),
                httpx.get(f"{story.site.base_url}/api/v1/timelines/home", headers=bearer),
            ]
            failures.append((table, max(answer.status_code for answer in answers)))

    assert [table for table, status in failures if status < 500] == []
    assert "request_failed" in story.site.printed()


@contextmanager
def missing(site: Site, table: str) -> Iterator[None]:
    """Take a table away for a while, so that what needs it fails in a way that nobody foresaw."""
    with site.database.writing() as db:
        db.execute(text(f"ALTER TABLE {table} RENAME TO away"))
    yield
    with site.database.writing() as db:
        db.execute(text(f"ALTER TABLE away RENAME TO {table}"))
