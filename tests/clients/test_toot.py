"""Every command of toot, against a running site."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
import toot.cli
from click.testing import CliRunner
from PIL import Image
from toot import App, User, config

from support.site_under_test import Site

ELSEWHERE = {
    "login": "in test_clients.py, through the real pages",
    "login_cli": "sends passwords, which no application gets here",
    "tui": "needs a terminal and makes the same requests",
}
"""Commands that aren't run here, and why."""


def commands(group: click.Group, before: tuple[str, ...] = ()) -> set[str]:
    found = set[str]()
    for name, one in group.commands.items():
        if isinstance(one, click.Group):
            found |= commands(one, (*before, name))
        else:
            found.add(" ".join((*before, name)))
    return found


@pytest.fixture
def run() -> set[str]:
    return set()


@pytest.fixture
def ask(running: Site, run: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run a command as Ann; what it prints is returned, as data where it can print JSON. With `error` it must fail."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    _, token = running.make_account("ann")
    instance = running.settings.domain
    config.save_app(App(instance, running.base_url, "id", "secret"))
    config.save_user(User(instance, "ann", token), activate=True)
    known = commands(toot.cli.cli)

    def ask(*typed: str, data: bool = True, error: str = "") -> Any:
        name = next(name for count in (2, 1) if (name := " ".join(typed[:count])) in known)
        run.add(name)
        arguments = [*typed, "--json"] if data else ["--no-color", *typed]
        done = CliRunner().invoke(toot.cli.cli, arguments, catch_exceptions=False)
        if error:
            assert error in done.output
            return None
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout) if data and done.stdout.strip() else done.output

    return ask


def test_every_command(running: Site, ask: Callable[..., Any], run: set[str], tmp_path: Path) -> None:
    running.make_account("bob")
    for part in (posts, people, lists, site):
        part(ask, tmp_path)
    ask("logout", "ann@" + running.settings.domain, data=False)
    known = commands(toot.cli.cli)

    assert known - run - ELSEWHERE.keys() == set()
    assert ELSEWHERE.keys() - known == set()


def posts(ask: Callable[..., Any], folder: Path) -> None:
    picture = folder / "wren.png"
    written = io.BytesIO()
    Image.new("RGB", (300, 200), (40, 90, 160)).save(written, "PNG")
    picture.write_bytes(written.getvalue())
    assert ask("upload", str(picture), "-d", "A wren")["description"] == "A wren"
    shown = ask("post", "A picture #wren", "-m", str(picture), "-d", "A wren", "-v", "public")
    id = shown["id"]
    assert shown["media_attachments"][0]["description"] == "A wren"
    answer = ask("post", "And more", "-r", id)
    asked = ask("post", "Which?", "--poll-option", "owl", "--poll-option", "wren", "--scheduled-in", "1 hour")
    assert asked["params"]["poll"]["options"] == ["owl", "wren"]
    poll = ask("post", "Which?", "--poll-option", "owl", "--poll-option", "wren")["poll"]
    assert ask("polls", "show", poll["id"])["id"] == poll["id"]
    ask("polls", "vote", poll["id"], "0", error="own poll")
    assert [one["id"] for one in ask("thread", id)["descendants"]] == [answer["id"]]
    assert ask("status", id)["id"] == id
    for doing, undoing, mark in (
        ("favourite", "unfavourite", "favourited"),
        ("bookmark", "unbookmark", "bookmarked"),
        ("pin", "unpin", "pinned"),
    ):
        assert ask(doing, id)[mark]
        if doing == "bookmark":
            assert "A picture" in ask("bookmarks", "-1", data=False)
        if doing == "favourite":
            assert ask("timelines", "favourites")[0]["id"] == id
        assert not ask(undoing, id)[mark]
    assert ask("reblog", id)["reblog"]["id"] == id
    assert [one["username"] for one in ask("reblogged-by", id)] == ["ann"]
    ask("reblogged_by", id)
    ask("unreblog", id)
    ask("delete", answer["id"])
    assert ask("thread", id)["descendants"] == []


def people(ask: Callable[..., Any], _folder: Path) -> None:
    assert ask("whoami")["username"] == "ann"
    assert ask("whois", "bob")["username"] == "bob"
    assert ask("follow", "bob")["following"]
    assert [one["username"] for one in ask("following", "ann")] == ["bob"]
    assert ask("followers", "ann") == []
    assert ask("mute", "bob")["muting"]
    assert [one["username"] for one in ask("muted")] == ["bob"]
    assert not ask("unmute", "bob")["muting"]
    assert ask("block", "bob")["blocking"]
    assert [one["username"] for one in ask("blocked")] == ["bob"]
    assert not ask("unblock", "bob")["blocking"]
    assert not ask("unfollow", "bob")["following"]
    for command in ("update-account", "update_account"):
        assert ask(command, "--display-name", "Ann Heron")["display_name"] == "Ann Heron"
    assert ask("follow-requests", "list") == []
    for decision in ("accept", "reject"):
        ask("follow-requests", decision, "bob", error="didn't request")


def lists(ask: Callable[..., Any], _folder: Path) -> None:
    ask("follow", "bob")
    made = ask("lists", "create", "Friends")
    assert [one["id"] for one in ask("lists", "list")] == [made["id"]]
    ask("lists", "add", "Friends", "bob")
    assert [one["username"] for one in ask("lists", "accounts", "Friends")] == ["bob"]
    assert ask("timelines", "list", "Friends") == []
    ask("lists", "remove", "Friends", "bob")
    ask("lists", "delete", "Friends")
    ask("list_create", "Old", data=False)
    ask("list_add", "Old", "bob", data=False)
    assert "bob" in ask("list_accounts", "Old", data=False)
    ask("list_remove", "Old", "bob", data=False)
    ask("list_delete", "Old", data=False)
    assert ask("tags", "follow", "wren")["following"]
    assert [one["name"] for one in ask("tags", "followed")] == ["wren"]
    assert not ask("tags", "unfollow", "wren")["following"]
    ask("tags", "feature", "wren")
    assert [one["name"] for one in ask("tags", "featured")] == ["wren"]
    ask("tags", "unfeature", "wren")
    assert ask("tags", "info", "wren")["name"] == "wren"


def site(ask: Callable[..., Any], _folder: Path) -> None:
    for typed in (("home",), ("public",), ("tag", "wren"), ("account", "ann"), ("trending",)):
        assert isinstance(ask("timelines", *typed), list)
    ask("timelines", "link", "https://example.org/", error="not found")
    assert "A picture" in ask("timeline", "-1", data=False)
    assert ask("search", "bob")["accounts"][0]["username"] == "bob"
    assert ask("instance")["title"]
    assert isinstance(ask("notifications"), list)
    assert "ann" in ask("auth", data=False)
    ask("env", data=False)
    ask("diag", data=False)
    [name] = config.load_config()["users"]
    ask("activate", name, data=False)
