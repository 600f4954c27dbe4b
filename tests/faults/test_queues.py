"""Kinds of work that don't keep each other waiting: real workers, real ffmpeg, a real mail server."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import func, select

from support.mails import Postbox
from support.site_under_test import Site, free_port, wait_for
from twite_broker.dispatcher import Dispatcher
from twite_common import clock, outbox
from twite_common.database import Database
from twite_common.drafts import Draft
from twite_common.processes import resource_limits
from twite_common.services.identity import passwords
from twite_common.services.notifications import mails
from twite_common.services.posts import media, media_processing, posts
from twite_common.tables import event, mail
from twite_common.tables import media as media_table

pytestmark = pytest.mark.faults


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, str]]:
    box, port = Postbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, f"smtp://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def web(make_site: Callable[..., Site], postbox: tuple[Postbox, str]) -> Iterator[tuple[Site, Database]]:
    """A site with a mail server, and a database that announces what is written as the web part does."""
    site = make_site(smtp=postbox[1])
    dispatcher = Dispatcher(site.settings)
    database = Database(site.database.url, dispatch=dispatcher.dispatch)
    yield site, database
    dispatcher.close()
    database.close()


def upload(site: Site, database: Database, account_id: int, video: Path) -> int:
    """Take a copy of a video as the web part does."""
    site.settings.scratch.mkdir(exist_ok=True)
    name = f"upload-{time.monotonic_ns()}"
    (site.settings.scratch / name).hardlink_to(video)
    with database.writing() as db:
        return media.add_recording(
            db, now=clock.now(), account_id=account_id, kind="video", upload=name, bytes=video.stat().st_size
        )


def states(site: Site) -> dict[int, str]:
    with site.database.reading() as db:
        return {row.id: row.state for row in db.execute(select(media_table.c.id, media_table.c.state))}


@pytest.fixture(scope="module")
def big_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of 4K, long enough that preparing it takes longer than all else in these tests."""
    file = tmp_path_factory.mktemp("videos") / "big.mp4"
    source = ("-f", "lavfi", "-i", "testsrc=d=1:s=3840x2160:r=10")
    once = file.with_name("once.mp4")
    encoded = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    subprocess.run(["ffmpeg", "-loglevel", "error", *source, *encoded, str(once)], check=True)
    # The same second again and again, which needs no encoding.
    again = ("-stream_loop", "200", "-i", str(once), "-c", "copy", str(file))
    subprocess.run(["ffmpeg", "-loglevel", "error", *again], check=True)
    return file


