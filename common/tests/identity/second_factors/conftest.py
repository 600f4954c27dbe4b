"""What tests of passkeys and second factors share: an account, and each step of using them."""

import pytest

from support.moment import NOW
from support.passkeys import BROWSER, Device
from support.site_under_test import PASSWORD
from twite_common import secret
from twite_common.queries.identity import passkeys as queries
from twite_common.services.identity import (
    passkey_challenges,
    passkeys,
    passwordless_logins,
    second_factors,
    sessions,
)
from twite_common.services.identity import passwords as password_services
from twite_common.services.identity.pending_logins import SecondFactorNeeded

HERE = {"address": "192.0.2.1", "browser": "Firefox/140.0"}


@pytest.fixture
def signer(settings):
    return secret.signer(settings)


@pytest.fixture
def options(database, signer, settings):
    """What a page asks a browser for a new passkey with."""

    def options(account_id, *, now=NOW, tied_to=BROWSER):
        with database.reading() as db:
            present = queries.of_account(db, account_id)
        return passkeys.options_to_add(
            signer, settings, now=now, account_id=account_id, username="x", tied_to=tied_to, present=present
        )

    return options


@pytest.fixture
def check_new(database, signer, settings):
    def check_new(account_id, answer, *, now=NOW, tied_to=BROWSER):
        return passkeys.check_new(
            database, signer, settings, now=now, account_id=account_id, tied_to=tied_to, answer=answer
        )

    return check_new


@pytest.fixture
def add(database, options, check_new):
    """Add a device's passkey to an account, and return the recovery codes that come with it."""

    def add(account_id, device, name="phone", *, now=NOW):
        new = check_new(account_id, device.make(options(account_id, now=now)), now=now)
        with database.writing() as db:
            return second_factors.add_passkey(db, now=now, account_id=account_id, new=new, name=name)

    return add


@pytest.fixture
def device(ann_id, add):
    """Ann's phone."""
    device = Device()
    add(ann_id, device)
    return device


@pytest.fixture
def asked(signer, settings):
    def asked(purpose=passkey_challenges.LOGIN, *, now=NOW, tied_to=BROWSER, of=()):
        return passkeys.options_to_prove(signer, settings, purpose, now=now, tied_to=tied_to, of=of)

    return asked


@pytest.fixture
def log_in(database, settings):
    def log_in(answer, *, now=NOW, tied_to=BROWSER, **changes):
        return passwordless_logins.log_in_with_passkey(
            database, settings, now=now, answer=answer, tied_to=tied_to, **{**HERE, **changes}
        )

    return log_in


@pytest.fixture
def type_password(database, passwords, settings):
    def type_password():
        with pytest.raises(SecondFactorNeeded) as needed:
            sessions.log_in(database, passwords, settings, now=NOW, name="ann", password=PASSWORD, **HERE)
        return needed.value.pending

    return type_password


@pytest.fixture
def second_step(database, settings):
    def second_step(pending, **given):
        return sessions.pass_second_step(
            database,
            secret.sealer(settings),
            settings,
            now=NOW,
            pending=pending,
            tied_to=BROWSER,
            **HERE,
            **given,
        )

    return second_step


@pytest.fixture
def own(database):
    def own(account_id):
        with database.reading() as db:
            return queries.of_account(db, account_id)

    return own


@pytest.fixture
def remove(database, settings):
    def remove(account_id, passkey_id, role=""):
        with database.writing() as db:
            second_factors.remove_passkey(
                db, settings, now=NOW, account_id=account_id, role=role, passkey_id=passkey_id
            )

    return remove


@pytest.fixture
def remove_password(database):
    def remove_password(account_id):
        with database.writing() as db:
            password_services.remove(db, now=NOW, account_id=account_id)

    return remove_password
