"""The web part under test, and the cast: Ann acts, Bob is followed, Cho is a stranger."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import pillow_heif
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from support import declared
from support.browsing import Browser
from twite_common import clock
from twite_common.database import Database
from twite_common.drafts import Draft
from twite_common.media.pictures import process
from twite_common.passwords import Passwords
from twite_common.services.identity import registrations, sessions, tokens
from twite_common.services.identity.registrations import SignUp
from twite_common.services.posts import posts
from twite_common.settings import Settings
from twite_web import app as application
from twite_web import cookies

# Tests write pictures as phones do.
pillow_heif.register_heif_opener()

HOST = "http://twite.example"
PASSWORD = "correct horse battery"
SCOPES = "read write follow push"


class Person(msgspec.Struct, frozen=True):
    """Somebody with an account."""

    id: int
    username: str

    @property
    def email(self) -> str:
        return f"{self.username}@mail.example"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path / "data",
        base_url=HOST,
        password_time_cost=1,
        password_memory_kib=8,
        secret_key="a test's key",
        limit_account=0,
        limit_token=0,
        limit_address=0,
        limit_pages=0,
        limit_uploads=0,
        limit_deletions=0,
        limit_posts=0,
        limit_edits=0,
        limit_follows=0,
        limit_reports=0,
        limit_oauth=0,
        limit_apps=0,
        limit_mails=0,
    )


@pytest.fixture(scope="session")
def bare(integration: None) -> Litestar:
    """The application with all its routes. Putting it together takes long, so each test gives it a site of its own."""
    app = application.bare()
    # Looking for garbage among what all tests use would find nothing.
    gc.freeze()
    return app


@pytest.fixture
def app(bare: Litestar, settings: Settings, database: Database) -> Any:
    """The application as the server calls it."""
    application.equip(bare, settings, database)
    return application.behind_edge(bare, settings)


@pytest.fixture
def client(app: Any) -> Iterator[TestClient[Any]]:
    """Somebody's browser without its user: it keeps cookies and follows no redirects."""
    with TestClient(app, base_url=HOST, raise_server_exceptions=False) as client:
        client.follow_redirects = False
        yield client


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The hash of `PASSWORD`, as cheap as those of tests' settings."""
    return Passwords(Settings(password_time_cost=1, password_memory_kib=8)).hash(PASSWORD, about=())


@pytest.fixture
def make_account(database: Database, password_hash: str) -> Callable[..., Person]:
    """Make an account that can log in with `PASSWORD`."""

    def make(username: str, **options: Any) -> Person:
        form = SignUp(username=username, email=f"{username}@mail.example", password_hash=password_hash)
        with database.writing() as db:
            id = registrations.create(
                db, now=clock.now(), sign_up=form, smtp_utf8=False, **{"confirmed": True, **options}
            )
        return Person(id, username)

    return make


@pytest.fixture
def ann(make_account: Callable[..., Person]) -> Person:
    return make_account("ann")


@pytest.fixture
def bob(make_account: Callable[..., Person]) -> Person:
    return make_account("bob")


@pytest.fixture
def cho(make_account: Callable[..., Person]) -> Person:
    return make_account("cho")


@pytest.fixture
def make_post(database: Database, settings: Settings) -> Callable[..., int]:
    """Publish a post and return its id."""

    def make(by: Person, text: str = "Hello", **draft: Any) -> int:
        with database.writing() as db:
            return posts.publish(db, settings, now=clock.now(), author_id=by.id, draft=Draft(text=text, **draft))

    return make


@pytest.fixture
def open_browser(client: TestClient[Any], settings: Settings) -> Callable[[], Browser]:
    """Open another browser, with no cookies yet; all reach the same running application."""

    def open_browser() -> Browser:
        return Browser(httpx.Client(transport=client._transport, base_url=settings.base_url))

    return open_browser


@pytest.fixture
def logged_in(open_browser: Callable[[], Browser], database: Database, settings: Settings) -> Callable[[Any], Browser]:
    """Open a browser in which a person is logged in."""

    def logged_in(person: Any) -> Browser:
        browser = open_browser()
        with database.writing() as db:
            secret = sessions.start(
                db, settings, now=clock.now(), account_id=person.id, address="192.0.2.1", browser="Firefox/140.0 Linux"
            )
        browser.client.cookies.set(cookies.session_name(settings), secret, domain=urlsplit(settings.base_url).hostname)
        return browser

    return logged_in


@pytest.fixture
def api(client: TestClient[Any], database: Database, settings: Settings) -> Callable[..., httpx.Client]:
    """Make a client of the API, with a token for somebody, or a stranger's without one."""

    def api(person: Any = None, scopes: str = SCOPES) -> httpx.Client:
        headers = {}
        if person is not None:
            with database.writing() as db:
                token = tokens.create_personal(db, now=clock.now(), account_id=person.id, name="test", scopes=scopes)
            headers["Authorization"] = f"Bearer {token}"
        hooks: dict[str, list[Callable[..., Any]]] = {"response": [declared.check]}
        return httpx.Client(transport=client._transport, base_url=settings.base_url, headers=headers, event_hooks=hooks)

    return api


@pytest.fixture
def files(settings: Settings) -> Callable[[], list[Path]]:
    """Name every file in the folders of media and uploads."""

    def files() -> list[Path]:
        folders = (settings.data / "media", settings.scratch)
        return [path for one in folders for path in one.rglob("*") if path.is_file()]

    return files


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was asked of the process that decodes pictures."""
    asked: list[Any] = []
    ask = process.SHARED.ask

    def noted(request: Any, content: Any, account_id: int | None = None) -> Any:
        asked.append(request)
        return ask(request, content, account_id)

    monkeypatch.setattr(process.SHARED, "ask", noted)
    return asked
