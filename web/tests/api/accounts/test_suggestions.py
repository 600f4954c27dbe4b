"""Accounts that one might want to follow."""

import pytest


@pytest.fixture
def people(api, make_account):
    """Make accounts that want to be found, and return them by name with a client for each."""

    def people(*names):
        made = {name: make_account(name) for name in names}
        clients = {name: api(person) for name, person in made.items()}
        for client in clients.values():
            client.patch("/api/v1/accounts/update_credentials", json={"discoverable": True})
        return made, clients

    return people


@pytest.fixture
def suggested(as_ann):
    def suggested():
        return [one["username"] for one in as_ann.get("/api/v1/suggestions").json()]

    return suggested


def test_friends_of_friends_come_before_the_most_followed(as_ann, people):
    made, clients = people("dot", "eve", "fay", "guy")
    as_ann.post(f"/api/v1/accounts/{made['dot'].id}/follow")
    clients["dot"].post(f"/api/v1/accounts/{made['eve'].id}/follow")
    for name in ("eve", "guy"):
        clients[name].post(f"/api/v1/accounts/{made['fay'].id}/follow")
    found = as_ann.get("/api/v2/suggestions").json()

    assert [(one["account"]["username"], one["source"], one["sources"]) for one in found] == [
        ("eve", "past_interactions", ["friends_of_friends"]),
        ("fay", "global", ["most_followed"]),
        ("guy", "global", ["most_followed"]),
    ]


def test_who_does_not_want_to_be_found_or_is_unwanted_is_not_suggested(as_ann, bob, ann, people, suggested):
    made, clients = people("dot", "eve", "fay")
    as_ann.post(f"/api/v1/accounts/{made['dot'].id}/mute")
    as_ann.post(f"/api/v1/accounts/{made['eve'].id}/block")
    clients["fay"].post(f"/api/v1/accounts/{ann.id}/block")

    assert suggested() == []


def test_a_dismissed_suggestion_does_not_come_back(as_ann, people, suggested):
    made, _ = people("dot", "eve")
    before = suggested()
    answer = as_ann.delete(f"/api/v1/suggestions/{made['dot'].id}")
    as_ann.delete(f"/api/v1/suggestions/{made['dot'].id}")

    assert (before, suggested(), answer.json()) == (["dot", "eve"], ["eve"], {})


@pytest.mark.parametrize("unknown", ["1", "x"])
def test_dismissing_somebody_unknown_is_no_error(as_ann, unknown):
    assert as_ann.delete(f"/api/v1/suggestions/{unknown}").status_code == 200
