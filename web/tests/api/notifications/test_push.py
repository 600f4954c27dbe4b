"""Web Push: what a device is subscribed to."""

import base64
import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from twite_common.secret import public_point

ADDRESS = "/api/v1/push/subscription"


def encoded(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


KEYS = {"p256dh": encoded(public_point(ec.generate_private_key(ec.SECP256R1()))), "auth": encoded(os.urandom(16))}
FORM = {
    "subscription[endpoint]": "https://push.example/send/1",
    "subscription[keys][p256dh]": KEYS["p256dh"],
    "subscription[keys][auth]": KEYS["auth"],
}


def test_a_device_is_subscribed_asked_for_changed_and_forgotten(as_ann):
    alerts = {"data[alerts][mention]": "true", "data[alerts][reblog]": "1", "data[alerts][admin.sign_up]": "false"}
    made = as_ann.post(ADDRESS, data={**FORM, **alerts, "data[policy]": "followed"}).json()
    changed = as_ann.put(ADDRESS, json={"data": {"alerts": {"poll": True}}, "policy": "none"}).json()
    asked = as_ann.get(ADDRESS).json()
    forgotten = as_ann.delete(ADDRESS)

    assert {name for name, wanted in made["alerts"].items() if wanted} == {"mention", "reblog"}
    assert (made["endpoint"], made["policy"], made["standard"]) == ("https://push.example/send/1", "followed", False)
    assert {name for name, wanted in changed["alerts"].items() if wanted} == {"poll"}
    assert (changed["policy"], asked) == ("none", changed)
    assert (forgotten.status_code, forgotten.json(), as_ann.get(ADDRESS).status_code) == (200, {}, 404)


def test_the_sites_key_is_the_same_everywhere(as_ann, stranger):
    key = stranger.get("/api/v2/instance").json()["configuration"]["vapid"]["public_key"]
    made = as_ann.post(ADDRESS, data=FORM).json()
    application = stranger.post("/api/v1/apps", data={"client_name": "x", "redirect_uris": "https://x.example"}).json()

    assert len(base64.urlsafe_b64decode(key)) == 65
    assert made["server_key"] == application["vapid_key"] == key


def test_the_same_token_has_one_device(as_ann):
    first = as_ann.post(ADDRESS, data=FORM).json()
    second = as_ann.post(ADDRESS, data={**FORM, "subscription[endpoint]": "https://push.example/2"}).json()

    assert first["id"] != second["id"]
    assert all(isinstance(one["id"], int) and 0 <= one["id"] < 2**31 for one in (first, second))
    assert as_ann.get(ADDRESS).json() == second


@pytest.mark.parametrize(
    "wrong",
    [
        {"subscription[endpoint]": ""},
        {"subscription[endpoint]": "http://push.example/"},
        {"subscription[endpoint]": "https://[/"},
        {"subscription[endpoint]": "https://push.example/\n"},
        {"subscription[keys][p256dh]": "AAAA"},
        {"subscription[keys][p256dh]": "!"},
        {"subscription[keys][auth]": "AAAA"},
        {"data[policy]": "some"},
    ],
)
def test_what_cannot_be_a_device_is_refused(as_ann, wrong):
    assert as_ann.post(ADDRESS, data={**FORM, **wrong}).status_code == 422
    assert as_ann.get(ADDRESS).status_code == 404


def test_pushing_needs_its_scope(api, ann):
    without = api(ann, scopes="read write follow")

    assert [without.get(ADDRESS).status_code, without.post(ADDRESS, data=FORM).status_code] == [403, 403]


def test_there_must_be_a_device_to_be_changed(as_ann):
    assert as_ann.put(ADDRESS, json={"data": {"policy": "all"}}).status_code == 404
