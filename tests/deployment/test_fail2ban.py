"""The filter and the jail that ship for fail2ban, read by fail2ban itself, on what a real web process logs."""

import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from support.browsing import Browser
from support.site_under_test import Site, wait_for

SHIPPED = Path(__file__).parents[2] / "deploy" / "fail2ban"
INSTALLED = Path("/etc/fail2ban")

pytestmark = [pytest.mark.needs("fail2ban"), pytest.mark.faults]


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """Debian's configuration of fail2ban with what ships in its place."""
    folder = tmp_path / "fail2ban"
    shutil.copytree(INSTALLED, folder)
    shutil.copytree(SHIPPED, folder, dirs_exist_ok=True)
    return folder


@pytest.fixture
def matches(configuration: Path, tmp_path: Path):
    """Say how many of some lines the filter matches, and whom."""

    def matches(*lines: str) -> list[str]:
        log = tmp_path / "lines.log"
        log.write_text("".join(f"{line}\n" for line in lines))
        rules = configuration / "filter.d" / "twite.conf"
        command = ["fail2ban-regex", "-c", str(configuration), "-o", "ip", str(log), str(rules)]
        told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert told.returncode == 0, told.stderr
        return told.stdout.split()

    return matches


def test_a_failed_log_in_is_logged_and_fail2ban_finds_the_address(tmp_path, database_url, matches):
    folder = tmp_path / "site"
    folder.mkdir()
    site = Site(folder, database_url)
    try:
        site.start("web")
        with httpx.Client(base_url=site.base_url, timeout=60) as client:
            browser = Browser(client)
            browser.open("/login")
            browser.submit("/login", {"name": "a secret typed in the wrong field", "password": "another secret"})
        line = wait_for(lambda: re.search(r".*login_failed.*", site.printed()), site.printed)[0]
    finally:
        site.stop()

    assert "secret" not in site.printed()
    assert matches(line, f"host twite[123]: {line}") == ["127.0.0.1"] * 2


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7"])
def test_nothing_but_a_whole_line_counts(matches, address):
    failed = "WARNING twite_common.services.identity.sessions login_failed {'address': '%s', 'reason': 'wrong'}"
    line = f"2026-11-29 07:50:32,123 {failed % address}"
    page = f"https://x/{failed % '8.8.8.8'}"
    forged = f"2026-11-29 07:50:32,123 INFO twite_tasks.posts.cards card_unreachable {{'url': \"{page}\"}}"

    assert matches(forged, line, line.replace("wrong", "limited"), line + " and more") == [address] * 2


def test_the_jail_reads_the_filter(configuration):
    told = subprocess.run(
        ["fail2ban-client", "-c", configuration, "--dump-pretty"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert "['add', 'twite', 'systemd']" in told.stdout
    assert "['set', 'twite', 'addjournalmatch', '_SYSTEMD_UNIT=twite-run.service'" in told.stdout
    assert "twite_common" in told.stdout
