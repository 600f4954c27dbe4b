"""The application behind a token."""

import pytest


def test_a_personal_token_is_shown_as_an_application_of_its_own(api, ann):
    client = api(ann, "read write:statuses")
    shown = client.get("/api/v1/apps/verify_credentials").json()

    assert (shown["name"], shown["website"], shown["scopes"]) == ("test", None, ["read", "write:statuses"])
    assert (shown["redirect_uris"], shown["redirect_uri"]) == ([], "")
    assert shown["id"].isdigit()
    assert shown["vapid_key"]


@pytest.mark.parametrize("uris", ["urn:ietf:wg:oauth:2.0:oob", "https://a.example/x https://a.example/y"])
def test_an_application_is_shown_as_it_was_registered(stranger, uris):
    form = {"client_name": "App", "redirect_uris": uris, "scopes": "read push", "website": "https://a.example"}
    made = stranger.post("/api/v1/apps", data=form).json()
    identity = {"client_id": made["client_id"], "client_secret": made["client_secret"]}
    token = stranger.post("/oauth/token", data={"grant_type": "client_credentials", **identity}).json()
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    shown = stranger.get("/api/v1/apps/verify_credentials", headers=bearer).json()

    assert shown == {name: made[name] for name in shown}
    assert (shown["name"], shown["redirect_uris"]) == ("App", uris.split())
