"""The settings: one frozen struct, read once at start and passed down.

They come from `TWITE_…` variables, then from `twite.toml` in the data folder, then from the defaults here.
"""

import os
import tomllib
import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from twite_common import domains, settings_checks
from twite_common.errors import TwiteError

Registration = Literal["open", "approval", "invitation", "closed"]


class InvalidSettings(TwiteError):
    """Some settings can't be used; `problems` has a sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _meta(description: str, **bounds: Any) -> Meta:
    return Meta(description=description, **bounds)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that an operator can choose. Each field's description is what `twite settings` prints."""

    data: Annotated[Path, _meta("Folder for all of Twite's data.")] = Path("data")
    base_url: Annotated[str, _meta("The site's public URL, without a path. Default: localhost with the port.")] = (
        "http://127.0.0.1:8000"
    )
    hosts: Annotated[list[str], _meta("Host names the site answers to, in addition to the one in base_url.")] = []
    host: Annotated[str, _meta("Network address that `twite run` and `twite web` listen on.")] = "127.0.0.1"
    port: Annotated[int, _meta("Port that `twite run` and `twite web` listen on.", ge=1, le=65535)] = 8000
    web_processes: Annotated[int, _meta("Number of web processes.", ge=1, le=64)] = 1
    threads: Annotated[int, _meta("Requests that one web process handles at once.", ge=1, le=256)] = 32
    trusted_proxies: Annotated[
        list[str], _meta("Networks whose X-Forwarded-For and X-Forwarded-Proto headers are trusted.")
    ] = []

    database: Annotated[str, _meta("Database, as a SQLAlchemy address. Empty: an SQLite file in the data folder.")] = ""
    database_replica: Annotated[
        str, _meta("PostgreSQL that follows the database, for reading timelines and what strangers see. Empty: none.")
    ] = ""
    database_writers: Annotated[
        int, _meta("Write transactions that one process runs at once on PostgreSQL.", ge=1, le=64)
    ] = 4
    sqlite_synchronous: Annotated[
        Literal["FULL", "NORMAL"],
        _meta("SQLite: FULL survives a power failure; NORMAL may lose the last second."),
    ] = "FULL"
    broker: Annotated[str, _meta("Broker, as amqp:// or redis:// address. Empty: a folder in the data folder.")] = ""
    redis: Annotated[
        str,
        _meta("Redis that tells web processes of news for streams, as redis:// address. Empty: the database does."),
    ] = ""

    media_storage: Annotated[
        str,
        _meta(
            "Where uploaded files are kept: s3://key:secret@host/bucket?region=name, or s3+http://… without TLS. "
            "Empty: in the data folder."
        ),
    ] = ""
    media_fallback: Annotated[
        str, _meta("Bucket that files are still read from, until `twite media move` has moved them to media_storage.")
    ] = ""
    media_base_url: Annotated[
        str, _meta("URL under which browsers get media files, a CDN's for example. Empty: the site's own, with /media.")
    ] = ""

    site_name: Annotated[str, _meta("The site's name.", min_length=1, max_length=60)] = "Twite"
    site_description: Annotated[str, _meta("What the site is, in a sentence or two.", max_length=500)] = (
        "A small place for short posts."
    )
    contact_email: Annotated[str, _meta("E-mail address for contacting the site's staff.")] = ""
    registration: Annotated[Registration, _meta("Who may sign up: open, approval, invitation or closed.")] = "open"
    search_by_default: Annotated[
        bool, _meta("Whether new members' public posts are searchable by other members, unless they opt out.")
    ] = True
    languages: Annotated[list[str], _meta("The site's languages, the default one first.")] = msgspec.field(
        default_factory=lambda: ["en"]
    )
    post_characters: Annotated[int, _meta("Maximum number of characters in a post.", ge=1, le=100_000)] = 500

    smtp: Annotated[
        str,
        _meta(
            "Mail server: smtp://user:password@host:port, smtp+starttls://… or smtps://…. "
            "Empty: mail is written to the data folder."
        ),
    ] = ""
    smtp_utf8: Annotated[
        bool,
        _meta(
            "Whether the mail server accepts non-ASCII characters before the @ (SMTPUTF8); "
            "`twite check` tests this. false: such addresses are refused."
        ),
    ] = False
    mail_from: Annotated[str, _meta("Sender of all e-mail. Empty: twite@ and the site's domain.")] = ""
    mail_bounces: Annotated[
        str,
        _meta(
            "Address that mail comes back to if it can't be delivered; each mail has its own, with a plus and a "
            "signature before the @. What arrives there goes to `twite mail bounce`. Empty: it comes back to mail_from."
        ),
    ] = ""
    mail_bounces_mailbox: Annotated[
        str,
        _meta(
            "Mailbox of mail_bounces that the worker reads: imaps://user:password@host/INBOX, imap+starttls://… or "
            "imap://…. Empty: `twite mail bounce` is used."
        ),
    ] = ""
    mails_per_day: Annotated[int, _meta("Mails that are sent in a day (UTC); the rest waits. 0: no limit.", ge=0)] = 0
    dkim_selector: Annotated[
        str, _meta("Selector of the mail server's DKIM key, for /admin/mails. Empty: common ones are tried.")
    ] = ""
    mention_mail_seconds: Annotated[
        int, _meta("After an e-mail about a post, further ones are batched for this long.", ge=0)
    ] = 600
    digest_hour: Annotated[int, _meta("Hour of the day, in UTC, from which digests are sent.", ge=0, le=23)] = 8

    password_time_cost: Annotated[int, _meta("argon2id: passes over the memory.", ge=1, le=100)] = 2
    password_memory_kib: Annotated[int, _meta("argon2id: memory, in KiB.", ge=8, le=4_194_304)] = 19456
    password_parallelism: Annotated[int, _meta("argon2id: lanes.", ge=1, le=64)] = 1
    secret_key: Annotated[
        str, _meta("Key that signs links and forms. Empty: generated once and kept in the data folder.")
    ] = ""
    login_attempts: Annotated[
        int, _meta("Failed logins for one account or address in five minutes; 0: no limit.", ge=0)
    ] = 25
    sign_up_puzzle: Annotated[
        Literal["off", "flood", "always"],
        _meta(
            "When browsers solve a puzzle to sign up, or people answer the question from /admin/sign-ups: always, off, "
            "or flood: while there are more than 20 new accounts an hour."
        ),
    ] = "flood"
    signups: Annotated[int, _meta("Sign-ups from one address in half an hour; 0: no limit.", ge=0)] = 5
    rate_limits: Annotated[
        Literal["on", "off"], _meta("off: no limits on requests, logins and sign-ups, whatever the other settings say.")
    ] = "on"
    limit_account: Annotated[int, _meta("API requests by one account in five minutes; 0: no limit.", ge=0)] = 1500
    limit_token: Annotated[int, _meta("API requests with one token in five minutes; 0: no limit.", ge=0)] = 300
    limit_address: Annotated[
        int, _meta("Unauthenticated API requests from one address in five minutes; 0: no limit.", ge=0)
    ] = 300
    limit_pages: Annotated[
        int, _meta("Further pages of lists for one account or address in 15 minutes; 0: no limit.", ge=0)
    ] = 300
    limit_uploads: Annotated[int, _meta("Files that one account uploads in half an hour; 0: no limit.", ge=0)] = 30
    limit_deletions: Annotated[
        int, _meta("Posts deleted and boosts undone by one account in half an hour; 0: no limit.", ge=0)
    ] = 30
    limit_posts: Annotated[int, _meta("New posts by one account in three hours; 0: no limit.", ge=0)] = 300
    limit_edits: Annotated[int, _meta("Edits of one account's posts in three hours; 0: no limit.", ge=0)] = 300
    limit_follows: Annotated[int, _meta("Follows by one account in a day; 0: no limit.", ge=0)] = 400
    limit_reports: Annotated[int, _meta("Reports by one account in a day; 0: no limit.", ge=0)] = 400
    limit_streams_account: Annotated[
        int, _meta("Streams that one account listens to at once in one web process; 0: no limit.", ge=0)
    ] = 40
    limit_streams_address: Annotated[
        int, _meta("Streams that one address listens to at once in one web process; 0: no limit.", ge=0)
    ] = 200
    limit_oauth: Annotated[
        int,
        _meta(
            "Tokens that one account gets, requests by one application for itself, and refused requests of one "
            "address, in five minutes; 0: no limit.",
            ge=0,
        ),
    ] = 300
    require_pkce: Annotated[
        bool, _meta("Whether applications must use PKCE (S256) to be let in; older ones can't.")
    ] = False
    limit_apps: Annotated[
        int, _meta("Applications that one address or account registers in half an hour; 0: no limit.", ge=0)
    ] = 60
    limit_mails: Annotated[
        int,
        _meta(
            "Mails with a link (new password, confirmation, new address) that one address or account asks for in an "
            "hour; 0: no limit.",
            ge=0,
        ),
    ] = 10
    new_account_hours: Annotated[
        int,
        _meta(
            "Hours for which a new account can cause mail to at most ten people who don't follow it; "
            "what is over waits in their daily digests. 0: no limit.",
            ge=0,
            le=720,
        ),
    ] = 24
    second_factor_for: Annotated[
        list[str],
        _meta("Who needs a second factor for what their role allows: administrators, moderators, both or nobody."),
    ] = []
    second_factor_grace_days: Annotated[
        int, _meta("Days that those have to set it up, after they were told by e-mail.", ge=0, le=365)
    ] = 14
    login_links: Annotated[
        bool, _meta("Whether people can log in with a link from a mail, instead of their password.")
    ] = False
    session_days: Annotated[int, _meta("Days after which an unused session ends.", ge=1, le=3650)] = 90

    timeline_length: Annotated[int, _meta("Posts kept in a home timeline.", ge=40, le=100_000)] = 800
    fanout_at_once: Annotated[
        int, _meta("Up to this many followers, a post reaches their timelines before the request is answered.", ge=0)
    ] = 1000
    fanout_limit: Annotated[
        int, _meta("Beyond this many followers, posts are merged in when a timeline is read.", ge=0)
    ] = 20_000
    allow_private_addresses: Annotated[
        bool, _meta("Whether link previews, profile links and pushes may connect to private networks.")
    ] = False
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], _meta("Log level: DEBUG, INFO, WARNING or ERROR.")
    ] = "INFO"

    def limit(self, name: str) -> int:
        """Return a limit by the name of its setting; 0, which is none, where limits are switched off."""
        limit: int = getattr(self, name)
        return limit if self.rate_limits == "on" else 0

    @property
    def domain(self) -> str:
        """Host name of the site, with the port where it isn't the scheme's own."""
        return urlsplit(self.base_url).netloc

    @property
    def secure(self) -> bool:
        """Whether people reach the site over TLS."""
        return self.base_url.startswith("https:")

    @property
    def database_url(self) -> str:
        """The database's address, the embedded default worked out."""
        return self.database or f"sqlite:///{self.data.resolve() / 'twite.sqlite'}"

    @property
    def scratch(self) -> Path:
        """Folder of files that this machine is working on; never served."""
        return self.data / "uploads"

    @property
    def sender(self) -> str:
        """Address that mail comes from."""
        mailbox, _, host = self.mail_from.rpartition("@")
        return f"{mailbox}@{domains.to_ascii(host)}" if host else f"twite@{urlsplit(self.base_url).hostname}"