def ffmpegs(worker: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes of ffmpeg that a worker has started."""
    found: list[int] = []
    for task in Path(f"/proc/{worker.pid}/task").iterdir():
        # A thread or a child may end between two looks.
        with suppress(FileNotFoundError, ProcessLookupError):
            children = (task / "children").read_text().split()
            # Before it is ffmpeg, a process sets its limits; its arguments name ffmpeg already.
            found += [int(pid) for pid in children if Path(f"/proc/{pid}/comm").read_text() == "ffmpeg\n"]
    return found


@pytest.mark.needs("ffmpeg")
def test_a_reset_mail_leaves_within_ten_seconds_under_any_load_of_uploads(
    web: tuple[Site, Database], postbox: tuple[Postbox, str], big_video: Path
):
    site, database = web
    ann, _ = site.make_account("ann")
    bob, _ = site.make_account("bob")
    uploads = [upload(site, database, owner, big_video) for owner in (ann, ann, ann, ann, ann, bob)]
    worker = site.start("worker")
    wait_for(lambda: len(ffmpegs(worker)) == 2, site.printed, 90)
    with database.writing() as db:
        passwords.ask_to_reset(db, now=clock.now(), email="bob@mail.example")
    wait_for(lambda: "bob@mail.example" in postbox[0].recipients, site.printed, 10)
    running = ffmpegs(worker)
    niceness = {os.getpriority(os.PRIO_PROCESS, pid) for pid in running}
    limits = [Path(f"/proc/{pid}/limits").read_text() for pid in running]
    with site.database.reading() as db:
        owners = db.scalars(select(media_table.c.account_id).where(media_table.c.claimed_at.is_not(None))).all()
    stopped_at = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    worker.wait(30)

    # One at a time of each account.
    assert sorted(owners) == sorted([ann, bob])
    assert niceness == {min(os.getpriority(os.PRIO_PROCESS, 0) + resource_limits.NICENESS, 19)}
    assert all(f"Max address space         {1024**3}" in text for text in limits)
    # What is under way is given back when the worker is stopped, and counts as never begun.
    assert time.monotonic() - stopped_at < 20
    with site.database.reading() as db:
        left = db.execute(select(media_table.c.attempts, media_table.c.claimed_at, media_table.c.state)).all()
    assert [tuple(row) for row in left] == [(0, None, "processing")] * len(uploads)


@pytest.mark.needs("ffmpeg")
def test_a_conversion_that_is_killed_again_and_again_is_given_up_and_others_go_on(
    web: tuple[Site, Database], big_video: Path, tmp_path: Path
):
    site, database = web
    ann, _ = site.make_account("ann")
    bob, _ = site.make_account("bob")
    small = tmp_path / "small.mp4"
    command = ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=d=1:s=64x48:r=10", str(small)]
    subprocess.run(command, check=True)
    doomed = upload(site, database, ann, big_video)
    worker = site.start("worker")
    killed: set[int] = set()

    def kill() -> bool:
        for pid in ffmpegs(worker):
            with suppress(FileNotFoundError, ProcessLookupError):
                if b"big" not in Path(f"/proc/{pid}/cmdline").read_bytes() and pid not in killed:
                    killed.add(pid)
                    os.kill(pid, signal.SIGKILL)
        return states(site)[doomed] == "failed"

    wait_for(kill, site.printed, 120)
    fine = upload(site, database, bob, small)
    wait_for(lambda: states(site)[fine] == "ready", site.printed, 60)
    # An upload is removed once it is recorded that it has been prepared.
    wait_for(lambda: not list(site.settings.scratch.glob("upload-*")), site.printed, 10)

    assert len(killed) == media_processing.MAX_ATTEMPTS
    assert worker.poll() is None


def test_a_flood_of_one_keeps_no_single_mail_of_another_waiting(
    web: tuple[Site, Database], postbox: tuple[Postbox, str], long_faults: bool
):
    site, database = web
    box = postbox[0]
    box.seconds = 0.2
    number = 300 if long_faults else 30
    ann, _ = site.make_account("ann")
    bob, _ = site.make_account("bob")
    site.make_account("cho")
    names = [f"person{n}" for n in range(number)]
    for name in names:
        site.make_account(name)
    for start in range(0, number, 10):
        with database.writing() as db:
            text = " ".join(f"@{name}" for name in names[start : start + 10])
            posts.publish(db, site.settings, now=clock.now(), author_id=ann, draft=Draft(text=text))
    with database.writing() as db:
        posts.publish(db, site.settings, now=clock.now(), author_id=bob, draft=Draft(text="@cho hello"))
        mails.add(db, "already_registered", now=clock.now(), address="dan@mail.example")
    site.start("worker")
    wait_for(lambda: len(box.recipients) > number, site.printed, 120)

    places = {address: place for place, address in enumerate(box.recipients)}
    assert places["dan@mail.example"] < 10
    assert places["cho@mail.example"] < 25


def test_ten_thousand_waiting_events_are_done_as_fast_as_workers_can(web: tuple[Site, Database], long_faults: bool):
    site, database = web
    number = 10_000 if long_faults else 1_000
    authors = [site.make_account(f"person{n}")[0] for n in range(10)]
    with site.database.writing() as db:
        for n in range(number):
            then = clock.now() - clock.HOUR
            outbox.add(db, "notifications.created", now=then, account_id=authors[n % 10], notification_ids=[n])

    def left() -> int:
        with site.database.reading() as db:
            return db.scalar(select(func.count()).select_from(event)) or 0

    site.start("worker")
    wait_for(lambda: left() < number, site.printed, 90)
    started, before = time.monotonic(), left()
    with database.writing() as db:
        for author in authors:
            outbox.add(db, "notifications.created", now=clock.now(), account_id=author, notification_ids=[])
    wait_for(lambda: left() == 0, site.printed, 300)
    rate = before / (time.monotonic() - started)

    # 300 and more a second on a machine that has nothing else to do; in turns of 200 each ten seconds it was 17.
    assert rate > 50


def test_long_work_of_one_kind_takes_no_thread_of_another(web: tuple[Site, Database], postbox: tuple[Postbox, str]):
    site, database = web
    box = postbox[0]
    box.seconds = 20.0
    ann, _ = site.make_account("ann")
    site.start("worker")
    with database.writing() as db:
        for n in range(8):
            mails.add(db, "already_registered", now=clock.now(), address=f"person{n}@mail.example")
    wait_for(lambda: sending(site) == 3, site.printed, 90)
    with database.writing() as db:
        outbox.add(db, "notifications.created", now=clock.now(), account_id=ann, notification_ids=[])

    def done() -> bool:
        with site.database.reading() as db:
            return db.scalar(select(func.count()).select_from(event)) == 0

    wait_for(done, site.printed, 10)
    assert sending(site) == 3


def sending(site: Site) -> int:
    with site.database.reading() as db:
        return db.scalar(select(func.count()).select_from(mail).where(mail.c.state == "sending")) or 0
