"""Servers that one blocks."""

import pytest

PATH = "/api/v1/domain_blocks"


def test_blocked_servers_are_listed_and_paged(as_ann, as_bob):
    for domain in ("one.example", "@Two.Example", "bücher.example", "one.example"):
        assert as_ann.post(PATH, data={"domain": domain}).json() == {}
    first = as_ann.get(PATH, params={"limit": 2})
    rest = as_ann.get(first.links["next"]["url"]).json()

    assert first.json() + rest == ["xn--bcher-kva.example", "two.example", "one.example"]
    assert as_bob.get(PATH).json() == []


@pytest.mark.parametrize("place", ["params", "data"])
def test_a_block_is_taken_back_by_query_or_body(as_ann, place):
    as_ann.post(PATH, json={"domain": "one.example"})
    answer = as_ann.request("DELETE", PATH, **{place: {"domain": "one.example"}})

    assert (answer.json(), as_ann.get(PATH).json()) == ({}, [])


@pytest.mark.parametrize("domain", ["", "no dots", "a b.example", "-x.example", "x" * 260 + ".example", "a..b"])
def test_what_is_no_server_is_refused(as_ann, domain):
    refused = as_ann.post(PATH, json={"domain": domain})

    assert refused.status_code == 422
    assert refused.json()["error"].startswith("Validation failed: Domain")


def test_blocking_a_server_would_end_no_follow(as_ann):
    preview = as_ann.get(f"{PATH}/preview", params={"domain": "one.example"}).json()

    assert preview == {"following_count": 0, "followers_count": 0}
