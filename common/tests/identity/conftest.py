"""Accounts with passwords, as tests of getting into them need."""

import pytest

from support.moment import NOW
from support.site_under_test import PASSWORD
from twite_common.passwords import Passwords
from twite_common.services.identity import registrations
from twite_common.services.identity.registrations import SignUp


@pytest.fixture
def passwords(settings):
    return Passwords(settings)


@pytest.fixture
def make(database, passwords):
    def make(name, role=""):
        sign_up = SignUp(username=name, email=f"{name}@mail.example", password_hash=passwords.hash(PASSWORD, about=()))
        with database.writing() as db:
            return registrations.create(db, now=NOW, sign_up=sign_up, role=role, confirmed=True, smtp_utf8=False)

    return make


@pytest.fixture
def ann_id(make):
    return make("ann")
