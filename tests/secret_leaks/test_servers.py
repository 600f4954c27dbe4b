"""The passwords of the mail server and of the broker are known to these only."""

import secrets
from collections.abc import Callable
from urllib.parse import quote

import httpx
import pytest

from secret_leaks.mailing import Postbox, write_a_mail
from secret_leaks.search import Secrets, leaks
from secret_leaks.story import command
from support.site_under_test import Site, free_port, wait_for

pytestmark = pytest.mark.once


@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
def test_the_mail_servers_password_is_known_to_the_mail_server_only(
    make_site: Callable[..., Site], postbox: tuple[Postbox, int, str], right: bool
):
    _, port, password = postbox
    given = password if right else password[::-1]
    site = make_site(log_level="DEBUG", smtp=f"smtp://twite:{quote(given, safe='')}@127.0.0.1:{port}")
    known = Secrets()
    known.add("password", given)
    settled = write_a_mail(site)
    site.start("worker")
    state, error = wait_for(settled, site.printed)
    checked, _, _ = command(site, "check.log", "check")
    command(site, "test.log", "mail", "test", "ann@mail.example")

    assert (state, error[:3], checked) == (("sent", "", 0) if right else ("due", "535", 1))
    assert leaks(site, known) == []


BROKERS = {
    "redis is down": "redis://:{password}@127.0.0.1:{closed}/0",
    "rabbitmq is down": "amqp://twite:{password}@127.0.0.1:{closed}//",
    "rabbitmq refuses": "amqp://twite:{password}@127.0.0.1:5672//",
}


@pytest.mark.needs("rabbitmq")
def test_a_brokers_password_is_not_printed_when_it_lets_nobody_in(make_site: Callable[..., Site]):
    # All at once, because each part tries for seconds before it says something.
    known, sites = Secrets(), {}
    for name, broker in BROKERS.items():
        password = known.add(f"password of {name}", secrets.token_hex(16))
        sites[name] = make_site(log_level="DEBUG", broker=broker.format(password=password, closed=free_port()))
        for part in ("web", "worker", "clock"):
            sites[name].start(part)
        httpx.get(f"{sites[name].base_url}/login")
    checked = {name: command(site, "check.log", "check")[:2] for name, site in sites.items()}
    for site in sites.values():
        for file in (site.folder / "worker-1.log", site.folder / "clock-2.log"):
            wait_for(lambda file=file: file.stat().st_size, site.printed)  # type: ignore[misc] # has a default
    found = {name: leaks(site, known) for name, site in sites.items()}
    # They would go on trying for longer than the test's end waits.
    for site in sites.values():
        for process in site.processes[1:]:
            process.kill()

    assert [name for name, (code, printed) in checked.items() if (code, "wrong  Broker" in printed) != (1, True)] == []
    assert {name: leaked for name, leaked in found.items() if leaked} == {}
