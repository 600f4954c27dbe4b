"""Mails and pushes in the language of whoever reads them."""

import email
import email.policy
import json

import msgspec
import pytest
from sqlalchemy import select

from support.catalogs import catalog
from support.moment import NOW
from twite_common import outbox
from twite_common.queries.notifications.push import Push, Subscription
from twite_common.services.accounts import preferences
from twite_common.services.accounts.preferences import PreferenceChanges
from twite_common.services.notifications import mails
from twite_common.tables import notification
from twite_tasks import event_handlers
from twite_tasks.notifications import mail_sender, push

FRENCH = """
msgid "New login to your account on %(site)s"
msgstr "Nouvelle connexion à votre compte sur %(site)s"

msgid ""
"Someone logged in to your account with %(browser)s from %(address)s on %(day)s at %(time)s UTC. "
"This address is new for your account."
msgstr "Connexion avec %(browser)s depuis %(address)s le %(day)s à %(time)s UTC."

msgid "%(browser)s on %(system)s"
msgstr "%(browser)s sous %(system)s"

msgid "a browser"
msgstr "un navigateur"

msgid "%(name)s mentioned you"
msgstr "%(name)s vous a mentionné"

msgid "%(button)s:"
msgstr "%(button)s :"

msgid "See where I am logged in"
msgstr "Voir mes connexions"

msgid "This e-mail was sent by <a href=\\"%(address)s\\">%(name)s</a>."
msgstr "Envoyé par <a href=\\"%(address)s\\">%(name)s</a>."
"""


@pytest.fixture
def sent(database, context, ann, settings):
    """Send Ann a mail on a site whose first language is the one given, and return what is written to its folder."""

    def sent(language, kind, **detail):
        with database.writing() as db:
            id = mails.add(db, kind, now=NOW, address=ann.email, account_id=ann.id, **detail)
        spoken = msgspec.structs.replace(context, settings=msgspec.structs.replace(settings, languages=[language]))
        mail_sender.send(spoken, id)
        content = (settings.data / "mail" / f"{id}.eml").read_bytes()
        return email.message_from_bytes(content, policy=email.policy.default)

    return sent


def test_a_mail_is_in_the_language_of_its_reader(sent, tmp_path):
    login = {"from_address": "192.0.2.7", "browser": "a browser on Linux", "at": NOW}
    with catalog(tmp_path / "locale", "fr", FRENCH):
        message = sent("fr", "new_login", **login)
    plain, html = (part.get_content() for part in message.iter_parts())

    assert message["Subject"].startswith("Nouvelle connexion à votre compte sur ")
    assert "Connexion avec un navigateur sous Linux depuis 192.0.2.7 le" in plain
    assert "Voir mes connexions :" in plain.splitlines()
    assert '<html lang="fr">' in html
    assert "Envoyé par <a href=" in html


def test_a_mail_is_in_the_language_that_its_reader_chose(sent, database, ann, tmp_path):
    with catalog(tmp_path / "locale", "fr", FRENCH):
        with database.writing() as db:
            preferences.change_preferences(db, account_id=ann.id, changes=PreferenceChanges(locale="fr"))
        message = sent("en", "new_login", from_address="192.0.2.7", browser="a browser on Linux", at=NOW)

    assert message["Subject"].startswith("Nouvelle connexion à votre compte sur ")


def test_a_mail_in_a_language_from_right_to_left_says_so(sent, tmp_path):
    with catalog(tmp_path / "locale", "he", ""):
        message = sent("he", "test")
    plain, html = (part.get_content() for part in message.iter_parts())

    assert '<html lang="he" dir="rtl">' in html
    assert "If you can read this, mail from your site works." in plain


def test_a_mail_is_in_english_where_there_is_nothing_else(sent):
    message = sent("pl", "new_login", from_address="192.0.2.7", browser="a browser on Linux", at=NOW)
    plain, html = (part.get_content() for part in message.iter_parts())

    assert "with a browser on Linux from 192.0.2.7 on " in " ".join(plain.split())
    assert '<html lang="en">' in html


def test_a_push_is_in_the_language_of_its_reader(database, context, ann, bob, make_post, rows, settings, tmp_path):
    make_post(ann, "@bob look")
    with database.reading() as db:
        waiting = [event.id for event in outbox.pending(db)]
    for id in waiting:
        event_handlers.handle(context, id, now=NOW)
    (told,) = rows(select(notification.c.id).where(notification.c.account_id == bob.id))
    device = Subscription(1, bob.id, "https://push.example", "", "", context.sealer.seal("secret"), True, "all", "[]")
    french = msgspec.structs.replace(context, settings=msgspec.structs.replace(settings, languages=["fr"]))
    with catalog(tmp_path / "locale", "fr", FRENCH):
        content = push._content(french, Push(1, 0, told.id, device))

    assert json.loads(content)["title"] == "ann vous a mentionné"
