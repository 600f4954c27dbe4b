"""Filling an empty site with the demonstration, through the services that requests use, as if it had taken days.

Everything happens in the order of its time: ids, which hold the time, never go back.
"""

from collections.abc import Callable
from functools import partial

import msgspec

from twite.demo import drawing, extras, threads, town
from twite.demo.cast import Cast
from twite.demo.people import PEOPLE
from twite.demo.story import Person, Shown, Told
from twite_common import clock, ids
from twite_common.database import Connection
from twite_common.drafts import Draft, MediaChange
from twite_common.errors import NotAllowed
from twite_common.media import recordings
from twite_common.media.stored_files import StoredFiles, storing
from twite_common.passwords import Passwords
from twite_common.queries.accounts import credentials
from twite_common.queries.notifications import mails as mail_queries
from twite_common.services.accounts import accounts, follows, preferences, profiles
from twite_common.services.accounts.preferences import PreferenceChanges
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.identity import registrations
from twite_common.services.identity.registrations import SignUp
from twite_common.services.notifications import mails
from twite_common.services.posts import bookmarks, boosts, cards, favourites, media, pins, polls, post_edits, posts
from twite_common.services.posts.cards import Page
from twite_common.services.timelines import tags
from twite_tasks import event_handlers
from twite_tasks.context import Context
from twite_tasks.posts import media as media_tasks

POSTS: tuple[Told, ...] = (*threads.RIDE, *threads.BAKERY, *threads.RIVER, *town.TOWN_LIFE, *town.LETTERS)
EMOJIS = ("loaf", "wheel", "note", "leaf")
HOUR = clock.HOUR
MAX_MAILS = 1000

Step = Callable[[Connection, int], object]


def fill(context: Context, *, now: int, password: str) -> list[str]:
    """Fill a site without accounts and return the names of those who can log in with the password, the first an admin.

    Raises NotAllowed when there is an account.
    """
    database, settings = context.database, context.settings
    with database.writing() as db:
        if credentials.any_account(db):
            raise NotAllowed("This site has accounts already. The demonstration needs an empty one.")
    # Ids of this process would lie above those that the database has, as of the link for the first account.
    ids.restart()
    cast = Cast(settings)
    password_hash = Passwords(settings).hash(password, about=())
    with storing(database, settings) as files:
        _draw(cast, files)
        with database.writing() as db:
            for at, step in sorted(_steps(cast, password_hash, now), key=lambda timed: timed[0]):
                step(db, at)
    _record(context, cast, now)
    with database.writing() as db:
        extras.look_back(db, now=clock.now())
    while event_handlers.handle_next(context, now=clock.now()):
        pass
    _drop_mails(context)
    return [person.username for person in PEOPLE]


def _drop_mails(context: Context) -> None:
    """Send no mail: nobody is behind the addresses."""
    with context.database.writing() as db:
        mails.put_in_line(db, now=clock.now())
        for mail_id in mail_queries.waiting(db, now=clock.now(), limit=MAX_MAILS):
            mails.drop(db, mail_id=mail_id, reason="Nobody in the demonstration reads mail.")


def _draw(cast: Cast, files: StoredFiles) -> None:
    for person in PEOPLE:
        cast.profiles[person.username] = (drawing.avatar(files, person), drawing.header(files, person))
    for told in POSTS:
        shown = [drawing.attachment(files, f"{told.key} {place}", one) for place, one in enumerate(told.pictures)]
        if told.card is not None:
            shown.append(drawing.attachment(files, told.key, Shown(view=told.card.view, alt="")))
        cast.pictures[told.key] = shown
    cast.place = drawing.place(files)
    for kind in EMOJIS:
        cast.emojis[kind] = drawing.emoji(files, kind)


