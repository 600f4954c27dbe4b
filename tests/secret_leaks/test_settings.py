"""No command prints a password that stands in the settings, however wrong they are."""

import secrets
from collections.abc import Callable

import pytest

from secret_leaks.search import Secrets, leaks
from secret_leaks.story import command
from support.site_under_test import Site, free_port

# What commands print of settings doesn't depend on the database.
pytestmark = pytest.mark.once

SETTINGS = {
    "a database that is down": {"database": "postgresql://twite:{password}@127.0.0.1:{closed}/twite"},
    "a database's address with a slash": {"database": "postgresql://twite:1/{password}@127.0.0.1:{closed}/twite"},
    "a database's address with an at sign": {"database": "postgresql://twite:a@{password}@127.0.0.1:{closed}/twite"},
    "a database's address with an at sign and a slash": {
        "database": "postgresql://twite:a@{password}/b@127.0.0.1/twite"
    },
    "a broker's address with a slash": {"broker": "amqp://twite:1/{password}@127.0.0.1:{closed}//"},
    "a broker's address with a number sign": {"broker": "redis://twite:1#{password}@127.0.0.1:{closed}/0"},
    "a mail server's address with a question mark": {"smtp": "smtp://twite:1?{password}@127.0.0.1"},
    "a database of a kind that is unknown": {"database": "mysql://twite:{password}@127.0.0.1/twite"},
    "a database without a kind": {"database": "twite:{password}@127.0.0.1/twite"},
    "a replica of an SQLite file": {"database_replica": "postgresql://twite:{password}@127.0.0.1:{closed}/twite"},
    "a replica of a kind that is unknown": {"database_replica": "mysql://twite:{password}@127.0.0.1/twite"},
    "a port that is none": {"database": "postgresql://twite:{password}@127.0.0.1:x/twite"},
    "a password as the port": {"smtp": "smtp://127.0.0.1:{password}"},
    "a mail server that is down": {"smtp": "smtp://twite:{password}@127.0.0.1:{closed}"},
    "a mail server of a kind that is unknown": {"smtp": "mail://twite:{password}@127.0.0.1"},
    "a mailbox of a kind that is unknown": {"mail_bounces_mailbox": "pop3://twite:{password}@127.0.0.1"},
    "a broker of a kind that is unknown": {"broker": "kafka://twite:{password}@127.0.0.1"},
    "brackets": {"smtp": "smtp://[{password}", "broker": "redis://[{password}@127.0.0.1"},
    "an object storage that is down": {"media_storage": "s3+http://key:{password}@127.0.0.1:{closed}/twite"},
    "an object storage's address with a slash": {"media_storage": "s3://key:1/{password}@127.0.0.1/twite"},
    "an object storage's secret behind the bucket": {"media_storage": "s3://key:1@127.0.0.1/twite?secret={password}"},
    "another storage of a kind that is unknown": {"media_fallback": "gs://key:{password}@127.0.0.1/twite"},
    "a key": {"secret_key": "{password}", "port": "x"},
}
TRIES = {
    "smtp": ("mail", "test", "ann@mail.example"),
    "database": ("migrate",),
    "database_replica": ("migrate",),
    "media_storage": ("media", "check"),
    "media_fallback": ("media", "check"),
}
"""A command that uses a setting and ends."""


def test_the_list_of_settings_has_none_that_were_made(make_site: Callable[..., Site]):
    site, known = make_site(), Secrets()
    made = {
        name: address.format(known.add(name, secrets.token_hex(16)))
        for name, address in (
            ("smtp", "smtp://twite:{}@127.0.0.1"),
            ("mail_bounces_mailbox", "imaps://twite:{}@127.0.0.1/INBOX"),
            ("broker", "redis://:{}@127.0.0.1"),
            ("database", "postgresql://twite:{}@127.0.0.1/twite"),
            ("database_replica", "postgresql://twite:{}@127.0.0.2/twite"),
            ("secret_key", "{}"),
            ("media_storage", "s3://key:{}@127.0.0.1/twite"),
            ("media_fallback", "s3://key:{}@127.0.0.1/twite"),
        )
    }
    code, printed, _ = command(site, "settings.log", "settings", **made)

    assert (code, "TWITE_SMTP" in printed) == (0, True)
    assert leaks(site, known) == []


@pytest.mark.parametrize("given", SETTINGS.values(), ids=SETTINGS)
def test_a_password_in_the_settings_is_not_printed(make_site: Callable[..., Site], given: dict[str, str]):
    site, known = make_site(), Secrets()
    password = known.add("password", secrets.token_hex(16))
    made = {name: value.format(password=password, closed=free_port()) for name, value in given.items()}
    tries = TRIES.get(next(iter(given)), ("run",))
    checked, said, _ = command(site, "check.log", "check", **made, log_level="DEBUG")
    command(site, "try.log", *tries, **made, log_level="DEBUG")

    assert (checked, "wrong" in said) == (1, True)
    assert "Traceback" not in site.printed()
    assert leaks(site, known) == []


@pytest.mark.parametrize(
    "line", ['smtp = "smtp://{password}', "smtp = {password}", 'smtp "smtp://{password}"', 'port = "{password}']
)
def test_a_password_in_a_file_of_settings_that_is_broken_is_not_printed(make_site: Callable[..., Site], line: str):
    site, known = make_site(), Secrets()
    password = known.add("password", secrets.token_hex(16), "data/twite.toml")
    (site.settings.data / "twite.toml").write_text(line.format(password=password))

    assert command(site, "check.log", "check")[0] == 1
    assert leaks(site, known) == []
