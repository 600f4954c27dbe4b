"""Hostile pictures, and a process that dies, against the process that decodes."""

import io
import os
import re
import signal
import struct
import subprocess
import sys
import threading
import zlib
from contextlib import nullcontext
from pathlib import Path

import pytest
from PIL import Image

from twite_common.errors import Invalid, Unavailable
from twite_common.media import pictures
from twite_common.media.pictures import limits, process
from twite_common.media.pictures.process import PictureProcess
from twite_common.processes.fair_semaphore import FairSemaphore

pytestmark = pytest.mark.faults

GREY, COLOURS, SEEN_THROUGH = 0, 2, 6
"""Kinds of PNG files (ISO 15948, table 11.1)."""
BANDS = {GREY: 1, COLOURS: 3, SEEN_THROUGH: 4}


def png(width, height, kind=GREY, *, rows=None):
    """Write a PNG file of one colour, or its first rows, without holding its pixels."""
    packer = zlib.compressobj(1)
    row = b"\0" + bytes(width * BANDS[kind])
    packed = b"".join(packer.compress(row) for _ in range(height if rows is None else rows)) + packer.flush()
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)), (b"IDAT", packed), (b"IEND", b"")]
    chunks = [struct.pack(">I", len(it)) + name + it + struct.pack(">I", zlib.crc32(name + it)) for name, it in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def moving(size, frames, kind="GIF"):
    content = io.BytesIO()
    shades = [Image.new("L", size, n % 256) for n in range(frames)]
    shades[0].save(content, kind, save_all=True, append_images=shades[1:], duration=10)
    return content.getvalue()


def peak_mib(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


@pytest.fixture
def own(monkeypatch):
    """A process of the test's own, in place of the one that this process has."""
    made = PictureProcess()
    monkeypatch.setattr(process, "SHARED", made)
    yield made
    made.close()


def in_steps(scans, size=(80, 50)):
    """Write a JPEG file that goes over its picture so often."""
    content = io.BytesIO()
    Image.new("L", size, 128).save(content, "JPEG", progressive=True)
    data = content.getvalue()
    start = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
    length = re.search(rb"\xff[^\x00\xd0-\xd7]", data[start + 2 :]).start() + 2
    before = data[:start].count(b"\xff\xda")
    return data[:start] + data[start : start + length] * (scans - before) + b"\xff\xd9"


@pytest.mark.parametrize(("scans", "fits"), [(10, True), (100, True), (101, False), (40_000, False)])
def test_a_jpeg_that_goes_over_its_picture_too_often_is_refused(own, scans, fits):
    with nullcontext() if fits else pytest.raises(Invalid, match="too many progressive steps"):
        pictures.prepare_attachment(in_steps(scans))


def test_what_stands_beside_a_jpegs_picture_is_no_step(own):
    content = io.BytesIO()
    Image.new("L", (80, 50)).save(content, "JPEG", comment=b"\xff\xda" * 200)

    assert pictures.prepare_attachment(content.getvalue() + b"\xff\xda\x00\x02" * 200)


def test_whose_pictures_wait_is_known(own, monkeypatch):
    keys = []
    turn = own._turns.turn
    monkeypatch.setattr(own._turns, "turn", lambda key: (keys.append(key), turn(key))[1])
    pictures.prepare(png(10, 10), pictures.AVATAR, 1)
    pictures.prepare_attachment(png(10, 10), 2)
    pictures.prepare_emoji(png(10, 10), 3)
    pictures.is_animated(png(10, 10), account_id=4)

    assert keys == [1, 2, 3, 4]


@pytest.mark.parametrize("size", [(40_000_000, 1), (1, 40_000_000), (20_000, 100), (11_000, 9_100)])
def test_what_is_too_large_is_refused_by_its_header(own, size):
    pictures.prepare(png(10, 10), pictures.AVATAR)
    before = peak_mib(own.id)
    for prepare in (pictures.prepare_attachment, pictures.prepare_emoji):
        with pytest.raises(Invalid, match="too large"):
            prepare(png(*size, rows=1))

    assert peak_mib(own.id) < before + 10


def large(kind, size=(10_000, 10_000), **options):
    """Write a file of one colour."""
    content = io.BytesIO()
    Image.new("RGB", size, "teal").save(content, kind, **options)
    return content.getvalue()


LARGEST = {
    "PNG, seen through": (lambda: png(10_000, 10_000, SEEN_THROUGH), 580),
    "PNG": (lambda: png(10_000, 10_000, COLOURS), 580),
    "grey PNG": (lambda: png(10_000, 10_000, GREY), 280),
    "JPEG": (lambda: large("JPEG"), 300),
    "JPEG that is shown in steps": (lambda: large("JPEG", progressive=True, subsampling=0), 780),
    "GIF": (lambda: large("GIF"), 280),
    "WebP": (lambda: large("WEBP", (10_000, 5_000), lossless=True, method=0, quality=0), 940),
    "AVIF": (lambda: large("AVIF", speed=10), 980),
}
"""Pictures as large as they may be, and how many MiB of address space are enough to read them."""


def test_the_largest_pictures_that_are_allowed_take_a_bounded_part_of_the_memory(own, long_faults, monkeypatch):
    for name in LARGEST if long_faults else ["PNG, seen through"]:
        write, max_mib = LARGEST[name]
        monkeypatch.setattr(process, "COMMAND", [*process.COMMAND[:2], "-c", SMALLER.format(max_mib)])
        made = pictures.prepare_attachment(write()).picture
        own.close()

        assert 0.99 < made.width * made.height / limits.ATTACHMENT_PIXELS < 1.01, name
        assert max_mib << 20 <= limits.MEMORY_BYTES


SMALLER = "from twite_common.media.pictures import worker; worker.MEMORY_BYTES = {} << 20; worker.main()"


def test_a_picture_for_which_the_memory_is_too_small_is_refused_with_what_to_do(own, monkeypatch):
    monkeypatch.setattr(process, "COMMAND", [*process.COMMAND[:2], "-c", SMALLER.format(200)])
    for content in (png(7_000, 7_000, COLOURS), large("AVIF", (7_000, 7_000), speed=10)):
        with pytest.raises(Invalid, match=r"needs too much memory\. Please make it smaller"):
            pictures.prepare_attachment(content)


def test_a_picture_that_moves_too_much_is_refused(own, monkeypatch):
    assert pictures.prepare_emoji(moving((100, 100), 12))
    own.close()
    monkeypatch.setattr(process, "COMMAND", [*process.COMMAND[:2], "-c", STILL])
    with pytest.raises(Invalid, match="too large"):
        pictures.prepare_emoji(moving((100, 100), 12))


STILL = (
    "from twite_common.media.pictures import decoding, worker;"
    "decoding.MAX_FRAMES_PIXELS = 100 * 100 * 10; worker.main()"
)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGXCPU])
def test_whatever_a_picture_does_to_the_process_is_said_of_the_picture(own, number):
    pictures.prepare(png(10, 10), pictures.AVATAR)
    victim = own.id
    # Stopped, it takes a request and answers nothing, as one does that a picture keeps busy.
    os.kill(victim, signal.SIGSTOP)
    killing = threading.Timer(0.2, lambda: (os.kill(victim, number), os.kill(victim, signal.SIGCONT)))
    killing.start()
    with pytest.raises(Invalid):
        pictures.prepare(png(10, 10), pictures.AVATAR)
    killing.join()

    assert pictures.prepare(png(10, 10), pictures.AVATAR)
    assert own.id != victim


