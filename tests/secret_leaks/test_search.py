"""The search can be trusted: it finds whatever is planted, in every place and spelling."""

import base64
import json
import secrets
from collections.abc import Callable
from email import policy
from email.message import EmailMessage
from urllib.parse import quote, quote_plus

import pytest
from sqlalchemy import delete, insert

from secret_leaks.mailing import Postbox, write_a_mail
from secret_leaks.search import Secrets, leaks
from support.site_under_test import Site, wait_for
from twite_common.sql import engines
from twite_common.tables import attempt


def message(value: str) -> bytes:
    made = EmailMessage(policy=policy.SMTP)
    made["To"] = "ann@mail.example"
    made.set_content(f"Here {'is more and more ' * 9}{value}", cte="quoted-printable")
    made.add_alternative(f"<p>{'x' * 60}{value}</p>", subtype="html", cte="base64")
    return bytes(made)


def put(name: str) -> Callable[[Site, str], None]:
    """Return what writes something into a file of a site."""

    def write(site: Site, value: str) -> None:
        file = site.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab") as opened:
            opened.write(message(value) if file.suffix == ".eml" else f"before {value} after\n".encode())

    return write


def put_into_the_database(site: Site, value: str) -> None:
    with site.database.writing() as db:
        db.execute(insert(attempt), {"subject": f"before {value} after", "since_at": 1})


PLACES: dict[str, Callable[[Site, str], None]] = {
    "table attempt": put_into_the_database,
    **{
        name: put(name)
        for name in (
            "web-0.log",
            "data/broker/messages/1.twite.msg",
            "data/mail/1.eml",
            "data/media/1.png",
        )
    },
}
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "for an address": lambda value: quote(value, safe=""),
    "for a form": quote_plus,
    "as JSON": lambda value: json.dumps({"password": value}),
    "as Python shows it": lambda value: repr([value.encode()]),
    "in hexadecimal": lambda value: value.encode().hex(),
    "in base64": lambda value: base64.b64encode(value.encode()).decode(),
    "in base64 after one byte": lambda value: base64.urlsafe_b64encode(f":{value}".encode()).decode(),
    "in base64 after two bytes": lambda value: base64.b64encode(f"a:{value}:b".encode()).decode(),
    "its beginning": lambda value: value[:20],
    "its end": lambda value: value[-20:],
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_the_search_finds_a_secret_wherever_it_is_and_however_it_is_spelt(
    make_site: Callable[..., Site], spell: Callable[[str], str]
):
    site, known = make_site(), Secrets()
    password = known.password("password")
    before = leaks(site, known)
    for hide in PLACES.values():
        hide(site, spell(password))

    assert before == []
    assert {f"password in {name}" for name in PLACES} <= set(leaks(site, known))


def test_the_search_finds_what_sqlite_keeps_beside_its_tables(make_site: Callable[..., Site]):
    site, known = make_site(), Secrets()
    password = known.password("password")
    put_into_the_database(site, password)
    with site.database.writing() as db:
        db.execute(delete(attempt))
    beside = [one for one in leaks(site, known) if "-wal" in one]

    assert bool(beside) == engines.is_sqlite(site.database.url)


def test_the_search_finds_what_a_worker_prints_and_stores(
    make_site: Callable[..., Site], postbox: tuple[Postbox, int, str]
):
    box, port, password = postbox
    known = Secrets()
    box.answer = f"451 {known.add('answer', secrets.token_urlsafe(32))}"
    site = make_site(smtp=f"smtp://twite:{quote(password, safe='')}@127.0.0.1:{port}")
    settled = write_a_mail(site)
    site.start("worker")
    wait_for(settled, site.printed)

    assert {"answer in worker-0.log", "answer in table mail"} <= set(leaks(site, known))


def test_a_mail_may_hold_its_own_link_but_not_anothers(make_site: Callable[..., Site]):
    site, known = make_site(), Secrets()
    link = known.add("link", secrets.token_urlsafe(32), "data/mail/1.eml")
    put("data/mail/1.eml")(site, link)
    own = leaks(site, known)
    put("data/mail/2.eml")(site, link)

    assert own == []
    assert leaks(site, known) == ["link in data/mail/2.eml"]
