"""The task manager's functions on the run's database, called as a worker calls them. Ann acts, Bob is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.moment import NOW
from twite_common.database import Connection, Database
from twite_common.drafts import Draft
from twite_common.secret import push_key, sealer, signer
from twite_common.services.identity import registrations
from twite_common.services.identity.registrations import SignUp
from twite_common.services.posts import posts
from twite_common.settings import Settings
from twite_tasks.context import Context


class Person(msgspec.Struct, frozen=True):
    """Somebody with an account."""

    id: int
    username: str

    @property
    def email(self) -> str:
        return f"{self.username}@mail.example"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "data"
    folder.mkdir()
    return Settings(data=folder, base_url="https://twite.example", secret_key="a test's key")


@pytest.fixture
def dispatched(database: Database) -> list[Any]:
    """What was dispatched to the broker after commits."""
    found: list[Any] = []
    database.dispatch = found.extend
    return found


@pytest.fixture
def context(settings: Settings, database: Database) -> Context:
    return Context(settings, database, signer(settings), sealer(settings), push_key(settings))


@pytest.fixture
def make_account(database: Database) -> Callable[..., Person]:
    def make(username: str, **options: Any) -> Person:
        sign_up = SignUp(username=username, email=f"{username}@mail.example", password_hash="x")
        with database.writing() as db:
            id = registrations.create(db, now=NOW, sign_up=sign_up, smtp_utf8=False, **{"confirmed": True, **options})
        return Person(id, username)

    return make


@pytest.fixture
def ann(make_account: Callable[..., Person]) -> Person:
    return make_account("ann")


@pytest.fixture
def bob(make_account: Callable[..., Person]) -> Person:
    return make_account("bob")


@pytest.fixture
def make_post(database: Database, settings: Settings) -> Callable[..., int]:
    def make(by: Person, text: str = "Hello", *, now: int = NOW, **draft: Any) -> int:
        with database.writing() as db:
            return posts.publish(db, settings, now=now, author_id=by.id, draft=Draft(text=text, **draft))

    return make


@pytest.fixture
def rows(database: Database) -> Callable[..., list[Any]]:
    """Return the rows of a statement, each read in a transaction of its own."""

    def rows(statement: Any) -> list[Any]:
        with database.reading() as db:
            connection: Connection = db
            return list(connection.execute(statement).all())

    return rows
