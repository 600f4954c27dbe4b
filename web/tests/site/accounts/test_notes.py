"""Private notes about people, on their profiles."""

import pytest


@pytest.fixture
def write(as_ann, bob):
    def write(comment):
        as_ann.open(f"/accounts/{bob.id}/note")
        return as_ann.submit(f"/accounts/{bob.id}/note", {"comment": comment})

    return write


def test_a_note_is_kept_shown_on_the_profile_changed_and_removed(as_ann, bob, write):
    write("Met at the\r\nrepair café")
    shown = as_ann.text
    as_ann.open(f"/accounts/{bob.id}/note")
    typed = as_ann.value("comment")
    write("")

    assert as_ann.path == "/@bob"
    assert "Met at the repair café" in shown
    assert typed == "Met at the\nrepair café"
    assert "repair café" not in as_ann.text


def test_only_its_writer_sees_a_note(as_ann, as_bob, stranger, write):
    write("secret")

    for browser in (as_bob, stranger):
        assert "secret" not in browser.open("/@bob").text


def test_a_note_that_is_too_long_stays_in_its_form(as_ann, write):
    response = write("x" * 2001)

    assert response.status_code == 422
    assert "maximum is 2000 characters" in as_ann.text
    assert as_ann.value("comment") == "x" * 2001


def test_an_account_that_is_not_there_is_not_found(as_ann, stranger, bob):
    assert as_ann.open("/accounts/1/note").status_code == 404
    stranger.open(f"/accounts/{bob.id}/note")
    assert stranger.path == "/login"
