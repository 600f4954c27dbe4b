import pytest

from support.moment import NOW
from twite_common.errors import Invalid
from twite_common.services.identity import applications


@pytest.fixture
def register(db):
    def register(**changes):
        given = {"name": "App", "redirect_uris": ["https://app.example/"], "scopes": "read", "website": None} | changes
        return applications.register(db, now=NOW, **given)

    return register


@pytest.mark.parametrize(
    "address",
    [
        "https://app.example/back?from=twite",
        "http://localhost:8080/",
        "com.example.app://oauth",
        "urn:ietf:wg:oauth:2.0:oob",
    ],
)
def test_codes_are_sent_to_pages_apps_and_nowhere(register, address):
    assert register(redirect_uris=[address])


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/back",
        "app.example",
        "https://",
        "https://app.example/#code",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://app.example/\n",
        "https://[app/",
        "https://app.example/" + "x" * 2000,
    ],
)
def test_codes_are_sent_nowhere_else(register, address):
    with pytest.raises(Invalid, match="absolute address without a fragment"):
        register(redirect_uris=["https://app.example/", address])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": " "}, "name can't be blank"),
        ({"name": "x" * 61}, "name is too long"),
        ({"redirect_uris": []}, "Redirect URI can't be blank"),
        ({"redirect_uris": ["https://app.example/"] * 21}, "At most 20"),
        ({"website": "javascript:alert(1)"}, "[Ww]ebsite"),
    ],
)
def test_an_application_that_cannot_be_is_refused(register, changes, message):
    with pytest.raises(Invalid, match=message):
        register(**changes)


def test_each_registration_has_secrets_of_its_own(register):
    first, second = register(), register()

    assert len({*first, *second}) == 6
