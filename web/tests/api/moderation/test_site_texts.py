"""The site's rules and texts, and what other sites are told."""

import pytest
from sqlalchemy import insert

from twite_common import clock
from twite_common.queries import viewers
from twite_common.services.accounts import accounts
from twite_common.services.moderation import rules, site_texts
from twite_common.tables import domain_block

TEXTS = {"about": "extended_description", "privacy": "privacy_policy", "terms": "terms_of_service"}


@pytest.fixture
def admin(database, ann):
    """Ann as the administrator that she is made here."""
    with database.writing() as db:
        accounts.set_role(db, account_id=ann.id, role="admin")
        return viewers.by_account(db, ann.id)


@pytest.fixture
def write(database, admin):
    def write(name, words, **options):
        with database.writing() as db:
            site_texts.write(db, now=clock.now(), viewer=admin, name=name, words=words, **options)

    return write


@pytest.fixture
def add_rule(database, admin):
    def add_rule(words, hint=""):
        with database.writing() as db:
            return rules.add(db, now=clock.now(), viewer=admin, words=words, hint=hint)

    return add_rule


def test_rules_stand_in_their_order_without_those_that_were_removed(database, admin, add_rule, stranger):
    first, second, third = (add_rule(words) for words in ("Be kind", "Be brief", "Be here"))
    with database.writing() as db:
        rules.remove(db, now=clock.now(), viewer=admin, rule_id=second)
        rules.change(
            db, now=clock.now(), viewer=admin, rule_id=third, words="Be there", hint="or <b>square", position=0
        )
    shown = stranger.get("/api/v1/instance/rules").json()

    assert [one["id"] for one in shown] == [str(third), str(first)]
    assert shown[0] == {"id": str(third), "text": "Be there", "hint": "or <b>square", "translations": {}}
    assert stranger.get("/api/v2/instance").json()["rules"] == stranger.get("/api/v1/instance").json()["rules"] == shown


def test_a_site_that_says_nothing_at_length_has_an_empty_text(stranger):
    assert stranger.get("/api/v1/instance/extended_description").json() == {"updated_at": None, "content": ""}


@pytest.mark.parametrize("name", ["privacy", "terms"])
def test_a_text_that_nobody_wrote_is_not_there(write, stranger, name):
    write(name, "Soon", effective_at=clock.now() + clock.DAY)

    assert stranger.get(f"/api/v1/instance/{TEXTS[name]}").status_code == 404
    assert all(
        stranger.get("/api/v2/instance").json()["configuration"]["urls"][f"{one}"] is None
        for one in ("terms_of_service", "privacy_policy")
    )


@pytest.mark.parametrize("name", TEXTS)
def test_the_last_version_of_a_text_counts_until_it_is_taken_away(write, stranger, name):
    write(name, "First")
    write(name, "Then <b>this</b>")
    shown = stranger.get(f"/api/v1/instance/{TEXTS[name]}").json()
    write(name, "")

    assert shown["content"] == "<p>Then &lt;b&gt;this&lt;/b&gt;</p>"
    assert "Then" not in stranger.get(f"/api/v1/instance/{TEXTS[name]}").text


def test_terms_say_what_succeeds_them(write, stranger):
    write("terms", "Now")
    write("terms", "Later", effective_at=clock.now() + 3 * clock.DAY)
    shown = stranger.get("/api/v1/instance/terms_of_service").json()
    later = stranger.get(f"/api/v1/instance/terms_of_service/{shown['succeeded_by']}").json()

    assert (shown["effective"], shown["content"]) == (True, "<p>Now</p>")
    assert (later["effective"], later["content"], later["succeeded_by"]) == (False, "<p>Later</p>", None)
    assert stranger.get("/api/v1/instance/terms_of_service/2020-13-01").status_code == 404
    assert stranger.get("/api/v2/instance").json()["configuration"]["urls"]["terms_of_service"].endswith("/terms")


def test_a_blocked_server_is_named_as_far_as_it_may_be(database, stranger):
    with database.writing() as db:
        names = {"shown.example": False, "hidden.example": True}
        for id, (name, hidden) in enumerate(names.items(), 1):
            db.execute(insert(domain_block).values(id=id, domain=name, severity="suspend", obfuscate=hidden))
        db.execute(insert(domain_block).values(id=3, domain="noop.example", severity="noop"))
    shown = stranger.get("/api/v1/instance/domain_blocks").json()

    assert [one["domain"] for one in shown] == ["hid***.****ple", "shown.example"]
    assert all(len(one["digest"]) == 64 for one in shown)


def test_nothing_is_translated(ann, make_post, as_ann):
    post_id, quiet = make_post(ann, "hello"), make_post(ann, "quiet", visibility="followers")
    answer = as_ann.post(f"/api/v1/statuses/{post_id}/translate")

    assert (answer.status_code, answer.json()) == (503, {"error": "Service Unavailable"})
    assert as_ann.post(f"/api/v1/statuses/{quiet}/translate").status_code == 403


def test_languages_have_names(stranger):
    assert {"code": "de", "name": "Deutsch"} in stranger.get("/api/v1/instance/languages").json()
