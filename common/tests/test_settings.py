import pytest

from twite_common import settings
from twite_common.settings import InvalidSettings, Settings


def problems(tmp_path, **variables):
    with pytest.raises(InvalidSettings) as refused:
        settings.load(tmp_path, {f"TWITE_{name}": value for name, value in variables.items()})
    return refused.value.problems


def test_without_anything_everything_has_a_default(tmp_path):
    found = settings.load(tmp_path, {})

    assert found == Settings(data=tmp_path)
    assert found.database_url == f"sqlite:///{tmp_path}/twite.sqlite"
    assert found.domain == "127.0.0.1:8000"


def test_variables_win_over_the_file_and_both_over_the_default(tmp_path):
    (tmp_path / "twite.toml").write_text('site_name = "File"\nport = 9000\nlanguages = ["de", "en"]\n')
    found = settings.load(tmp_path, {"TWITE_PORT": "9001", "TWITE_TRUSTED_PROXIES": "10.0.0.0/8, 127.0.0.1"})

    assert (found.site_name, found.port, found.languages) == ("File", 9001, ["de", "en"])
    assert found.trusted_proxies == ["10.0.0.0/8", "127.0.0.1"]


def test_the_address_follows_the_port_unless_it_is_set(tmp_path):
    addresses = [
        settings.load(tmp_path, environment).base_url
        for environment in ({"TWITE_PORT": "9001"}, {"TWITE_PORT": "9001", "TWITE_BASE_URL": "http://127.0.0.1:8000"})
    ]

    assert addresses == ["http://127.0.0.1:9001", "http://127.0.0.1:8000"]


@pytest.mark.parametrize(
    "address", ["mysql://host/twite", "postgresql://host:port/twite", "postgresql://[::1/twite", "x"]
)
def test_an_address_that_cannot_be_one_is_named(tmp_path, address):
    assert [problem.split(":")[0] for problem in problems(tmp_path, DATABASE=address)] == ["database"]


def test_the_data_folder_comes_from_its_variable(tmp_path):
    assert settings.load(environ={"TWITE_DATA": str(tmp_path)}).data == tmp_path


def test_every_setting_that_does_not_parse_is_named_with_what_is_expected(tmp_path):
    found = problems(tmp_path, PORT="x", REGISTRATION="maybe", BASE_URL="example.org", TRUSTED_PROXIES="nearby")

    assert len(found) == 4
    assert {problem.split(":")[0] for problem in found} == {"port", "registration", "base_url", "trusted_proxies"}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "many", "a whole number from 1 to 65535"),
        ("SECOND_FACTOR_FOR", "administrators, everybody", "administrators or moderators (it is 'everybody')"),
        ("SECOND_FACTOR_GRACE_DAYS", "-1", "a whole number from 0 to 365"),
        ("LIMIT_POSTS", "-1", "a whole number of 0 or more"),
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING or ERROR"),
        ("RATE_LIMITS", "no", "on or off"),
        ("ALLOW_PRIVATE_ADDRESSES", "maybe", "true or false"),
        ("SITE_NAME", "", "text of 1 to 60 characters"),
        ("BASE_URL", "https://user:word@twite.example", "http:// or https:// and a host"),
        ("BASE_URL", "https://twite.example?x=y", "http:// or https:// and a host"),
        ("HOSTS", "www.twite.example, https://twite.example", "a host name"),
        ("HOSTS", "one two", "a host name"),
        ("HOSTS", "twite.example:8000", "a host name"),
        ("BASE_URL", "https://münchen.example", "http:// or https:// and a host in ASCII"),
        ("LANGUAGES", "English", "a language's code such as en"),
        ("LANGUAGES", "", "at least one"),
        ("MAIL_FROM", "Twite <twite@twite.example>", "an e-mail address"),
        ("CONTACT_EMAIL", "somebody", "an e-mail address"),
        ("MEDIA_STORAGE", "https://key:hush@host/bucket", "an address that starts with one of s3://"),
        ("MEDIA_STORAGE", "s3://host/bucket", "a key, its secret and a host"),
        ("MEDIA_STORAGE", "s3://key:hush@host", "a bucket's name behind the host"),
        ("MEDIA_STORAGE", "s3://key:hush@host/bucket?endpoint=hush", "nothing behind a ? but the region"),
        ("MEDIA_FALLBACK", "s3://key@host/bucket", "a key, its secret and a host"),
        ("MEDIA_BASE_URL", "cdn.example", "http:// or https://, a host in ASCII"),
        ("MEDIA_BASE_URL", "https://cdn.example/; script-src *", "http:// or https://, a host in ASCII"),
    ],
)
def test_what_is_expected_of_a_setting_is_said_in_words(tmp_path, name, value, expected):
    (problem,) = problems(tmp_path, **{name: value})

    assert problem.startswith(f"{name.lower()}: expected {expected}")


