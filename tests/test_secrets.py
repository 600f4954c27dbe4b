"""No secret is logged or stored in clear: every flow that handles one, then a search of all that a site leaves."""

import base64
import email
import gzip
import json
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from hashlib import sha256
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, urlencode, urlsplit

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from sqlalchemy import MetaData, create_engine, delete, insert, select, text
from sqlalchemy.engine import make_url

from browsing import Browser
from site_under_test import Site, free_port, wait_for
from twite_common import clock, dialects, secret
from twite_common.services import mails
from twite_common.tables import attempt, mail

PIECE = 16
"""A secret that was cut short is found by this many of its first or last characters."""
KEY, BACKUP = "data/secret.key", "backup.tar.gz"
ELSEWHERE = "http://client.example/callback"
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
COOKIES = {"twite": "session cookie", "twite-form": "form cookie"}
KINDS = {
    "access token",
    "appeal link",
    "authorization code",
    "changed password",
    "client secret",
    "confirmation link",
    "e-mail change link",
    "form cookie",
    "form token",
    "invitation code",
    "password for a new account",
    "password made by an operator",
    "password never taken",
    "password reset by mail",
    "password reset link",
    "password typed as a name",
    "personal token",
    "PKCE verifier",
    "refresh token",
    "session cookie",
    "the server's key",
    "token made by an operator",
    "unsubscribe link",
    "wrong password",
}


@dataclass(frozen=True)
class Secret:
    """What nobody may find; `allowed` are the places where it belongs."""

    kind: str
    forms: frozenset[bytes]
    allowed: frozenset[str]


class Secrets:
    """The secrets of a site, as they become known."""

    def __init__(self) -> None:
        self.known: dict[str, Secret] = {}

    def add(self, kind: str, value: str, *allowed: str) -> str:
        """Take note of a secret and return it."""
        self.known.setdefault(value, Secret(kind, forms(value), frozenset(allowed)))
        return value

    def password(self, kind: str) -> str:
        """Make up a password that looks different in every spelling and is found by its ends in most."""
        return self.add(kind, f'{secrets.token_hex(8)} "a+b"/100% & <ä> it\'s {secrets.token_hex(8)}')

    @property
    def kinds(self) -> set[str]:
        return {one.kind for one in self.known.values()}


def forms(value: str) -> frozenset[bytes]:
    """Return how a secret may be spelt, in lower case: as it is, for addresses, in hexadecimal and in base64."""
    pieces = [value] if len(value) < 2 * PIECE else [value[:PIECE], value[-PIECE:]]
    raw = [piece.encode() for piece in pieces]
    spelt = [*raw, *(quote(one, safe="").encode() for one in raw), *(quote_plus(one).encode() for one in raw)]
    spelt += [one.hex().encode() for one in raw]
    spelt += [encoded for one in raw for shift in range(3) for encoded in inside_base64(one, shift)]
    return frozenset(one.lower() for one in spelt)


def inside_base64(value: bytes, shift: int) -> Iterator[bytes]:
    """Give what stands in the base64 of a longer text that has `value` so many bytes (modulo 3) after its start."""
    start = (0, 2, 3)[shift]
    end = (shift + len(value)) * 8 // 6
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(b"\0" * shift + value)[start:end]


def places(site: Site) -> Iterator[tuple[str, bytes]]:
    """Give all that a site leaves behind, by name: what it printed, its data folder, SQLite's files, every row."""
    files = [path for path in site.folder.rglob("*") if path.is_file()]
    address = make_url(site.database.url)
    if dialects.is_sqlite(site.database.url):
        files += Path(address.database).parent.glob(f"{Path(address.database).name}*")
    for path in sorted(files):
        # Messages and drafts come and go.
        with suppress(FileNotFoundError):
            content = path.read_bytes()
            yield place(site, path), b"\n".join([content, *(read(content) for read in READ_AS.get(path.suffix, ()))])
    yield from rows(site)


def place(site: Site, path: Path) -> str:
    return str(path.relative_to(site.folder)) if path.is_relative_to(site.folder) else path.name


