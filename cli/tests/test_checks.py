import socket
import time

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import update
from sqlalchemy.sql import column, table

from support.site_under_test import free_port
from twite import checks
from twite_common import clock, settings
from twite_common.media.storage import checking
from twite_common.services.operations import heartbeats


def lines(shown):
    """Return what was said of each subject: "ok" or "wrong"."""
    return {line.split(":")[0][7:]: line[:5].strip() for line in shown.output.splitlines()}


def test_a_site_that_is_in_order_is_said_to_be(twite):
    shown = twite("check")

    assert shown.exit_code == 0
    assert lines(shown) == {
        "All settings are valid.": "ok",
        "Data folder": "ok",
        "Database": "ok",
        "Media files": "ok",
        "Broker": "ok",
        "Mail server": "ok",
        "Logging in": "ok",
        "Processes": "ok",
    }
    assert "this site isn't running" in shown.output


@pytest.mark.faults
def test_a_site_that_is_meant_to_run_and_whose_clock_is_silent_is_wrong(twite, database):
    now = clock.now()
    with database.writing() as db:
        for kind in ("web", "worker"):
            for seconds_ago in (120, 80, 40, 0):
                heartbeats.record(db, f"{kind} here 1", kind, now=now - seconds_ago * clock.SECOND)
        heartbeats.record(db, "clock here 1", "clock", now=now - 3 * clock.MINUTE)
    shown = twite("check")

    assert (shown.exit_code, lines(shown)["Processes"]) == (1, "wrong")
    assert "no clock is running, or it can't reach the broker: last seen 3 minutes ago." in shown.output


def test_a_site_that_runs_is_described(twite, database):
    with database.writing() as db:
        for kind in ("web", "worker", "clock"):
            heartbeats.record(db, f"{kind} here 1", kind, now=clock.now())
    shown = twite("check")

    assert (shown.exit_code, lines(shown)["Processes"]) == (0, "ok")
    assert "Oldest e-mail due: none" in shown.output


def test_each_setting_that_cannot_be_used_has_a_line_that_says_what_is_expected(twite, environment):
    environment.setenv("TWITE_PORT", "many")
    environment.setenv("TWITE_REGISTRATION", "perhaps")
    environment.setenv("TWITE_SMTP", "mail://user:hush@host")
    shown = twite("check")

    assert shown.exit_code == 1
    assert lines(shown) == {"port": "wrong", "registration": "wrong", "smtp": "wrong"}
    assert "Who may sign up" in shown.output
    assert "hush" not in shown.output


def test_a_data_folder_that_others_can_read_is_wrong(twite, data):
    data.chmod(0o755)
    shown = twite("check")

    assert (shown.exit_code, lines(shown)["Data folder"]) == (1, "wrong")
    assert "chmod 700" in shown.output


def test_a_data_folder_that_is_not_there_is_wrong_and_not_made(twite, data):
    data.rmdir()
    shown = twite("check")

    assert (shown.exit_code, lines(shown)["Data folder"]) == (1, "wrong")
    assert not data.exists()


@pytest.mark.parametrize(
    "address", ["postgresql://nobody:hush@127.0.0.1:1/twite", "sqlite:////proc/nowhere/twite.sqlite"]
)
def test_a_database_that_cannot_be_reached_is_wrong(twite, environment, address):
    environment.setenv("TWITE_DATABASE", address)
    shown = twite("check")

    assert (shown.exit_code, lines(shown)["Database"]) == (1, "wrong")
    assert "hush" not in shown.output


def test_a_file_that_is_no_database_is_wrong(twite, environment, tmp_path):
    (tmp_path / "text").write_text("hello\n" * 1000)
    environment.setenv("TWITE_DATABASE", f"sqlite:///{tmp_path}/text")
    shown = twite("check")

    assert (shown.exit_code, lines(shown)["Database"]) == (1, "wrong")


def make_newer(database, *, oldest):
    """Leave a database as a newer version would, with which code of the revision `oldest` works."""
    with database.writing() as db:
        db.execute(update(table("alembic_version", column("version_num"))).values(version_num="9999"))
        db.execute(update(table("schema_compatibility", column("oldest_revision"))).values(oldest_revision=oldest))


def test_a_database_of_a_newer_version_is_wrong(twite, database):
    make_newer(database, oldest="9999")
    shown = twite("check")

    assert (shown.exit_code, lines(shown)["Database"]) == (1, "wrong")
    assert "newer version" in shown.output


def test_a_database_of_a_newer_version_that_this_one_works_with_is_right(twite, database):
    make_newer(database, oldest="0001")
    shown = twite("check")

    assert (shown.exit_code, lines(shown)["Database"]) == (0, "ok")
    assert "a newer version of Twite has upgraded it" in shown.output


@pytest.mark.parametrize("address", ["amqp://user:hush@127.0.0.1:1//", "redis://:hush@127.0.0.1:1/0"])
def test_a_broker_that_cannot_be_reached_is_wrong(twite, environment, address):
    environment.setenv("TWITE_BROKER", address)
    shown = twite("check")

    assert (shown.exit_code, lines(shown)["Broker"]) == (1, "wrong")
    assert "(Connection refused)" in shown.output
    assert "hush" not in shown.output


@pytest.mark.needs("rabbitmq", "redis")
@pytest.mark.parametrize("address", ["amqp://guest:guest@127.0.0.1//", "redis://127.0.0.1/0"])
def test_a_broker_that_can_be_reached_is_in_order(twite, environment, address):
    environment.setenv("TWITE_BROKER", address)

    assert lines(twite("check"))["Broker"] == "ok"


