"""What is measured: reads as clients and browsers make them, and writes."""

import random
import urllib.request
from typing import Literal

import msgspec


class Data(msgspec.Struct, frozen=True):
    """The seeded site: accounts with their tokens, and the newest posts."""

    names: list[str]
    ids: list[str]
    tokens: list[str]
    posts: list[str]


class Workload(msgspec.Struct, frozen=True):
    """Requests that one measurement goes round in; request n takes path n and token n."""

    name: str
    paths: list[str]
    tokens: list[str]
    method: Literal["GET", "POST"] = "GET"
    body: str = ""
    accept: str = "application/json"

    def first(self, base: str) -> urllib.request.Request:
        """Return the first request, whose answer stands for all."""
        headers = {"Accept": self.accept}
        if self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens[0]}"
        if self.body:
            headers["Content-Type"] = "application/json"
        data = self.body.encode() if self.method == "POST" else None
        return urllib.request.Request(base + self.paths[0], data=data, headers=headers, method=self.method)


def all_of(data: Data) -> list[Workload]:
    """Return every workload, reads first so that writes don't change what they read."""
    return _reads(data) + _writes(data)


def day(data: Data) -> list[Workload]:
    """Return the mix of a day as a schedule of 100 requests, in an order that is the same each time."""
    v1 = "/api/v1"
    reads = {workload.name: workload for workload in _reads(data)}
    writes = {workload.name: workload for workload in _writes(data)}
    asked_before = data.posts[min(3, len(data.posts) - 1)]
    parts = [
        (35, Workload("news", [f"{v1}/timelines/home?limit=20&since_id={asked_before}"], data.tokens)),
        (15, reads["notifications"]),
        (5, reads["status"]),
        (5, reads["context"]),
        (8, reads["relationships"]),
        (7, reads["account"]),
        (5, reads["public"]),
        (5, Workload("tag", [f"{v1}/timelines/tag/birds?limit=20"], data.tokens)),
        (3, Workload("post_search", ["/api/v2/search?q=finch+winter&type=statuses&limit=10"], data.tokens)),
        (
            2,
            Workload("account_search", [f"{v1}/accounts/search?q={name}&limit=10" for name in data.names], data.tokens),
        ),
        (4, reads["profile_html"]),
        (1, Workload("front_page", ["/"], [], accept="text/html")),
        (2, writes["posting"]),
        (2, writes["favouriting"]),
        (1, writes["following"]),
    ]
    schedule = [workload for count, workload in parts for _ in range(count)]
    random.Random(7).shuffle(schedule)
    return schedule


def constant(workload: Workload) -> Workload:
    """Return the workload that asks the limit's server for the same answers in the same way."""
    return msgspec.structs.replace(workload, paths=[f"/{workload.name}"])


def _reads(data: Data) -> list[Workload]:
    v1 = "/api/v1"
    return [
        Workload("home", [f"{v1}/timelines/home?limit=20"], data.tokens),
        Workload("public", [f"{v1}/timelines/public?local=true&limit=20"], data.tokens),
        Workload("public_anon", [f"{v1}/timelines/public?local=true&limit=20"], []),
        Workload("account_posts", [f"{v1}/accounts/{id}/statuses?limit=20" for id in data.ids], data.tokens),
        Workload("status", [f"{v1}/statuses/{id}" for id in data.posts], data.tokens),
        Workload("context", [f"{v1}/statuses/{id}/context" for id in data.posts], data.tokens),
        Workload("notifications", [f"{v1}/notifications?limit=20"], data.tokens),
        Workload("account", [f"{v1}/accounts/{id}" for id in data.ids], data.tokens),
        Workload("relationships", [f"{v1}/accounts/relationships?id[]={id}" for id in data.ids], data.tokens),
        Workload("profile_html", [f"/@{name}" for name in data.names], [], accept="text/html"),
        Workload("instance", ["/api/v2/instance"], []),
    ]


def _writes(data: Data) -> list[Workload]:
    chance = random.Random(11)
    favourites = [f"/api/v1/statuses/{id}/favourite" for id in data.posts]
    chance.shuffle(favourites)
    # One half follows the other, since nobody follows themselves. As many paths as tokens would leave each token with
    # the same path.
    half = len(data.ids) // 2
    follows = [f"/api/v1/accounts/{id}/follow" for id in [*data.ids[:half], data.ids[0]]]
    body = '{"status":"small birds gather seeds before winter comes down from the north","visibility":"public"}'
    return [
        Workload("posting", ["/api/v1/statuses"], data.tokens, "POST", body),
        Workload("favouriting", favourites[: len(data.tokens) * 2 - 1], data.tokens, "POST", "{}"),
        Workload("following", follows, data.tokens[half:], "POST", "{}"),
    ]
