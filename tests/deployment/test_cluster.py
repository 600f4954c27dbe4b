"""A larger installation: nginx before two web processes on PostgreSQL and RabbitMQ, a worker and a clock."""

import email
import os
import signal
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email import policy
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from support import nginx, postgresql
from support.browsing import Browser
from support.site_under_test import PASSWORD, Site, free_port, wait_for
from twite_common import migrations
from twite_common.tables import post

pytestmark = pytest.mark.needs("nginx", "postgresql", "rabbitmq")

WRITERS = 6


class Cluster:
    """A site whose web processes are known one by one."""

    def __init__(self, site: Site, ports: tuple[int, int]) -> None:
        self.site = site
        self.ports = ports
        self.web = [site.start("web", port=str(port)) for port in ports]
        site.start("worker")
        site.start("clock")


@pytest.fixture
def database_url(postgresql_url: str) -> Iterator[str]:
    """Several web processes share a server: PostgreSQL, whichever database the other tests run on."""
    with postgresql.created(postgresql_url, f"twite_cluster_{uuid.uuid4().hex}", "template0") as url:
        migrations.upgrade(url)
        yield url


@pytest.fixture
def cluster(tmp_path: Path, make_site: Callable[..., Site]) -> Iterator[Cluster]:
    ports = free_port(), free_port()
    media = tmp_path / "site0" / "data" / "media"
    with nginx.started(tmp_path / "nginx", ports, media) as base:
        site = make_site(base_url=base, broker="amqp://guest:guest@127.0.0.1:5672//", trusted_proxies="127.0.0.1")
        yield Cluster(site, ports)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a web process at once, with the process of its own that answers requests."""
    [answering] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for pid in (process.pid, int(answering)):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    wait_for(lambda: not Path(f"/proc/{answering}").exists())


def test_the_site_works_through_nginx(cluster: Cluster, tmp_path: Path):
    site = cluster.site
    site.make_account("ann")
    site.make_account("bob")
    with httpx.Client(base_url=site.settings.base_url, timeout=60) as client:
        browser = Browser(client)
        browser.open("/login")
        browser.submit("/login", {"name": "ann", "password": PASSWORD})
        browser.open("/")
        browser.submit("/posts", {"text": "Hello @bob"})
        assert "Hello" in browser.page.find("main").text
        for _ in range(6):
            assert browser.open("/settings").status_code == 200
        style = client.get("/static/styles/post.css", headers={"Accept-Encoding": "gzip"})
    assert style.headers["content-encoding"] == "gzip"
    answered = {line.rpartition("web=")[2].partition(" ")[0] for line in nginx.access_log(tmp_path / "nginx")}
    assert {f"127.0.0.1:{port}:200" for port in cluster.ports} <= answered

    [file] = wait_for(lambda: list((site.folder / "data" / "mail").glob("*.eml")), site.printed)
    message = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    assert f"{site.settings.base_url}/@ann/" in message.get_body(("plain",)).get_content()


def test_a_web_process_that_is_killed_under_load_costs_no_answered_request(cluster: Cluster):
    site = cluster.site
    tokens = [site.make_account(f"writer{number}")[1] for number in range(WRITERS)]
    answered: list[int] = []
    failed: list[tuple[object, int]] = []
    killed, enough = threading.Event(), threading.Event()

    def write(token: str) -> int:
        """Post and read until told to stop; return how many posts were taken after the process was killed."""
        afterwards = 0
        with httpx.Client(base_url=site.settings.base_url, timeout=20) as client:
            while not enough.is_set():
                was_killed = killed.is_set()
                sent = client.post(
                    "/api/v1/statuses", json={"status": "under load"}, headers={"Authorization": f"Bearer {token}"}
                )
                if sent.status_code == 200:
                    answered.append(int(sent.json()["id"]))
                    afterwards += was_killed
                else:
                    failed.append((was_killed, sent.status_code))
                read = client.get("/api/v1/timelines/public")
                if read.status_code != 200:
                    failed.append(("read", read.status_code))
        return afterwards

    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, token) for token in tokens]
        wait_for(lambda: len(answered) > 10 * WRITERS, site.printed)
        kill(cluster.web[0])
        killed.set()
        at_the_time = len(answered)
        wait_for(lambda: len(answered) > at_the_time + 10 * WRITERS, site.printed)
        enough.set()
        afterwards = sum(writer.result() for writer in writers)

    with site.database.reading() as db:
        kept = set(db.scalars(select(post.c.id)))
    assert set(answered) <= kept
    assert afterwards > 0
    # Only a post that was under way in the killed process may fail: nginx can't know whether it was done.
    assert all(status in {502, 504} and when is not True for when, status in failed if when != "read")
    assert [one for one in failed if one[0] == "read"] == []
    assert len(failed) <= WRITERS