def as_read(content: bytes) -> bytes:
    """Return a mail as its reader has it, without the encodings and line breaks that it is sent with."""
    message = email.message_from_bytes(content, policy=policy.default)
    parts = [part.get_payload(decode=True) or b"" for part in message.walk()]
    return b"\n".join([*(f"{name}: {value}".encode() for name, value in message.items()), *parts])


READ_AS = {".eml": (as_read,), ".gz": (gzip.decompress,)}


def rows(site: Site) -> Iterator[tuple[str, bytes]]:
    tables = MetaData()
    engine = create_engine(dialects.normal(site.database.url))
    with engine.connect() as db:
        tables.reflect(db)
        for table in tables.sorted_tables:
            cells = [value for row in db.execute(select(table)) for value in row if value is not None]
            yield (
                f"table {table.name}",
                b"\n".join(one if isinstance(one, bytes) else str(one).encode() for one in cells),
            )
    engine.dispose()


def leaks(site: Site, known: Secrets) -> list[str]:
    """Return which secrets stand where they don't belong."""
    return sorted(
        {
            f"{one.kind} in {name}"
            for name, content in ((name, content.lower()) for name, content in places(site))
            for one in known.known.values()
            if name not in one.allowed and any(form in content for form in one.forms)
        }
    )


class Story:
    """A site, those who use it, and what they know."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.secrets = Secrets()
        self.passwords: dict[str, str] = {}
        self.token = ""
        self._clients: list[httpx.Client] = []
        self._read: set[Path] = set()
        self._commands = 0
        self.ann, self.bob, self.stranger = self.browser(), self.browser(), self.browser()

    def browser(self) -> Browser:
        """Open a browser; every cookie and form token that it gets is a secret."""
        client = httpx.Client(base_url=self.site.base_url, timeout=30, event_hooks={"response": [self._note]})
        self._clients.append(client)
        return Browser(client)

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def command(self, *arguments: str, typed: str = "") -> tuple[int, str, str]:
        """Run a command as an operator; return its exit code, what it printed, and where that is kept."""
        self._commands += 1
        return command(self.site, f"command-{self._commands}.log", *arguments, typed=typed)

    def log_in(self, browser: Browser, name: str, password: str) -> httpx.Response:
        browser.open("/login")
        return browser.submit("/login", {"name": name, "password": password})

    def link(self, kind: str, path: str) -> str:
        """Wait for the mail that has such a link, and return the link's path; the link is that mail's alone."""
        pattern = re.compile(rf"{re.escape(self.site.base_url)}(/{path}/([\w.-]+))")

        def look() -> Any:
            for file in self.site.folder.glob("data/mail/*.eml"):
                found = pattern.search(as_read(file.read_bytes()).decode())
                if file not in self._read and found:
                    self._read.add(file)
                    return file, found
            return None

        file, found = wait_for(look, self.site.printed)
        # What comes before the signature is the number of a row.
        self.secrets.add(kind, found[2].rpartition(".")[2], place(self.site, file))
        return str(found[1])

    def _note(self, response: httpx.Response) -> None:
        response.read()
        for header in response.headers.get_list("set-cookie"):
            for name, cookie in SimpleCookie(header).items():
                if cookie.value and name in COOKIES:
                    self.secrets.add(COOKIES[name], cookie.value)
        for found in re.findall(r'name="form_token" value="([^"]+)"', response.text):
            self.secrets.add("form token", found)


def command(site: Site, output: str, *arguments: str, typed: str = "", **settings: str) -> tuple[int, str, str]:
    environment = site.environment | {f"TWITE_{name.upper()}": value for name, value in settings.items()}
    with (site.folder / output).open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "twite", *arguments],
            input=typed.encode(),
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment,
            timeout=60,
        )
    return done.returncode, (site.folder / output).read_text(), output


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


def an_operator_makes_an_account_and_a_token(story: Story) -> None:
    story.passwords["ann"] = story.secrets.password("password made by an operator")
    create = ("account", "create", "ann", "--email", "ann@mail.example", "--password-stdin", "--confirmed")
    made = story.command(*create, "--role", "admin", typed=f"{story.passwords['ann']}\n")
    again = story.command(*create, typed=story.passwords["ann"])
    code, printed, output = story.command("token", "create", "ann", "--scopes", "read write")
    story.token = story.secrets.add("token made by an operator", printed.strip(), output)

    assert (made[0], again[0], code) == (0, 1, 0)


def somebody_logs_in(story: Story) -> None:
    story.log_in(story.ann, "ann", story.secrets.password("wrong password"))
    story.log_in(story.ann, story.secrets.password("password typed as a name"), "x")
    refused = story.ann.path
    story.log_in(story.ann, "ann", story.passwords["ann"])

    assert (refused, story.ann.path) == ("/login", "/")


def somebody_invites(story: Story) -> None:
    story.ann.open("/settings/invitations")
    story.ann.submit("/settings/invitations", {"uses": "2"})
    [address] = story.ann.page.find_all("a", href=re.compile("invitation="))
    story.secrets.add("invitation code", parse_qs(urlsplit(address["href"]).query)["invitation"][0])
    story.bob.open(address["href"])


def the_invited_sign_up_while_no_worker_runs(story: Story) -> None:
    story.passwords["bob"] = story.secrets.password("password for a new account")
    typed = {"username": "bob", "email": "bob@mail.example", "password": story.passwords["bob"]}
    story.bob.submit("/signup", typed | {"username": "b b"})
    story.bob.submit("/signup", typed)
    waiting = story.site.folder / "data" / "broker" / "messages"

    assert story.bob.path == "/signup/sent"
    wait_for(lambda: list(waiting.glob("*.msg")), story.site.printed)


def the_new_confirm_their_address(story: Story) -> None:
    story.site.start("worker")
    story.site.start("clock")
    link = story.link("confirmation link", "confirm")
    story.bob.open(link)
    story.bob.submit(link)
    story.bob.open(link)
    story.log_in(story.bob, "bob", story.passwords["bob"])

    assert story.bob.path == "/"


def somebody_forgets_a_password(story: Story) -> None:
    browser = story.browser()
    browser.open("/forgot")
    browser.submit("/forgot", {"email": "bob@mail.example"})
    link = story.link("password reset link", "reset")
    story.passwords["bob"] = story.secrets.password("password reset by mail")
    browser.open(link)
    browser.submit(link, {"password": "short"})
    browser.submit(link, {"password": story.passwords["bob"]})
    story.log_in(story.bob, "bob", story.passwords["bob"])

    assert (browser.path, story.bob.path) == ("/login", "/")


def somebody_changes_address_and_password(story: Story) -> None:
    for action, changes in (
        ("/settings/account/email", {"email": "bob@elsewhere.example"}),
        ("/settings/account/password", {"password": story.secrets.password("changed password")}),
    ):
        story.bob.open(action)
        story.bob.submit(action, changes | {"current_password": story.secrets.password("wrong password")})
        story.bob.submit(action, changes | {"current_password": story.passwords["bob"]})
    story.passwords["bob"] = changes["password"]
    link = story.link("e-mail change link", "confirm-email")
    story.bob.open(link)
    story.bob.submit(link)
    story.log_in(story.browser(), "bob@elsewhere.example", story.passwords["bob"])

    assert "bob@elsewhere.example" in story.bob.text


def somebody_makes_a_token(story: Story) -> None:
    page = "/settings/applications"
    story.bob.open(page)
    story.bob.submit(f"{page}/tokens", {"name": "script", "read": "true", "write": "true"})
    token = story.secrets.add("personal token", story.bob.page.find("code").text)
    api = f"{story.site.base_url}/api/v1"
    by_header = httpx.get(f"{api}/timelines/home", headers={"Authorization": f"Bearer {token}"})
    by_query = httpx.get(f"{api}/timelines/home", params={"access_token": token})
    story.bob.open(page)
    story.bob.submit(next(action for action in story.bob.actions() if action.startswith(f"{page}/tokens/")))

    assert (by_header.status_code, by_query.status_code) == (200, 401)


def an_application_is_let_in(story: Story) -> None:
    client = story.browser().client
    asked = {"client_name": "App", "redirect_uris": f"{ELSEWHERE} {OUT_OF_BAND}", "scopes": "read offline_access"}
    app = client.post("/api/v1/apps", json=asked).json()
    keys = {"client_id": app["client_id"], "client_secret": story.secrets.add("client secret", app["client_secret"])}
    verifier = story.secrets.add("PKCE verifier", secrets.token_hex(32))
    code = allow(story, app["client_id"], ELSEWHERE, verifier)
    shown = allow(story, app["client_id"], OUT_OF_BAND, verifier)
    sent = {"grant_type": "authorization_code", "redirect_uri": ELSEWHERE, "code_verifier": verifier}
    wrong = client.post("/oauth/token", data=sent | keys | {"code": shown})
    first = tokens(story, client.post("/oauth/token", data=sent | keys | {"code": code}))
    renew = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    basic = (keys["client_id"], keys["client_secret"])
    second = tokens(story, client.post("/oauth/token", data=renew, auth=basic))
    tokens(story, client.post("/oauth/token", json=keys | {"grant_type": "client_credentials", "scope": "read"}))
    used = [
        client.get("/oauth/userinfo", headers={"Authorization": f"Bearer {second['access_token']}"}),
        client.post("/oauth/revoke", data=keys | {"token": second["access_token"]}),
        client.post("/oauth/token", data=renew | keys),
        client.post("/oauth/token", data=sent | keys | {"code": code}),
    ]

    assert wrong.status_code == 400
    assert [answer.status_code for answer in used] == [200, 200, 400, 400]


def allow(story: Story, client_id: str, redirect_uri: str, verifier: str) -> str:
    challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"response_type": "code", "client_id": client_id, "redirect_uri": redirect_uri, "state": "s"}
    asked |= {"scope": "read offline_access", "code_challenge": challenge, "code_challenge_method": "S256"}
    story.ann.open(f"/oauth/authorize?{urlencode(asked)}")
    form = story.ann.form("/oauth/authorize")
    fields = {field["name"]: field["value"] for field in form.find_all("input")} | {"decision": "approve"}
    location = story.ann.client.post("/oauth/authorize", data=fields).headers["location"]
    if redirect_uri == OUT_OF_BAND:
        story.ann.open(location)
    return story.secrets.add("authorization code", parse_qs(urlsplit(location).query)["code"][0])


def tokens(story: Story, answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    given: dict[str, str] = answer.json()
    story.secrets.add("access token", given["access_token"])
    if "refresh_token" in given:
        story.secrets.add("refresh token", given["refresh_token"])
    return given


def somebody_wants_no_more_mail(story: Story) -> None:
    headers = {"Authorization": f"Bearer {story.token}"}
    posted = httpx.post(f"{story.site.base_url}/api/v1/statuses", headers=headers, data={"status": "@bob hello"})
    link = story.link("unsubscribe link", "unsubscribe")
    story.stranger.open(link)
    story.stranger.submit(link)

    assert posted.status_code == 200
    assert "You no longer get a mail" in story.stranger.text


def somebody_is_warned_and_appeals(story: Story) -> None:
    story.ann.open("/admin/accounts?q=bob")
    story.ann.open(story.ann.page.find("a", string="@bob")["href"])
    story.ann.submit(f"{story.ann.path}/act", {"text": "Please stop."})
    link = story.link("appeal link", "appeal")
    story.stranger.open(link)
    story.stranger.submit(link, {"text": "It wasn't me."})

    assert "Your appeal is sent." in story.stranger.text


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


JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


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


def an_operator_looks_around(story: Story) -> None:
    looks = (
        ("backup", str(story.site.folder / BACKUP)),
        ("settings",),
        ("check",),
        ("account", "list"),
        ("account", "show", "ann"),
        ("token", "list", "ann"),
        ("events", "list"),
    )

    assert [arguments for arguments in looks if story.command(*arguments)[0] != 0] == []


def somebody_leaves(story: Story) -> None:
    for password in (story.secrets.password("wrong password"), story.passwords["bob"]):
        story.bob.open("/settings/account/delete")
        story.bob.submit("/settings/account/delete", {"current_password": password})
    story.ann.open("/settings")
    story.ann.submit("/logout")

    assert story.bob.path == "/"


FLOWS = (
    an_operator_makes_an_account_and_a_token,
    somebody_logs_in,
    somebody_invites,
    the_invited_sign_up_while_no_worker_runs,
    the_new_confirm_their_address,
    somebody_forgets_a_password,
    somebody_changes_address_and_password,
    somebody_makes_a_token,
    an_application_is_let_in,
    somebody_wants_no_more_mail,
    somebody_is_warned_and_appeals,
    what_is_wrong_is_sent,
    the_site_fails,
    an_operator_looks_around,
    somebody_leaves,
)


def test_whatever_people_do_no_secret_is_printed_or_kept(tell: Callable[..., Story]):
    story = tell("web", registration="invitation", signups="1000", login_attempts="1000")
    story.secrets.add("the server's key", (story.site.folder / KEY).read_text(), KEY, BACKUP)
    found = {}
    for flow in FLOWS:
        flow(story)
        found[flow.__name__] = leaks(story.site, story.secrets)

    assert "DEBUG" in (story.site.folder / "worker-1.log").read_text()
    assert {name: leaked for name, leaked in found.items() if leaked} == {}
    assert story.secrets.kinds == KINDS


def test_only_who_starts_a_new_site_sees_the_link_to_its_first_account(tell: Callable[..., Story]):
    story = tell("run")
    [link] = re.findall(rf"{story.site.base_url}(/first/\S+)", story.site.printed())
    story.secrets.add("link to the first account", link.rpartition(".")[2], "run-0.log")
    password = story.secrets.password("the administrator's password")
    typed = {"username": "ann", "email": "ann@mail.example", "password": password}
    story.ann.open(link)
    story.ann.submit(link, typed | {"username": ""})
    story.ann.submit(link, typed)
    story.stranger.open(link)
    story.ann.submit("/logout")
    story.log_in(story.ann, "ann", password)

    assert story.ann.path == "/"
    assert leaks(story.site, story.secrets) == []
    assert story.site.printed().count(link) == 1
    assert {"link to the first account", "session cookie", "form token"} <= story.secrets.kinds


class Postbox:
    """A mail server's handler that answers every mail in the same way."""

    def __init__(self) -> None:
        self.answer = "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: Any, _session: Any, _envelope: Any
    ) -> str:
        return self.answer


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


