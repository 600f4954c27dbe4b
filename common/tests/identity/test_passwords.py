"""New passwords: which are refused, and what is looked at."""

import time
from contextlib import suppress

import pytest

from twite_common.errors import Invalid
from twite_common.passwords import checked_password

ABOUT = ("heather", "heather.moor@mail.example", "The Finches")


@pytest.mark.parametrize(
    "password",
    [
        *("password", "Password1", "12345678", " " * 8, "qwertyuiop", "1q2w3e4r5t", "aaaaaaaaaaaa", "iloveyou2024"),
        *(
            "11.11.1990",
            "猫猫猫猫猫猫猫猫",
            "heather1",
            "HEATHER99",
            "thefinches",
            "heather.moor",
            "finches2026",
            "x" * 1024,
        ),
    ],
)
def test_what_a_stranger_would_soon_guess_is_refused(password):
    with pytest.raises(Invalid) as refused:
        checked_password(password, about=ABOUT)

    assert refused.value.details["password"][0][0] == "ERR_INVALID"


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "a long enough one", "Tr0ub4dour&3", "ünïcödé pässwörd", "kX9#vLq2", "猫と箱と梅雨の空"],
)
def test_others_are_taken(password):
    assert checked_password(password, about=ABOUT) == password


@pytest.mark.parametrize(
    ("password", "code"), [("", "ERR_BLANK"), ("kX9#vLq", "ERR_TOO_SHORT"), ("ab1" * 400, "ERR_TOO_LONG")]
)
def test_short_and_very_long_ones_are_refused_for_that(password, code):
    with pytest.raises(Invalid) as refused:
        checked_password(password, about=ABOUT)

    assert refused.value.details["password"][0][0] == code


@pytest.mark.parametrize("part", ["1lI|0oO5s$4a@", "a", "@1", "qwerty"])
def test_no_password_takes_long_to_look_at(part):
    password = (part * 1024)[:1024]
    started = time.process_time()
    with suppress(Invalid):
        checked_password(password, about=[part * 100] * 3)

    assert time.process_time() - started < 2
