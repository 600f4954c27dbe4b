"""Processes end with those that they belong to."""

import os
import signal
from pathlib import Path

import pytest

from support.site_under_test import Site, wait_for


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nobody_answers_when_the_web_part_is_gone_however_it_went(running: Site, number: int):
    [web] = running.processes
    [answering] = Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split()
    os.kill(web.pid, number)
    web.wait(20)

    wait_for(lambda: not Path(f"/proc/{answering}").exists(), running.printed)