@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
def test_the_mail_servers_password_is_known_to_the_mail_server_only(
    make_site: Callable[..., Site], postbox: tuple[Postbox, int, str], right: bool
):
    _, port, password = postbox
    given = password if right else password[::-1]
    site = make_site(log_level="DEBUG", smtp=f"smtp://twite:{quote(given, safe='')}@127.0.0.1:{port}")
    known = Secrets()
    known.add("password", given)
    settled = write_a_mail(site)
    site.start("worker")
    state, error = wait_for(settled, site.printed)
    checked, _, _ = command(site, "check.log", "check")
    command(site, "test.log", "mail", "test", "ann@mail.example")

    assert (state, error[:3], checked) == (("sent", "", 0) if right else ("due", "535", 1))
    assert leaks(site, known) == []


BROKERS = {
    "redis is down": "redis://:{password}@127.0.0.1:{closed}/0",
    "rabbitmq is down": "amqp://twite:{password}@127.0.0.1:{closed}//",
    "rabbitmq refuses": "amqp://twite:{password}@127.0.0.1:5672//",
}


@pytest.mark.needs("rabbitmq")
def test_a_brokers_password_is_not_printed_when_it_lets_nobody_in(make_site: Callable[..., Site]):
    # All at once, because each part tries for seconds before it says something.
    known, sites = Secrets(), {}
    for name, broker in BROKERS.items():
        password = known.add(f"password of {name}", secrets.token_hex(16))
        sites[name] = make_site(log_level="DEBUG", broker=broker.format(password=password, closed=free_port()))
        for part in ("web", "worker", "clock"):
            sites[name].start(part)
        httpx.get(f"{sites[name].base_url}/login")
    checked = {name: command(site, "check.log", "check")[:2] for name, site in sites.items()}
    for site in sites.values():
        for file in (site.folder / "worker-1.log", site.folder / "clock-2.log"):
            wait_for(lambda file=file: file.stat().st_size, site.printed)
    found = {name: leaks(site, known) for name, site in sites.items()}
    # They would go on trying for longer than the test's end waits.
    for site in sites.values():
        for part in site.processes[1:]:
            part.kill()

    assert [name for name, (code, printed) in checked.items() if (code, "wrong  Broker" in printed) != (1, True)] == []
    assert {name: leaked for name, leaked in found.items() if leaked} == {}


