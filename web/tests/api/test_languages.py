"""What the API says went wrong, in the language of whoever reads it."""

import pytest

from support.catalogs import catalog

GERMAN = """
msgid "Validation failed: Text can't be blank"
msgstr "Prüfung fehlgeschlagen: Der Text fehlt"

msgid "The post is empty."
msgstr "Der Beitrag ist leer."

msgid "Record not found"
msgstr "Nicht gefunden: „Eintrag“"

msgid "The access token is invalid"
msgstr "Das Token ist ungültig"

msgid "Validation failed: %(name)s may have %(most)s elements at most"
msgstr "Prüfung fehlgeschlagen: %(name)s hat mehr als %(most)s Teile"
"""


@pytest.fixture(autouse=True)
def german(tmp_path):
    with catalog(tmp_path / "locale", "de", GERMAN):
        yield


@pytest.fixture
def german_ann(as_ann):
    as_ann.headers["Accept-Language"] = "de"
    return as_ann


def test_a_refused_post_says_why_in_the_readers_language(german_ann):
    answer = german_ann.post("/api/v1/statuses", json={"status": ""})

    assert answer.status_code == 422
    assert answer.json() == {
        "error": "Prüfung fehlgeschlagen: Der Text fehlt",
        "details": {"text": [{"error": "ERR_BLANK", "description": "Der Beitrag ist leer."}]},
    }


def test_what_is_not_there_is_missing_in_the_readers_language(german_ann):
    answer = german_ann.get("/api/v1/statuses/17")

    assert (answer.status_code, answer.json()["error"]) == (404, "Nicht gefunden: „Eintrag“")


def test_a_header_describes_an_error_only_in_characters_that_it_can_have(client):
    answer = client.get(
        "/api/v1/accounts/verify_credentials", headers={"Authorization": "Bearer nonsense", "Accept-Language": "de"}
    )

    assert (answer.status_code, answer.json()["error"]) == (401, "Das Token ist ungültig")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Twite", error="invalid_token"'


def test_parameters_that_are_read_in_a_thread_are_refused_in_the_readers_language(german_ann):
    answer = german_ann.post("/api/v1/statuses", json={"status": "a", "media_ids": [str(n) for n in range(300)]})

    assert answer.status_code == 422
    assert answer.json()["error"] == "Prüfung fehlgeschlagen: media_ids hat mehr als 200 Teile"
