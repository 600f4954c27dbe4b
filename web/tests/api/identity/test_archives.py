"""Archives through the API."""

from support import authenticator
from support.site_under_test import PASSWORD

PATH = "/api/v1/archives"


def test_one_is_asked_for_with_the_password(as_ann):
    refused = as_ann.post(PATH, json={})
    asked = as_ann.post(PATH, json={"current_password": PASSWORD})
    twice = as_ann.post(PATH, json={"current_password": PASSWORD})

    assert (refused.status_code, asked.status_code, twice.status_code) == (422, 200, 409)
    assert (asked.json()["state"], asked.json()["progress"], asked.json()["url"]) == ("waiting", 0, None)
    assert as_ann.get(PATH).json() == [asked.json()]
    assert as_ann.get(f"{PATH}/{asked.json()['id']}").json() == asked.json()


def test_with_a_second_factor_it_takes_a_code(as_ann, database, settings, ann):
    app = authenticator.set_up(database, settings, ann.id)
    with_password = as_ann.post(PATH, json={"current_password": PASSWORD})

    assert with_password.status_code == 422
    assert as_ann.post(PATH, json={"current_code": app.code()}).status_code == 200


def test_it_is_the_owners_alone(as_ann, as_bob):
    id = as_ann.post(PATH, json={"current_password": PASSWORD}).json()["id"]

    assert (as_bob.get(PATH).json(), as_bob.get(f"{PATH}/{id}").status_code) == ([], 404)
    assert as_bob.delete(f"{PATH}/{id}").status_code == 404
    assert (as_ann.delete(f"{PATH}/{id}").json(), as_ann.get(PATH).json()) == ({}, [])