SETTINGS = {
    "a database that is down": {"database": "postgresql://twite:{password}@127.0.0.1:{closed}/twite"},
    "a database's address with a slash": {"database": "postgresql://twite:1/{password}@127.0.0.1:{closed}/twite"},
    "a database's address with an at sign": {"database": "postgresql://twite:a@{password}@127.0.0.1:{closed}/twite"},
    "a database's address with an at sign and a slash": {
        "database": "postgresql://twite:a@{password}/b@127.0.0.1/twite"
    },
    "a broker's address with a slash": {"broker": "amqp://twite:1/{password}@127.0.0.1:{closed}//"},
    "a broker's address with a number sign": {"broker": "redis://twite:1#{password}@127.0.0.1:{closed}/0"},
    "a mail server's address with a question mark": {"smtp": "smtp://twite:1?{password}@127.0.0.1"},
    "a database of a kind that is unknown": {"database": "mysql://twite:{password}@127.0.0.1/twite"},
    "a database without a kind": {"database": "twite:{password}@127.0.0.1/twite"},
    "a port that is none": {"database": "postgresql://twite:{password}@127.0.0.1:x/twite"},
    "a password as the port": {"smtp": "smtp://127.0.0.1:{password}"},
    "a mail server that is down": {"smtp": "smtp://twite:{password}@127.0.0.1:{closed}"},
    "a mail server of a kind that is unknown": {"smtp": "mail://twite:{password}@127.0.0.1"},
    "a broker of a kind that is unknown": {"broker": "kafka://twite:{password}@127.0.0.1"},
    "brackets": {"broker": "redis://[{password}@127.0.0.1", "smtp": "smtp://[{password}"},
    "a key": {"secret_key": "{password}", "port": "x"},
}


