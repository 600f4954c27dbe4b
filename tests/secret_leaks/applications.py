"""What people let applications and scripts do."""

import base64
import secrets
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from secret_leaks.story import Story

ELSEWHERE = "http://client.example/callback"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"


def somebody_makes_a_token(story: Story) -> None:
    page = "/settings/applications"
    story.bob.open(page)
    story.bob.submit(f"{page}/tokens", {"name": "script", "read": "true", "write": "true"})
    token = story.secrets.add("personal token", story.bob.page.find("code").text)
    api = f"{story.site.base_url}/api/v1"
    by_header = httpx.get(f"{api}/timelines/home", headers={"Authorization": f"Bearer {token}"})
    by_query = httpx.get(f"{api}/timelines/home", params={"access_token": token})
    story.bob.open(page)
    story.bob.submit(next(action for action in story.bob.actions() if action.startswith(f"{page}/tokens/")))

    assert (by_header.status_code, by_query.status_code) == (200, 401)


def an_application_is_let_in(story: Story) -> None:
    client = story.browser().client
    asked = {"client_name": "App", "redirect_uris": f"{ELSEWHERE} {OUT_OF_BAND}", "scopes": "read offline_access"}
    app = client.post("/api/v1/apps", json=asked).json()
    keys = {"client_id": app["client_id"], "client_secret": story.secrets.add("client secret", app["client_secret"])}
    verifier = story.secrets.add("PKCE verifier", secrets.token_hex(32))
    code = allow(story, app["client_id"], ELSEWHERE, verifier)
    shown = allow(story, app["client_id"], OUT_OF_BAND, verifier)
    sent = {"grant_type": "authorization_code", "redirect_uri": ELSEWHERE, "code_verifier": verifier}
    wrong = client.post("/oauth/token", data=sent | keys | {"code": shown})
    first = tokens(story, client.post("/oauth/token", data=sent | keys | {"code": code}))
    renew = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    basic = (keys["client_id"], keys["client_secret"])
    second = tokens(story, client.post("/oauth/token", data=renew, auth=basic))
    tokens(story, client.post("/oauth/token", json=keys | {"grant_type": "client_credentials", "scope": "read"}))
    used = [
        client.get("/oauth/userinfo", headers={"Authorization": f"Bearer {second['access_token']}"}),
        client.post("/oauth/revoke", data=keys | {"token": second["access_token"]}),
        client.post("/oauth/token", data=renew | keys),
        client.post("/oauth/token", data=sent | keys | {"code": code}),
    ]

    assert wrong.status_code == 400
    assert [answer.status_code for answer in used] == [200, 200, 400, 400]


def a_device_is_let_in(story: Story) -> None:
    client = story.browser().client
    asked = {"client_name": "Television", "redirect_uris": OUT_OF_BAND, "scopes": "read offline_access"}
    app = client.post("/api/v1/apps", json=asked).json()
    keys = {"client_id": app["client_id"], "client_secret": story.secrets.add("client secret", app["client_secret"])}
    begun = client.post("/oauth/device_authorization", data=keys | {"scope": "read offline_access"}).json()
    story.secrets.add("device code", begun["device_code"])
    user_code = story.secrets.add("user code", begun["user_code"])
    story.ann.open("/device")
    story.ann.submit("/device", {"user_code": "BBBB-BBBB"})
    story.ann.submit("/device", {"user_code": user_code})
    form = story.ann.form("/device", "decision")
    fields = {str(field["name"]): str(field["value"]) for field in form.find_all("input")} | {"decision": "approve"}
    answered = story.ann.client.post("/device", data=fields)
    sent = keys | {"grant_type": DEVICE_GRANT, "device_code": begun["device_code"]}
    given = tokens(story, client.post("/oauth/token", data=sent))
    told = client.post("/oauth/introspect", data=keys | {"token": given["access_token"]}).json()
    again = client.post("/oauth/token", data=sent)

    assert (answered.status_code, told["active"], again.status_code) == (303, True, 400)


def allow(story: Story, client_id: str, redirect_uri: str, verifier: str) -> str:
    challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"response_type": "code", "client_id": client_id, "redirect_uri": redirect_uri, "state": "s"}
    asked |= {"scope": "read offline_access", "code_challenge": challenge, "code_challenge_method": "S256"}
    story.ann.open(f"/oauth/authorize?{urlencode(asked)}")
    form = story.ann.form("/oauth/authorize")
    fields = {str(field["name"]): str(field["value"]) for field in form.find_all("input")} | {"decision": "approve"}
    location = story.ann.client.post("/oauth/authorize", data=fields).headers["location"]
    if redirect_uri == OUT_OF_BAND:
        story.ann.open(location)
    return story.secrets.add("authorization code", parse_qs(urlsplit(location).query)["code"][0])


def tokens(story: Story, answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    given: dict[str, str] = answer.json()
    story.secrets.add("access token", given["access_token"])
    if "refresh_token" in given:
        story.secrets.add("refresh token", given["refresh_token"])
    return given
