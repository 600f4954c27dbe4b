"""Everybody of the privacy tests' cast, each with an application and a browser."""

from collections.abc import Callable
from typing import Any

import pytest
from litestar.routes import HTTPRoute
from litestar.testing import TestClient
from sqlalchemy import select

from post_visibility import world as worlds
from post_visibility.asking import Viewer
from post_visibility.oracle import AUTHORS, PASSED_ON, PEOPLE, VIEWERS
from post_visibility.world import World
from twite_common import clock
from twite_common.database import Database
from twite_common.services.identity import sessions, tokens
from twite_common.settings import Settings
from twite_common.tables import conversation, notification, notification_request
from twite_web import cookies

SCOPES = "read write follow push admin:read admin:write"
FEW = {"plain", "naming", "edited", "deleted", "scheduled", "over"}
"""Shapes of the posts that are asked for where a post's shape makes no difference."""
UNASKED = {"HEAD", "OPTIONS"}


@pytest.fixture
def world(database: Database, settings: Settings, integration: None) -> World:
    with database.writing() as db:
        return worlds.build(db, settings, now=clock.now())


@pytest.fixture
def application_token(client: TestClient[Any]) -> str:
    """The token of an application that acts for nobody."""
    form = {"client_name": "Reader", "redirect_uris": "https://reader.example/", "scopes": "read"}
    made = client.post("/api/v1/apps", data=form).json()
    secrets = {name: made[name] for name in ("client_id", "client_secret")}
    asked = client.post("/oauth/token", data={**secrets, "grant_type": "client_credentials", "scope": "read"})
    token: str = asked.json()["access_token"]
    return token


@pytest.fixture
def viewers(
    world: World, client: TestClient[Any], application_token: str, database: Database, settings: Settings
) -> dict[str, Viewer]:
    """Everybody who looks, by name; `expelled` has a token and a session from before."""
    now = clock.now()
    made = {name: Viewer(client, None, None) for name in VIEWERS}
    made["application"] = Viewer(client, application_token, None)
    with database.writing() as db:
        for name in PEOPLE:
            id = world.people[name].id
            token = tokens.create_personal(db, now=now, account_id=id, name="test", scopes=SCOPES)
            session = sessions.start(
                db, settings, now=now, account_id=id, address="192.0.2.1", browser="Firefox/140.0 Linux"
            )
            made[name] = Viewer(client, token, (cookies.session_name(settings), session))
    return made


@pytest.fixture
def addresses(world: World, database: Database) -> Callable[[str], list[str]]:
    """Return the addresses that a template stands for."""
    with database.reading() as db:
        told = db.execute(
            select(notification.c.id, notification.c.group_key).where(notification.c.kind.in_(("mention", "update")))
        ).all()
        requests = db.scalars(select(notification_request.c.id)).all()
        conversations = db.scalars(select(conversation.c.id)).all()
    authors = [{"author": post.author, "author_id": world.people[post.author].id} for post in world.posts]
    several: dict[str, list[dict[str, Any]]] = {
        "post": [{"post": post.id, **one} for post, one in zip(world.posts, authors, strict=True)],
        "some": [
            {"some": post.id, **one}
            for post, one in zip(world.posts, authors, strict=True)
            if post.shape in FEW and (post.author == "bob" or post.visibility in {"public", "followers"})
        ],
        "poll": [{"poll": post.id} for post in world.posts if post.shape == "poll"],
        "scheduled": [{"scheduled": post.id} for post in world.posts if post.shape == "scheduled"],
        "quoted": [
            {"quoted": post.id, **one}
            for post, one in zip(world.posts, authors, strict=True)
            if post.shape in PASSED_ON
        ],
        "kept": [{"kept": post.id} for post in world.posts if post.shape == "kept"],
        "media": [{"media": post.media_id} for post in world.posts if post.media_id],
        "filter": [{"filter": id} for id in world.filters.values()],
        "list": [{"list": id} for id in world.lists.values()],
        "folder": [{"folder": id} for id in world.folders.values()],
        "report": [{"report": id} for id in world.reports],
        "content_rule": [{"content_rule": id} for id in world.content_rules],
        "boost": [{"boost": id} for id in world.boosts],
        "quoting": [{"quoting": id} for id in world.quoting[::2]],
        "conversation": [{"conversation": id} for id in conversations],
        "request": [{"request": id} for id in requests],
        "notification": [{"notification": id} for id, _ in told],
        "group": [{"group": key} for _, key in told],
    }
    one = {"root": world.root} | {name: world.people[name].id for name in (*AUTHORS, "booster")}

    def addresses(template: str) -> list[str]:
        rows = next((rows for name, rows in several.items() if f"{{{name}}}" in template), [{}])
        return [template.format(**one, **row) for row in rows]

    return addresses


@pytest.fixture
def methods(bare: Any) -> dict[str, list[str]]:
    """The methods of each route, by its path."""
    return {route.path: sorted(route.methods - UNASKED) for route in bare.routes if isinstance(route, HTTPRoute)}