def test_the_list_of_settings_has_none_that_were_made(make_site: Callable[..., Site]):
    site, known = make_site(), Secrets()
    made = {
        name: address.format(known.add(name, secrets.token_hex(16)))
        for name, address in (
            ("smtp", "smtp://twite:{}@127.0.0.1"),
            ("broker", "redis://:{}@127.0.0.1"),
            ("database", "postgresql://twite:{}@127.0.0.1/twite"),
            ("secret_key", "{}"),
        )
    }
    code, printed, _ = command(site, "settings.log", "settings", **made)

    assert (code, "TWITE_SMTP" in printed) == (0, True)
    assert leaks(site, known) == []


@pytest.mark.parametrize("given", SETTINGS.values(), ids=SETTINGS)
def test_a_password_in_the_settings_is_not_printed(make_site: Callable[..., Site], given: dict[str, str]):
    site, known = make_site(), Secrets()
    password = known.add("password", secrets.token_hex(16))
    made = {name: value.format(password=password, closed=free_port()) for name, value in given.items()}
    tries = ["mail", "test", "ann@mail.example"] if "smtp" in given else ["migrate" if "database" in given else "run"]
    checked, said, _ = command(site, "check.log", "check", **made, log_level="DEBUG")
    command(site, "try.log", *tries, **made, log_level="DEBUG")

    assert (checked, "wrong" in said) == (1, True)
    assert "Traceback" not in site.printed()
    assert leaks(site, known) == []