COSTLY = (
    "import itertools; from twite_common.media.pictures import decoding, worker; worker.CPU_SECONDS = 1;"
    "decoding.TASKS['cut'] = lambda *_: {}; worker.main()"
)


@pytest.mark.parametrize("work", ["sum(itertools.count())", "bytes(1 << 30)"], ids=["time", "memory"])
def test_a_picture_that_costs_too_much_is_refused(own, monkeypatch, work):
    monkeypatch.setattr(process, "COMMAND", [*process.COMMAND[:2], "-c", COSTLY.format(work)])
    for _ in range(2):
        with pytest.raises(Invalid, match=r"takes too long|too much memory"):
            pictures.prepare(png(10, 10), pictures.AVATAR)


def test_a_machine_that_is_too_busy_is_not_the_pictures_fault(own, monkeypatch):
    pictures.prepare(png(10, 10), pictures.AVATAR)
    monkeypatch.setattr(process, "MAX_SECONDS", 0.2)
    os.kill(own.id, signal.SIGSTOP)
    with pytest.raises(Unavailable):
        pictures.prepare(png(10, 10), pictures.AVATAR)
    monkeypatch.undo()

    assert pictures.prepare(png(10, 10), pictures.AVATAR)


def test_a_process_that_was_killed_while_it_waited_is_replaced(own):
    pictures.prepare(png(10, 10), pictures.AVATAR)
    os.kill(own.id, signal.SIGKILL)
    own._process.wait(10)

    assert pictures.prepare(png(10, 10), pictures.AVATAR)


def test_a_process_does_so_many_pictures_and_is_replaced(own, monkeypatch):
    monkeypatch.setattr(process, "COMMAND", [*process.COMMAND[:2], "-c", TIRED])
    numbers = set()
    for _ in range(6):
        pictures.prepare(png(10, 10), pictures.AVATAR)
        numbers.add(own._process.pid)

    assert len(numbers) == 3


TIRED = "from twite_common.media.pictures import worker; worker.PICTURES_A_PROCESS = 2; worker.main()"


def test_few_pictures_wait(own, monkeypatch):
    busy = FairSemaphore(1, timeout_seconds=5.0, max_waiting=1, busy=process.TOO_MANY)
    monkeypatch.setattr(own, "_turns", busy)
    with busy.turn():
        waiting = threading.Thread(target=pictures.prepare, args=(png(10, 10), pictures.AVATAR))
        waiting.start()
        while not busy.waiting:
            waiting.join(0.01)
        with pytest.raises(Unavailable, match="Too many pictures"):
            pictures.prepare(png(10, 10), pictures.AVATAR)
    waiting.join()


def test_the_process_gets_no_secrets_and_ends_with_the_one_that_started_it():
    program = (
        "import time; from twite_common.media.pictures import process; from io import BytesIO;"
        "process.SHARED._running(); print(process.SHARED.id, flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "TWITE_SECRET_KEY": "a secret"}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment) as starter:
        child = int(starter.stdout.readline())
        inherited = Path(f"/proc/{child}/environ").read_bytes()
        starter.kill()
    for _ in range(200):
        if not running(child):
            break
        threading.Event().wait(0.05)

    assert b"PATH" in inherited
    assert b"secret" not in inherited
    assert not running(child)


def running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
