"""Keep a small site as this version of the code writes it: `python common/tests/releases/write.py 1.0.0`.

`test_releases.py` upgrades every one that was kept. A file that is there already is a release's, and stays as it is.
"""

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image
from sqlalchemy import select

from twite_common import migrations, secret
from twite_common.backups import backup
from twite_common.database import Connection, connect
from twite_common.drafts import Draft, PollDraft
from twite_common.media import pictures, storage
from twite_common.passwords import Passwords
from twite_common.services.accounts import accounts, blocks, follows, profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.identity import applications, grants, passwords, registrations, sessions, tokens
from twite_common.services.identity.registrations import SignUp
from twite_common.services.moderation import reports
from twite_common.services.moderation.reports import ReportDraft
from twite_common.services.notifications import push
from twite_common.services.notifications.push import Device
from twite_common.services.posts import bookmarks, boosts, drafts, favourites, media, pins, polls, posts
from twite_common.services.timelines import filters, lists, tags
from twite_common.services.timelines.filters import FilterChanges, KeywordDraft
from twite_common.services.timelines.lists import ListChanges
from twite_common.settings import Settings
from twite_common.tables import notification

NOW = 1_790_000_000_000
MINUTE = 60_000
DEVICE = Device(
    endpoint="https://push.example/ann",
    p256dh="BKkm_Hkohc6AzR_RYtFulFro0dsDIDkHTewP_RWTw5DinTZW2hTwaGq52SovEqYlvvYXC3ykPHtuIKmgD3M2Y54",
    auth="BAbduKT058N5ZVoomn94gA",
)


def main(release: str) -> None:
    """Write a release's site beside this file."""
    write(Path(__file__).with_name(f"{release}.backup"))


def write(file: Path) -> None:
    """Write a site into a file that isn't there yet."""
    if file.exists():
        raise SystemExit(f"{file} is there already: it is what that release wrote, and must not change.")
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data=Path(folder), base_url="https://twite.example", password_time_cost=1, password_memory_kib=8
        )
        migrations.upgrade(settings.database_url)
        database = connect(settings)
        with database.writing() as db:
            fill(db, settings)
        database.close()
        backup.write(settings, file)


def fill(db: Connection, settings: Settings) -> None:
    """Have Ann, Bob and Cho do something of everything that a site keeps."""
    ann, bob, cho = (add_account(db, settings, name) for name in ("ann", "bob", "cho"))
    avatar = storage.media(settings).store(pictures.prepare(drawn("green", (400, 400)), pictures.AVATAR))
    profile = ProfileChanges(
        display_name="Ann Öst", bio="Likes #birds", fields=[("Town", "Bern")], avatar=avatar, indexable=True
    )
    profiles.change_profile(db, now=NOW, account_id=ann, changes=profile)
    accounts.set_role(db, account_id=ann, role="admin")
    follows.follow_account(db, now=NOW, follower_id=bob, followee_id=ann)
    tags.follow_tag(db, now=NOW, account_id=bob, name="birds")

    hello = publish(db, settings, ann, "Hello @bob, here are #birds", media_ids=(add_picture(db, settings, ann),))
    publish(db, settings, bob, "@ann Thank you", in_reply_to_id=hello)
    publish(db, settings, ann, "For Bob alone: @bob", visibility="mentioned")
    question = publish(db, settings, ann, "Tea?", poll=PollDraft(options=("Yes", "No"), expires_in_seconds=3600))
    publish(db, settings, ann, "Words in #हिन्दी and a link: https://example.org/")
    publish(db, settings, cho, "What Ann wrote", quote_of_id=hello)
    followed = {"reply_policy": "following", "expires_at": NOW + 366 * 1440 * MINUTE}
    publish(db, settings, cho, "Until next year", **followed)
    unfinished = [Draft(text="Once upon a time", media_ids=(add_picture(db, settings, bob),)), Draft(text="")]
    drafts.add(db, settings, now=NOW, account_id=bob, parts=unfinished)
    polls.vote(db, now=NOW + MINUTE, account_id=bob, post_id=question, choices=[0])
    favourites.favourite_post(db, now=NOW, account_id=bob, post_id=hello)
    bookmarks.bookmark_post(db, now=NOW, account_id=bob, post_id=hello)
    boosts.boost_post(db, settings, now=NOW, account_id=bob, post_id=hello)
    pins.pin_post(db, now=NOW, account_id=ann, post_id=hello)

    list_id = lists.add(db, now=NOW, account_id=bob, changes=ListChanges(title="Friends"))
    lists.add_members(db, now=NOW, account_id=bob, list_id=list_id, member_ids=[ann])
    words = FilterChanges(title="Rain", contexts=("home",), keywords=(KeywordDraft(keyword="rain"),))
    filters.add(db, now=NOW, account_id=bob, changes=words)
    blocks.block_account(db, now=NOW, account_id=bob, blocked_id=cho)
    report = ReportDraft(target_id=cho, comment="Is this a person?")
    reports.file(db, now=NOW, account_id=bob, draft=report)

    sessions.start(db, settings, now=NOW, account_id=ann, address="192.0.2.1", browser="Firefox/140.0")
    passwords.ask_to_reset(db, now=NOW, email="cho@mail.example")
    push.subscribe(
        db,
        settings,
        now=NOW,
        account_id=ann,
        token_id=add_token(db, ann),
        sealed_token=secret.sealer(settings).seal("ann's token"),
        device=DEVICE,
        kinds=["favourite", "mention"],
        policy="all",
    )
    push.plan(db, list(db.scalars(select(notification.c.id).where(notification.c.account_id == ann))), now=NOW)