SECRETS = frozenset(
    {
        "secret_key",
        "smtp",
        "mail_bounces_mailbox",
        "database",
        "database_replica",
        "broker",
        "redis",
        "media_storage",
        "media_fallback",
    }
)
"""Settings that may hold a password: never printed."""


def load(data: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings for a data folder (`TWITE_DATA`, else `./data`).

    Raises InvalidSettings, which names every setting that can't be used and what is expected.
    """
    environ = os.environ if environ is None else environ
    folder = data or Path(environ.get("TWITE_DATA") or "data")
    problems: list[str] = []
    raw_values = _from_file(folder / "twite.toml", problems) | _from_environment(environ, problems)
    values = {name: value for name, raw in raw_values.items() if (value := _read(name, raw, problems)) is not None}
    values["data"] = folder
    values.setdefault("base_url", f"http://127.0.0.1:{values.get('port', Settings().port)}")
    problems += settings_checks.problems(values)
    if problems:
        raise InvalidSettings(problems)
    return Settings(**values)


def descriptions() -> list[tuple[str, str, str]]:
    """Return `(name, default, meaning)` of every setting, in their order."""
    defaults = Settings()
    return [
        (name, _shown(getattr(defaults, name)), str(hint.__metadata__[0].description))
        for name, hint in _hints().items()
    ]


def _hints() -> dict[str, Any]:
    return get_type_hints(Settings, include_extras=True)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, list) else str(value)


def _from_file(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        problems.append(f"{path} isn't valid TOML: {error}.")
        return {}
    names = _hints().keys() - {"data"}
    problems += [f"{path}: there is no setting {name!r}." for name in content if name not in names]
    return {name: value for name, value in content.items() if name in names}


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    names = {f"TWITE_{name.upper()}": name for name in _hints() if name != "data"}
    problems += [
        f"{variable}: there is no such setting."
        for variable in environ
        if variable.startswith("TWITE_")
        and variable not in names
        and variable != "TWITE_DATA"
        and not variable.startswith("TWITE_TEST_")
    ]
    return {name: environ[variable] for variable, name in names.items() if variable in environ}


def _read(name: str, raw: Any, problems: list[str]) -> Any:
    hint = _hints()[name]
    if isinstance(raw, str) and hint.__origin__ == list[str]:
        raw = [part.strip() for part in raw.split(",") if part.strip()]
    try:
        return msgspec.convert(raw, hint, strict=False)
    except msgspec.ValidationError:
        actual = "" if name in SECRETS else f" (it is {raw!r})"
        expected = settings_checks.expected(hint)
        problems.append(f"{name}: expected {expected}{actual}. {hint.__metadata__[0].description}")
        return None


def time_zone(name: str) -> zoneinfo.ZoneInfo:
    """Return the time zone of that name; UTC when there is none."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return zoneinfo.ZoneInfo("UTC")
