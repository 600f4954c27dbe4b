"""The process that decodes pictures: `python -m twite_common.media.pictures.worker`, started by `process`.

It answers one request after the other until there are none, it has grown, or it has done enough. It may use little
memory and time, writes no files, and is the first to be killed where memory runs out: what hostile files do to it,
they do to it alone. It ends by itself, with 0, when it wants to be replaced.
"""

import math
import os
import resource
import select
from contextlib import suppress
from pathlib import Path
from typing import IO

from PIL import Image

from twite_common.media.pictures import decoding, protocol
from twite_common.media.pictures.limits import (
    CPU_SECONDS,
    GROWN_BYTES,
    IDLE_SECONDS,
    MAX_PIXELS,
    MEMORY_BYTES,
    PICTURES_A_PROCESS,
)
from twite_common.media.pictures.protocol import Answer
from twite_common.translations import marked

TOO_COSTLY = marked("This picture needs too much memory. Please make it smaller, or save it as JPEG.")
NICENESS = 5


def main() -> None:
    """Answer requests on the standard input until this process is to end."""
    requests, answers = _streams()
    _limit()
    for _ in range(PICTURES_A_PROCESS):
        # Nobody sends a request before the last one is answered, so that none is in the stream's own buffer.
        if not select.select([requests], [], [], IDLE_SECONDS)[0]:
            return
        if not _answer_one(requests, answers) or _held_bytes() > GROWN_BYTES:
            return


def _answer_one(requests: IO[bytes], answers: IO[bytes]) -> bool:
    """Answer the next request; say whether this process may answer another."""
    request = protocol.read_request(requests)
    if request is None:
        return False
    _allow_time()
    try:
        data = requests.read(request.bytes)
        if len(data) < request.bytes:
            return False
        answer, fit = decoding.answer(request, data), True
    except MemoryError:
        answer, fit = Answer(refused=TOO_COSTLY), False
    protocol.write(answers, answer)
    answers.flush()
    return fit


def _streams() -> tuple[IO[bytes], IO[bytes]]:
    """Return where requests come from and answers go to; whatever a library prints goes to the log."""
    requests, answers = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(requests, "rb"), os.fdopen(answers, "wb")


def _limit() -> None:
    # Twice as many are an error, for WebP before memory is taken for them.
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
    for kind, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))
    os.nice(NICENESS)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _allow_time() -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(usage.ru_utime + usage.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _held_bytes() -> int:
    """Return how much memory this process holds; 0 where the system doesn't say."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    return 0


if __name__ == "__main__":
    main()