@pytest.mark.parametrize(
    "address",
    [
        "s3://AKIA:a%2Fb%2Bc@s3.eu-central-1.amazonaws.com/twite?region=eu-central-1",
        "s3+http://key:secret@127.0.0.1:9000/twite/media/of/twite",
        "s3://key:secret@[::1]:9000/twite/",
    ],
)
def test_media_may_be_in_a_bucket(tmp_path, address):
    assert settings.load(tmp_path, {"TWITE_MEDIA_STORAGE": address}).media_storage == address


def test_a_secret_that_is_written_wrongly_is_not_said(tmp_path):
    for address in ("s3://key:hu/sh@host/bucket", "s3://key:hush@host/b?hush#hush"):
        (problem, *_) = problems(tmp_path, MEDIA_STORAGE=address)
        assert problem.startswith("media_storage: ")
        assert not [part for part in ("hush", "hu/sh") if part in problem]


def test_mail_may_come_from_an_international_domain(tmp_path):
    found = settings.load(tmp_path, {"TWITE_MAIL_FROM": "Post@Größe.example"})

    assert found.sender == "Post@xn--gre-6ka8i.example"


@pytest.mark.parametrize(
    ("address", "said"), [("größe@twite.example", "smtp_utf8"), ("post@-.example", "isn't a server's name")]
)
def test_mail_can_not_come_from_where_no_mail_server_takes_it(tmp_path, address, said):
    (problem,) = problems(tmp_path, MAIL_FROM=address)

    assert said in problem
    assert settings.load(tmp_path, {"TWITE_MAIL_FROM": "größe@twite.example", "TWITE_SMTP_UTF8": "true"}).smtp_utf8


@pytest.mark.parametrize("name", ["SITE_NAME", "SMTP", "MAIL_FROM"])
def test_a_setting_that_could_break_the_head_of_a_mail_is_refused(tmp_path, name):
    assert any("line breaks" in problem for problem in problems(tmp_path, **{name: "smtp://a@example\nBcc: b@example"}))


def test_a_description_may_have_several_lines(tmp_path):
    assert settings.load(tmp_path, {"TWITE_SITE_DESCRIPTION": "One.\nTwo."}).site_description == "One.\nTwo."


@pytest.mark.parametrize(
    "address", ["http://localhost", "https://[::1]:8443", "https://xn--mnchen-3ya.example", "http://a_b:80"]
)
def test_the_address_may_have_any_host(tmp_path, address):
    assert settings.load(tmp_path, {"TWITE_BASE_URL": address}).base_url == address


def test_unknown_settings_are_named(tmp_path):
    (tmp_path / "twite.toml").write_text("colour = 1\n")
    found = problems(tmp_path, COLOR="red")

    assert [("colour" in problem, "TWITE_COLOR" in problem) for problem in found] == [(True, False), (False, True)]


def test_a_file_that_is_not_toml_is_named(tmp_path):
    (tmp_path / "twite.toml").write_text("= broken")

    assert "isn't valid TOML" in problems(tmp_path)[0]


@pytest.mark.parametrize("name", sorted(settings.SECRETS))
def test_a_setting_that_may_hold_a_password_is_never_repeated(tmp_path, name):
    environment = {f"TWITE_{name.upper()}": "ftp://user:hush@host", "TWITE_PORT": "0"}
    with pytest.raises(InvalidSettings) as refused:
        settings.load(tmp_path, environment)

    assert "hush" not in str(refused.value)


def test_every_setting_is_described():
    found = settings.descriptions()

    assert {name for name, _, _ in found} == set(Settings.__struct_fields__)
    assert all(meaning.endswith(".") for _, _, meaning in found)
