import pytest

from twite_common import clock, outbox


@pytest.fixture
def parked(database):
    now = clock.now()
    with database.writing() as db:
        id = outbox.add(db, "post.published", now=now, post_id=1)
        for _ in range(len(outbox.DELAYS_MS) + 1):
            outbox.fail(db, id, "The disk is full", now=now)
    return id


def test_the_outbox_is_listed_with_what_went_wrong(twite, database, parked):
    with database.writing() as db:
        waiting = outbox.add(db, "account.followed", now=clock.now())
    shown = [line.split("\t") for line in twite("events list").output.splitlines()]

    assert shown == [
        [str(parked), "post.published", "8", "parked", "The disk is full"],
        [str(waiting), "account.followed", "0", "waiting", ""],
    ]


def test_a_parked_event_is_tried_again_and_its_message_sent(twite, data, parked):
    retried = twite("events retry", str(parked))

    assert (retried.exit_code, twite("events list").output.split("\t")[3]) == (0, "waiting")
    assert len(list((data / "broker" / "messages").iterdir())) == 1


def test_an_event_is_dropped(twite, parked):
    dropped = twite("events drop", str(parked))

    assert (dropped.exit_code, twite("events list").output) == (0, "")


@pytest.mark.parametrize("command", ["events retry", "events drop", "token revoke"])
@pytest.mark.parametrize("number", ["0", "99999999999999999999", "x"])
def test_a_number_that_no_row_can_have_is_refused(twite, command, number):
    refused = twite(command, number)

    assert refused.exit_code == 2
    assert "Invalid value for 'ID'" in refused.stderr


def test_a_list_that_is_cut_off_says_so(twite, database):
    with database.writing() as db:
        for _ in range(1001):
            outbox.add(db, "account.followed", now=clock.now())
    shown = twite("events list")

    assert len(shown.stdout.splitlines()) == 1000
    assert "there are more" in shown.stderr
