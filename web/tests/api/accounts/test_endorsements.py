"""Featured accounts, and notes about accounts."""

import pytest


@pytest.fixture
def to_bob(as_ann, bob):
    """Do something to Bob and return the answer."""

    def to_bob(action, **fields):
        return as_ann.post(f"/api/v1/accounts/{bob.id}/{action}", json=fields)

    return to_bob


@pytest.fixture
def featured(stranger, ann):
    """Return the names of those whom Ann features, as everybody sees them."""

    def featured():
        return [one["username"] for one in stranger.get(f"/api/v1/accounts/{ann.id}/endorsements").json()]

    return featured


@pytest.mark.parametrize(("do", "undo"), [("endorse", "unendorse"), ("pin", "unpin")])
def test_who_is_endorsed_is_shown_on_the_profile(as_ann, to_bob, featured, do, undo):
    to_bob("follow")
    endorsed = to_bob(do).json()["endorsed"]
    shown = (featured(), [one["username"] for one in as_ann.get("/api/v1/endorsements").json()])
    unendorsed = to_bob(undo).json()["endorsed"]

    assert (endorsed, unendorsed) == (True, False)
    assert (shown, featured()) == ((["bob"], ["bob"]), [])


def test_only_who_is_followed_can_be_endorsed(to_bob, featured):
    refused = to_bob("endorse")

    assert refused.status_code == 422
    assert refused.json()["error"] == "Validation failed: You must be already following the person you want to endorse"
    assert featured() == []


@pytest.mark.parametrize("ending", ["unfollow", "block"])
def test_what_ends_following_ends_endorsing(to_bob, featured, ending):
    to_bob("follow")
    to_bob("endorse")
    to_bob(ending)

    assert featured() == []


def test_a_note_is_only_its_writers(as_ann, as_bob, ann, bob, to_bob):
    written = to_bob("note", comment="Met at the harbour").json()["note"]
    read = as_ann.get("/api/v1/accounts/relationships", params={"id[]": str(bob.id)}).json()[0]["note"]
    of_bob = as_bob.get("/api/v1/accounts/relationships", params={"id[]": str(ann.id)}).json()[0]["note"]
    to_bob("note", comment="Met twice")
    cleared = to_bob("note", comment="").json()["note"]

    assert (written, read, of_bob, cleared) == ("Met at the harbour", "Met at the harbour", "", "")


def test_a_note_that_is_too_long_is_refused(to_bob):
    assert to_bob("note", comment="x" * 2001).status_code == 422
    assert to_bob("note", comment="x" * 2000).status_code == 200
