"""The cast of the tests: Ann acts, Bob is followed, Cho is a stranger. The clock is passed in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.moment import NOW
from twite_common.database import Connection
from twite_common.drafts import Draft
from twite_common.media.pictures import Picture, PreparedAttachment
from twite_common.services.accounts import profiles
from twite_common.services.identity import registrations
from twite_common.services.identity.registrations import SignUp
from twite_common.services.posts import media, posts
from twite_common.settings import Settings


class Person(msgspec.Struct, frozen=True):
    """Somebody with an account."""

    id: int
    username: str


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, base_url="https://twite.example", password_time_cost=1, password_memory_kib=8)


@pytest.fixture
def make_account(db: Connection) -> Callable[..., Person]:
    def make(username: str, **changes: Any) -> Person:
        sign_up = SignUp(username=username, email=f"{username}@mail.example", password_hash="x")
        id = registrations.create(db, now=NOW, sign_up=sign_up, confirmed=True, smtp_utf8=False)
        if changes:
            profiles.change_profile(db, now=NOW, account_id=id, changes=profiles.ProfileChanges(**changes))
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
def make_post(db: Connection, settings: Settings) -> Callable[..., int]:
    def make(by: Person, text: str = "Hello", *, now: int = NOW, **draft: Any) -> int:
        return posts.publish(db, settings, now=now, author_id=by.id, draft=Draft(text=text, **draft))

    return make


@pytest.fixture
def add_picture(db: Connection) -> Callable[..., int]:
    picture = Picture(data=b"picture", media_type="image/webp", extension="webp", width=40, height=30)
    prepared = PreparedAttachment(picture=picture, preview=picture, blurhash="x")

    def add(by: Person) -> int:
        return media.add_picture(db, prepared, now=NOW, account_id=by.id, file="aa/1.webp", preview="aa/2.webp")

    return add
