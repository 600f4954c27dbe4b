"""What workers and the clock print while the broker is away."""

import pytest

from support.site_under_test import free_port, wait_for

LONG_SECONDS = 120.0


@pytest.mark.faults
def test_a_broker_that_is_away_is_a_line_each_time(make_site):
    site = make_site(broker=f"amqp://guest:guest@127.0.0.1:{free_port()}//")
    worker, clock = site.start("worker"), site.start("clock")
    wait_for(lambda: site.printed().count("Trying again") >= 2, site.printed, seconds=LONG_SECONDS)
    wait_for(lambda: "broker_down" in site.printed(), site.printed, seconds=LONG_SECONDS)
    printed = site.printed().splitlines()

    assert (worker.poll(), clock.poll()) == (None, None)
    assert len([line for line in printed if "twite_tasks.clock broker_down" in line]) == 1
    assert any("celery.worker" in line for line in printed)
    assert [line for line in printed if line and not line[0].isdigit()] == []
