"""Processes end with those that they belong to."""

import os
import signal
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from support.site_under_test import Site, wait_for
from twite_common.tables import heartbeat

pytestmark = pytest.mark.once


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nobody_answers_when_the_web_part_is_gone_however_it_went(running: Site, number: int):
    [web] = running.processes
    [answering] = Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split()
    os.kill(web.pid, number)
    web.wait(20)

    wait_for(lambda: not Path(f"/proc/{answering}").exists(), running.printed)


def test_a_site_that_was_told_to_stop_is_not_missed_although_streams_were_open(running: Site):
    def noted() -> list[str]:
        with running.database.reading() as db:
            return list(db.scalars(select(heartbeat.c.name)))

    _, token = running.make_account("ann")
    headers = {"Authorization": f"Bearer {token}"}
    wait_for(noted, running.printed)
    with httpx.stream("GET", f"{running.base_url}/api/v1/streaming/user", headers=headers, timeout=60) as stream:
        assert next(stream.iter_lines()) == ":)"
        [web] = running.processes
        web.send_signal(signal.SIGTERM)
        web.wait(40)

    assert noted() == []