@pytest.mark.parametrize(
    "line", ['smtp = "smtp://{password}', "smtp = {password}", 'smtp "smtp://{password}"', 'port = "{password}']
)
def test_a_password_in_a_file_of_settings_that_is_broken_is_not_printed(make_site: Callable[..., Site], line: str):
    site, known = make_site(), Secrets()
    password = known.add("password", secrets.token_hex(16), "data/twite.toml")
    (site.settings.data / "twite.toml").write_text(line.format(password=password))

    assert command(site, "check.log", "check")[0] == 1
    assert leaks(site, known) == []


def message(value: str) -> bytes:
    made = EmailMessage(policy=policy.SMTP)
    made["To"] = "ann@mail.example"
    made.set_content(f"Here {'is more and more ' * 9}{value}", cte="quoted-printable")
    made.add_alternative(f"<p>{'x' * 60}{value}</p>", subtype="html", cte="base64")
    return bytes(made)


def put(name: str) -> Callable[[Site, str], None]:
    """Return what writes something into a file of a site."""

    def write(site: Site, value: str) -> None:
        file = site.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab") as opened:
            opened.write(message(value) if file.suffix == ".eml" else f"before {value} after\n".encode())

    return write


def put_into_the_database(site: Site, value: str) -> None:
    with site.database.writing() as db:
        db.execute(insert(attempt), {"subject": f"before {value} after", "since_at": 1})