def _steps(cast: Cast, password_hash: str, now: int) -> list[tuple[int, Step]]:
    """Return what is done and when, in milliseconds; what is done at the same time stays in this order."""
    steps: list[tuple[int, Step]] = []
    for person in PEOPLE:
        joined = now - int(person.since * clock.DAY)
        steps.append((joined, partial(_join, cast, person, password_hash)))
        for place, name in enumerate(name for name in person.follows if name != person.username):
            others = next(other for other in PEOPLE if other.username == name)
            met = max(joined, now - int(others.since * clock.DAY)) + (place + 1) * 3 * HOUR + HOUR // 2
            steps.append((min(met, now - HOUR), partial(_follow, cast, person.username, name)))
    for told in POSTS:
        if not told.recording:
            steps += _around(cast, told, now - int(told.hours * HOUR), now)
    return [*steps, *extras.steps(cast, now)]


def _around(cast: Cast, told: Told, at: int, now: int) -> list[tuple[int, Step]]:
    """Return the steps of a post and of what others do with it soon afterwards."""
    steps: list[tuple[int, Step]] = [(at, partial(_publish, cast, told))]
    gap = min(7 * clock.MINUTE, (now - at) // 40)

    def soon(place: int) -> int:
        return at + (place + 1) * gap

    for place, (name, choices) in enumerate(told.votes):
        steps.append((soon(place), partial(_vote, cast, told, name, choices)))
    for place, name in enumerate(told.liked):
        steps.append((soon(place), partial(_favourite, cast, told, name)))
    for place, name in enumerate(told.bookmarked):
        steps.append((soon(place), partial(_bookmark, cast, told, name)))
    for place, name in enumerate(told.boosted):
        steps.append((soon(place + 3), partial(_boost, cast, told, name)))
    if told.edited:
        steps.append((soon(12), partial(_edit, cast, told)))
    return steps


def _join(cast: Cast, person: Person, password_hash: str, db: Connection, now: int) -> None:
    # Addresses of a name that is nobody's, and no mail to them.
    email = f"{person.username}@demo.invalid"
    sign_up = SignUp(username=person.username, email=email, password_hash=password_hash, indexable=True)
    id = registrations.create(db, now=now, sign_up=sign_up, confirmed=True, smtp_utf8=False)
    cast.accounts[person.username] = id
    if person.role:
        accounts.set_role(db, account_id=id, role=person.role)
    quiet = PreferenceChanges(
        language=person.language,
        mail_mention="never",
        mail_follow="never",
        mail_follow_request="never",
        mail_favourite="never",
        mail_boost="never",
        mail_post="never",
        mail_login=False,
        mail_weekly=False,
    )
    preferences.change_preferences(db, account_id=id, changes=quiet)
    avatar, header = cast.profiles[person.username]
    changes = ProfileChanges(
        display_name=person.name,
        bio=person.bio,
        fields=list(person.fields),
        avatar=avatar,
        header=header,
        avatar_description=f"{person.name}, drawn",
        header_description="A drawn landscape",
        locked=person.locked,
        bot=person.bot,
        discoverable=True,
        noindex=person.locked,
        follow_by_mail=person.username == "amal",
    )
    profiles.change_profile(db, now=now, account_id=id, changes=changes)
    for name in person.tags:
        tags.follow_tag(db, now=now, account_id=id, name=name)


def _follow(cast: Cast, follower: str, followee: str, db: Connection, now: int) -> None:
    follower_id, followee_id = cast.accounts[follower], cast.accounts[followee]
    options = follows.Options(notify=True) if follower == "mira" and followee == "tomas" else None
    follows.follow_account(db, now=now, follower_id=follower_id, followee_id=followee_id, options=options)
    if followee == "olek" and follower != "devika":
        follows.accept_request(db, now=now, follower_id=follower_id, followee_id=followee_id)


def _publish(cast: Cast, told: Told, db: Connection, now: int) -> None:
    author_id = cast.accounts[told.by]
    media_ids = [cast.recordings[told.key]] if told.recording else _attach(cast, told, db, now)
    draft = Draft(
        text=told.text,
        spoiler_text=told.warning,
        visibility=told.visibility,
        language=told.language or "en",
        in_reply_to_id=cast.posts[told.answers] if told.answers else None,
        quote_of_id=cast.posts[told.quotes] if told.quotes else None,
        media_ids=tuple(media_ids) or None,
        poll=told.poll or msgspec.UNSET,
    )
    id = posts.publish(db, cast.settings, now=now, author_id=author_id, draft=draft)
    cast.posts[told.key] = id
    if told.pinned:
        pins.pin_post(db, now=now, account_id=author_id, post_id=id)
    if told.card is not None:
        _show_card(cast, told, db, now)


def _attach(cast: Cast, told: Told, db: Connection, now: int) -> list[int]:
    """Upload a post's pictures and return their ids."""
    made = []
    for shown, stored in zip(told.pictures, cast.pictures[told.key], strict=False):
        id = media.add_picture(
            db,
            stored.prepared,
            now=now,
            account_id=cast.accounts[told.by],
            file=stored.file,
            preview=stored.preview,
        )
        described = MediaChange(media_id=id, description=shown.alt)
        media.change(db, described, now=now, account_id=cast.accounts[told.by])
        made.append(id)
    return made


def _show_card(cast: Cast, told: Told, db: Connection, now: int) -> None:
    """Give a post the card of the page that it links to, as if that had been fetched."""
    card, picture = told.card, cast.pictures[told.key][-1]
    due = next((due for id in cards.due(db, now=now) if (due := cards.claim(db, id, now=now))), None)
    if card is None or due is None:
        return
    page = Page(
        title=card.title,
        description=card.description,
        provider_name="Old maps",
        picture=picture.preview,
        blurhash=picture.prepared.blurhash,
        width=picture.prepared.preview.width,
        height=picture.prepared.preview.height,
    )
    cards.finish(db, due, page, now=now, domain=cast.settings.domain)


def _vote(cast: Cast, told: Told, name: str, choices: tuple[int, ...], db: Connection, now: int) -> None:
    polls.vote(db, now=now, account_id=cast.accounts[name], post_id=cast.posts[told.key], choices=choices)


def _favourite(cast: Cast, told: Told, name: str, db: Connection, now: int) -> None:
    favourites.favourite_post(db, now=now, account_id=cast.accounts[name], post_id=cast.posts[told.key])


def _bookmark(cast: Cast, told: Told, name: str, db: Connection, now: int) -> None:
    bookmarks.bookmark_post(db, now=now, account_id=cast.accounts[name], post_id=cast.posts[told.key])


def _boost(cast: Cast, told: Told, name: str, db: Connection, now: int) -> None:
    boosts.boost_post(db, cast.settings, now=now, account_id=cast.accounts[name], post_id=cast.posts[told.key])


def _edit(cast: Cast, told: Told, db: Connection, now: int) -> None:
    draft = Draft(text=told.edited)
    author_id = cast.accounts[told.by]
    post_edits.edit(db, cast.settings, now=now, author_id=author_id, post_id=cast.posts[told.key], draft=draft)


def _record(context: Context, cast: Cast, now: int) -> None:
    """Publish the posts with recordings, which a task prepares as it does anybody's, where ffmpeg is there."""
    for told in (told for told in reversed(POSTS) if told.recording):
        content = drawing.recording(told.recording)
        if content is None:
            continue
        with storing(context.database, context.settings) as files:
            upload, _recording = files.keep_upload(drawing.opened(content), recordings.probe)
            with context.database.writing() as db:
                id = media.add_recording(
                    db,
                    now=now,
                    account_id=cast.accounts[told.by],
                    kind=told.recording,
                    upload=upload,
                    bytes=len(content),
                )
        media_tasks.process(context, id)
        cast.recordings[told.key] = id
        with context.database.writing() as db:
            for at, step in sorted(_around(cast, told, clock.now(), clock.now()), key=lambda timed: timed[0]):
                step(db, at)