def add_account(db: Connection, settings: Settings, name: str) -> int:
    """Add an account that logs in with "<name> likes finches"."""
    password_hash = Passwords(settings).hash(f"{name} likes finches", about=())
    sign_up = SignUp(
        username=name, email=f"{name}@mail.example", password_hash=password_hash, time_zone="Europe/Zurich"
    )
    return registrations.create(db, now=NOW, sign_up=sign_up, confirmed=True, smtp_utf8=False)


def add_token(db: Connection, account_id: int) -> int:
    """Add a token of an application that was let in."""
    application_id, _, _ = applications.register(
        db, now=NOW, name="App", redirect_uris=["https://app.example/"], scopes="read push", website=None
    )
    theirs: dict[str, Any] = {"application_id": application_id, "account_id": account_id, "scopes": "read push"}
    for_code: dict[str, Any] = {
        "redirect_uri": "https://app.example/",
        "code_challenge": None,
        "code_challenge_method": None,
    }
    grants.add(db, now=NOW, code="code", **theirs, **for_code)
    grant = grants.find(db, now=NOW, code="code", application_id=application_id)
    grant_id = None if grant is None else grant.id
    tokens_of: dict[str, Any] = {"access_token": "ann's token", "refresh_token": "ann's refresh token"}
    return tokens.add(db, now=NOW, grant_id=grant_id, **tokens_of, **theirs)


def add_picture(db: Connection, settings: Settings, account_id: int) -> int:
    """Add a picture that a post may show."""
    prepared = pictures.prepare_attachment(drawn("blue", (40, 30)))
    names = {
        "file": storage.media(settings).store(prepared.picture),
        "preview": storage.media(settings).store(prepared.preview),
    }
    return media.add_picture(db, prepared, now=NOW, account_id=account_id, **names)


def publish(db: Connection, settings: Settings, author_id: int, text: str, **draft: object) -> int:
    """Publish a post, public unless it says otherwise."""
    wanted = msgspec.convert({"text": text, "visibility": "public", **draft}, Draft)
    return posts.publish(db, settings, now=NOW, author_id=author_id, draft=wanted)


def drawn(colour: str, size: tuple[int, int]) -> bytes:
    """Return a picture of one colour."""
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, "PNG")
    return written.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])