PLACES: dict[str, Callable[[Site, str], None]] = {
    "table attempt": put_into_the_database,
    **{
        name: put(name)
        for name in (
            "web-0.log",
            "data/broker/messages/1.twite.msg",
            "data/mail/1.eml",
            "data/media/1.png",
        )
    },
}
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "for an address": lambda value: quote(value, safe=""),
    "for a form": quote_plus,
    "as JSON": lambda value: json.dumps({"password": value}),
    "as Python shows it": lambda value: repr([value.encode()]),
    "in hexadecimal": lambda value: value.encode().hex(),
    "in base64": lambda value: base64.b64encode(value.encode()).decode(),
    "in base64 after one byte": lambda value: base64.urlsafe_b64encode(f":{value}".encode()).decode(),
    "in base64 after two bytes": lambda value: base64.b64encode(f"a:{value}:b".encode()).decode(),
    "its beginning": lambda value: value[:20],
    "its end": lambda value: value[-20:],
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_the_search_finds_a_secret_wherever_it_is_and_however_it_is_spelt(
    make_site: Callable[..., Site], spell: Callable[[str], str]
):
    site, known = make_site(), Secrets()
    password = known.password("password")
    before = leaks(site, known)
    for hide in PLACES.values():
        hide(site, spell(password))

    assert before == []
    assert {f"password in {name}" for name in PLACES} <= set(leaks(site, known))


def test_the_search_finds_what_sqlite_keeps_beside_its_tables(make_site: Callable[..., Site]):
    site, known = make_site(), Secrets()
    password = known.password("password")
    put_into_the_database(site, password)
    with site.database.writing() as db:
        db.execute(delete(attempt))
    beside = [one for one in leaks(site, known) if "-wal" in one]

    assert bool(beside) == dialects.is_sqlite(site.database.url)


def test_the_search_finds_what_a_worker_prints_and_stores(
    make_site: Callable[..., Site], postbox: tuple[Postbox, int, str]
):
    box, port, password = postbox
    known = Secrets()
    box.answer = f"451 {known.add('answer', secrets.token_urlsafe(32))}"
    site = make_site(smtp=f"smtp://twite:{quote(password, safe='')}@127.0.0.1:{port}")
    settled = write_a_mail(site)
    site.start("worker")
    wait_for(settled, site.printed)

    assert {"answer in worker-0.log", "answer in table mail"} <= set(leaks(site, known))


def test_a_mail_may_hold_its_own_link_but_not_anothers(make_site: Callable[..., Site]):
    site, known = make_site(), Secrets()
    link = known.add("link", secrets.token_urlsafe(32), "data/mail/1.eml")
    put("data/mail/1.eml")(site, link)
    own = leaks(site, known)
    put("data/mail/2.eml")(site, link)

    assert own == []
    assert leaks(site, known) == ["link in data/mail/2.eml"]
