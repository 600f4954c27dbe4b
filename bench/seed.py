"""The data set: 100 accounts that follow 30 others each, 3,000 posts, as many favourites, 300 boosts.

Accounts and tokens are made through twite_common; the rest through the public API alone. The same random seed gives
every run the same graph.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
import workloads

from twite_common import clock, settings
from twite_common.database import connect
from twite_common.services.identity import registrations, tokens
from twite_common.services.identity.registrations import SignUp

ACCOUNTS, FOLLOWS, POSTS = 100, 30, 3000
THREADS = 4
NEWEST = 200
WORDS = [
    "the",
    "finch",
    "sings",
    "over",
    "heath",
    "and",
    "moor",
    "while",
    "rain",
    "falls",
    "on",
    "quiet",
    "stone",
    "walls",
    "and",
    "small",
    "birds",
    "gather",
    "seeds",
    "before",
    "winter",
    "comes",
    "down",
    "from",
    "the",
    "north",
]


class Client:
    """Somebody who uses the API."""

    def __init__(self, base: str, token: str) -> None:
        self._base = base
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a request and return the answer; anything but success ends the run."""
        response = self._session.request(method, self._base + path, json=body, timeout=60)
        if not response.ok:
            raise SystemExit(f"{method} {path}: {response.status_code} {response.text[:300]}")
        answer: dict[str, Any] = response.json()
        return answer


def seed(base: str, folder: Path, database: str) -> workloads.Data:
    """Fill a running site and return what the workloads need."""
    names = [f"u{n}" for n in range(ACCOUNTS)]
    made = _tokens(names, folder, database)
    clients = [Client(base, token) for token in made]
    ids = [str(client.call("GET", "/api/v1/accounts/verify_credentials")["id"]) for client in clients]
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(lambda n: _follow(clients[n], n, ids), range(ACCOUNTS)))
        posts: list[str] = []
        list(threads.map(lambda plan: _post(clients, posts, *plan), _plans(names)))
        chance = random.Random(8)
        reactions = [(chance.choice(clients), chance.choice(posts), "favourite") for _ in range(POSTS)]
        reactions += [(chance.choice(clients), chance.choice(posts), "reblog") for _ in range(POSTS // 10)]
        list(threads.map(lambda one: one[0].call("POST", f"/api/v1/statuses/{one[1]}/{one[2]}"), reactions))
    return workloads.Data(names=names, ids=ids, tokens=made, posts=posts[-NEWEST:])


def _tokens(names: list[str], folder: Path, database: str) -> list[str]:
    environment = {"TWITE_DATABASE": database} if database else {}
    opened = connect(settings.load(folder / "data", environment))
    found = []
    with opened.writing() as db:
        for name in names:
            now = clock.now()
            sign_up = SignUp(username=name, email=f"{name}@example.org", password_hash="x")
            account_id = registrations.create(db, now=now, sign_up=sign_up, confirmed=True, smtp_utf8=False)
            scopes = "read write follow"
            found.append(tokens.create_personal(db, now=now, account_id=account_id, name="bench", scopes=scopes))
    opened.close()
    return found


def _follow(client: Client, number: int, ids: list[str]) -> None:
    others = [id for n, id in enumerate(ids) if n != number]
    for id in random.Random(number).sample(others, FOLLOWS):
        client.call("POST", f"/api/v1/accounts/{id}/follow")


def _plans(names: list[str]) -> list[tuple[int, str, float | None]]:
    """Return who writes what, and for answers which post is answered, as a part of those there are by then."""
    chance = random.Random(7)
    return [
        (chance.randrange(len(names)), _text(chance, names, n), chance.random() if chance.random() < 0.1 else None)
        for n in range(POSTS)
    ]


def _text(chance: random.Random, names: list[str], number: int) -> str:
    text = " ".join(chance.choices(WORDS, k=chance.randint(8, 45)))
    if chance.random() < 0.15:
        text = f"@{chance.choice(names)} {text}"
    if chance.random() < 0.15:
        text += f" #{chance.choice(WORDS)}"
    if chance.random() < 0.05:
        text += f" https://example.org/{number}"
    return text


def _post(clients: list[Client], posts: list[str], author: int, text: str, answers: float | None) -> None:
    body = {"status": text, "visibility": "public"}
    if answers is not None and posts:
        body["in_reply_to_id"] = posts[int(answers * len(posts))]
    posts.append(str(clients[author].call("POST", "/api/v1/statuses", body)["id"]))