def test_a_mail_server_that_cannot_be_reached_is_wrong(twite, environment):
    environment.setenv("TWITE_SMTP", "smtp://user:hush@127.0.0.1:1")
    shown = twite("check")

    assert (shown.exit_code, lines(shown)["Mail server"]) == (1, "wrong")
    assert "(Connection refused)" in shown.output
    assert "hush" not in shown.output


def test_links_to_log_in_with_need_a_mail_server(twite, environment):
    environment.setenv("TWITE_LOGIN_LINKS", "true")
    shown = twite("check")

    assert lines(shown)["Logging in"] == "ok"
    assert "without smtp nobody gets the links" in shown.output


@pytest.mark.parametrize(
    ("base_url", "said"),
    [
        ("https://twite.example", "people can make passkeys for https://twite.example"),
        ("https://192.0.2.1", "browsers make no passkeys for https://192.0.2.1"),
    ],
)
def test_it_says_whether_there_are_passkeys(twite, environment, base_url, said):
    environment.setenv("TWITE_BASE_URL", base_url)
    shown = twite("check")

    assert lines(shown)["Logging in"] == "ok"
    assert said in shown.output


def test_a_mail_server_that_does_not_do_what_the_settings_say_is_wrong(twite, environment):
    port = free_port()
    box = Controller(object(), hostname="127.0.0.1", port=port, enable_SMTPUTF8=False)
    box.start()
    environment.setenv("TWITE_SMTP", f"smtp://127.0.0.1:{port}")
    found = []
    for setting in ("false", "true"):
        environment.setenv("TWITE_SMTP_UTF8", setting)
        found.append(lines(twite("check"))["Mail server"])
    box.stop()

    assert found == ["ok", "wrong"]


@pytest.fixture
def silent():
    """The address of what takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.faults
@pytest.mark.parametrize(
    ("setting", "address", "subject"),
    [
        ("TWITE_DATABASE", "postgresql://user:hush@{}/twite", "Database"),
        ("TWITE_BROKER", "amqp://user:hush@{}//", "Broker"),
        ("TWITE_BROKER", "redis://:hush@{}/0", "Broker"),
        ("TWITE_SMTP", "smtp://user:hush@{}", "Mail server"),
    ],
)
def test_a_server_that_says_nothing_is_wrong_soon(twite, environment, monkeypatch, silent, setting, address, subject):
    monkeypatch.setattr(checks, "TIMEOUT_SECONDS", 1.0)
    environment.setenv(setting, address.format(silent))
    began = time.monotonic()
    shown = twite("check")

    assert time.monotonic() - began < 10
    assert (shown.exit_code, lines(shown)[subject]) == (1, "wrong")
    assert "hush" not in shown.output


def test_settings_are_listed_with_default_and_meaning(twite, environment):
    environment.setenv("TWITE_SMTP", "smtp://user:hush@host")
    shown = twite("settings").output

    for name, default, meaning in settings.descriptions():
        assert f"{name} = {default or '(empty)'}\n    TWITE_{name.upper()}. {meaning}\n" in shown
    assert "hush" not in shown


def test_a_bucket_that_can_be_used_is_in_order_and_left_as_it_was(twite, data, environment, bucket):
    environment.setenv("TWITE_MEDIA_STORAGE", bucket.address)
    shown = twite("check")
    (data / "media" / "ab").mkdir(parents=True)
    (data / "media" / "ab" / f"ab{'0' * 62}.webp").write_bytes(b"left")
    left = twite("check")

    assert (shown.exit_code, lines(shown)["Media files"]) == (0, "ok")
    assert f"new files go to the bucket {bucket.server.address}/{bucket.name}" in shown.output
    assert "`twite media move` moves them" not in shown.output
    assert (left.exit_code, "`twite media move` moves them" in left.output) == (0, True)
    assert bucket.files() == set()
    assert bucket.server.secret not in shown.output + left.output


@pytest.mark.parametrize("why", ["it doesn't answer", "the key's secret is wrong", "there is no such bucket"])
def test_a_bucket_that_cannot_be_used_is_wrong(twite, environment, bucket, why):
    address = {
        "it doesn't answer": bucket.address_with(host=f"127.0.0.1:{free_port()}"),
        "the key's secret is wrong": bucket.address_with(secret="hush-hush"),
        "there is no such bucket": bucket.address_with(bucket="none-such"),
    }[why]
    environment.setenv("TWITE_MEDIA_STORAGE", address)
    shown = twite("check")

    assert (shown.exit_code, lines(shown)["Media files"]) == (1, "wrong")
    assert why in shown.output
    assert not [secret for secret in (bucket.server.secret, "hush-hush") if secret in shown.output]


def test_a_bucket_whose_uploads_anybody_can_read_is_wrong(twite, environment, bucket, monkeypatch):
    environment.setenv("TWITE_MEDIA_STORAGE", bucket.address)
    asked = []
    monkeypatch.setattr(checking, "_status", lambda address: asked.append(address) or 200)
    shown = twite("check")

    assert (shown.exit_code, lines(shown)["Media files"]) == (1, "wrong")
    assert "anybody can read uploads" in shown.output
    assert asked[0].startswith(f"{bucket.server.address}/{bucket.name}/uploads/")
    assert bucket.files() == set()


def test_a_base_url_that_gives_no_media_file_is_wrong(twite, data, environment, bucket):
    (data / "media" / "ab").mkdir(parents=True)
    (data / "media" / "ab" / f"ab{'0' * 62}.webp").write_bytes(b"there")
    environment.setenv("TWITE_MEDIA_BASE_URL", f"{bucket.server.address}/{bucket.name}/media")
    shown = twite("check")

    assert (shown.exit_code, lines(shown)["Media files"]) == (1, "wrong")
    assert f"/media/ab/ab{'0' * 62}.webp answers" in shown.output
