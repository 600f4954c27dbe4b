"""Reading an archive of posts, and bringing them, some at a time."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

import msgspec

from twite_common import clock
from twite_common.errors import Invalid, NotFound, TwiteError, Unavailable
from twite_common.media.recordings import Interrupted as Ended
from twite_common.media.stored_files import StoredFiles, storing
from twite_common.queries.identity import imports as queries
from twite_common.queries.identity.imports import Entry
from twite_common.queries.posts import posts as post_queries
from twite_common.services.identity import imports
from twite_common.services.identity.import_tables import cleaned
from twite_common.services.identity.imports import Claimed
from twite_common.services.posts import imported_posts, post_deletion
from twite_common.services.posts.imported_posts import ImportedPost
from twite_common.translations import gettext as _
from twite_tasks.context import Context
from twite_tasks.identity.imports import archive_files, bluesky_repositories, files, media_files, outboxes, x_archives
from twite_tasks.identity.imports.found import CUT, MEDIA, REFUSED, REPLY, Archive, Found
from twite_tasks.identity.imports.media_files import Prepared
from twite_tasks.identity.imports.turns import Interrupted, Turn

AT_ONCE = 50
MEDIA_AT_ONCE = 8
"""Media after which what has been prepared is kept, so that little is lost when it is interrupted."""


class Glance(msgspec.Struct, frozen=True):
    """What is remembered of a post that is only looked at: what it is called, why it can't come, what it answers."""

    place: int
    source_id: str
    refusal: str
    answered_id: str


class Ready(msgspec.Struct, frozen=True):
    """A post that is about to be kept, with its media; `place` is where it stands in the archive."""

    place: int
    found: Found
    post: ImportedPost
    media: list[Prepared]
    lacks_media: bool


def read(context: Context, claimed: Claimed, turn: Turn) -> None:
    """Find out what is in an archive, and what of it can't come.

    However long that takes it isn't interrupted for others' turn: whoever reads on begins anew.
    """
    with context.database.writing() as db:
        imports.start_anew(db, claimed)
    coming = set[int]()
    with _opened(context, claimed) as archive:
        total = len(archive)
        if not total:
            raise Invalid(_("There are no posts in the archive."))
        for start in range(0, total, AT_ONCE):
            some = [(place, archive[place]) for place in range(start, min(start + AT_ONCE, total))]
            kept_back = _kept_back(context, claimed, some)
            glances = [_glance(place, found, kept_back) for place, found in some]
            refused = _refused(context, claimed, archive.source, glances, coming)
            _keep_refused(context, claimed, refused, start + len(some), total)
            turn.check_process()
        source = archive.source
    with context.database.writing() as db:
        imports.be_ready(db, claimed, now=clock.now(), total=total, source=source)


def bring(context: Context, claimed: Claimed, turn: Turn) -> None:
    """Bring the posts of an archive that aren't here yet, with their media."""
    with _opened(context, claimed) as archive:
        place = claimed.found.done
        while place < len(archive):
            some, place = _next(context, claimed, archive, place)
            if some and not _may_bring(context, claimed):
                return
            with storing(context.database, context.settings) as stored:
                ready, place = _prepared(context, claimed, archive, some, place, stored, turn)
                _write(context, claimed, archive.source, ready, place)
            turn.check()
    with context.database.writing() as db:
        imports.finish(db, claimed, now=clock.now())


def undo(context: Context, claimed: Claimed, turn: Turn) -> None:
    """Delete the posts that an import brought, with their media."""
    done = claimed.found.done
    while True:
        with context.database.writing() as db:
            post_ids = queries.brought_posts(db, claimed.id, limit=1)
            if not post_ids:
                imports.finish(db, claimed, now=clock.now())
                return
            done += 1
            imports.advance(db, claimed, done=done, brought=-1)
            post = post_queries.get(db, post_ids[0], viewer_id=claimed.account_id)
            if post is None:
                raise NotFound("This account no longer exists.")
            post_deletion.remove(db, post, now=clock.now(), with_media=True)
        turn.check()


@contextmanager
def _opened(context: Context, claimed: Claimed) -> Iterator[Archive]:
    """Give the posts of an import's file. Raises Invalid for what is no archive of any known sort."""
    settings, now = context.settings, clock.now()
    with (
        files.workspace(context) as folder,
        files.opened(context, claimed) as file,
        archive_files.opened(file, folder) as found,
        (folder / "posts").open("w+b") as document,
    ):
        archive: Archive | None = None
        if found is not None:
            archive = outboxes.opened(found, document, settings, now=now) or x_archives.opened(found, document, now=now)
        else:
            archive = bluesky_repositories.opened(file, now=now)
        if archive is None:
            raise Invalid(_("The file is no archive of posts that is known here: from Mastodon, Twite, X or Bluesky."))
        yield archive


def _next(context: Context, claimed: Claimed, archive: Archive, place: int) -> tuple[list[tuple[int, Found]], int]:
    """Return the next posts that may come and aren't here yet, and the place behind them."""
    some = [(at, archive[at]) for at in range(place, min(place + AT_ONCE, len(archive)))]
    with context.database.reading() as db:
        there = imported_posts.known(
            db,
            context.settings,
            account_id=claimed.account_id,
            source=archive.source,
            source_ids={found.source_id for _at, found in some if found.post is not None},
        )
    left = [(at, found) for at, found in some if found.post is not None and found.source_id not in there]
    kept_back = _kept_back(context, claimed, left)
    return [(at, found) for at, found in left if found.source_id not in kept_back], place + len(some)


def _kept_back(context: Context, claimed: Claimed, some: Sequence[tuple[int, Found]]) -> set[str]:
    """Return what those posts are called that the site's rules for content keep back."""
    said = [
        (found.post, [imported_posts.described(one.description) for one in found.media])
        for _at, found in some
        if found.post is not None
    ]
    with context.database.reading() as db:
        return imported_posts.kept_back(db, now=clock.now(), account_id=claimed.account_id, described_posts=said)


def _may_bring(context: Context, claimed: Claimed) -> bool:
    """Say whether more may come today; otherwise the import goes on tomorrow."""
    now = clock.now()
    with context.database.writing() as db:
        if imported_posts.may_bring(db, context.settings, account_id=claimed.account_id, now=now):
            return True
        imports.hand_back(db, claimed, turn_at=(now // clock.DAY + 1) * clock.DAY)
    return False


def _prepared(
    context: Context,
    claimed: Claimed,
    archive: Archive,
    some: list[tuple[int, Found]],
    end: int,
    stored: StoredFiles,
    turn: Turn,
) -> tuple[list[Ready], int]:
    """Return posts with their media, as many as are kept at once, and the place behind them."""
    with context.database.reading() as db:
        answered = {found.post.answered_source_id for _at, found in some if found.post is not None}
        there = imported_posts.known(
            db,
            context.settings,
            account_id=claimed.account_id,
            source=archive.source,
            source_ids=answered - {""},
        )
    ready, coming = list[Ready](), set(there)
    for number, (place, found) in enumerate(some):
        post = found.post
        if post is None or (post.answered_source_id and post.answered_source_id not in coming):
            continue
        coming.add(found.source_id)
        media = _media(context, claimed, archive, found, stored, turn)
        fitting = media_files.together(media)
        if not post.text and not fitting:
            ready.append(Ready(place, found, msgspec.structs.replace(post, text="…"), [], lacks_media=True))
        else:
            ready.append(Ready(place, found, post, fitting, lacks_media=len(fitting) < len(found.media)))
        if sum(len(one.media) for one in ready) >= MEDIA_AT_ONCE and number + 1 < len(some):
            return ready, some[number + 1][0]
    return ready, end


def _media(
    context: Context, claimed: Claimed, archive: Archive, found: Found, stored: StoredFiles, turn: Turn
) -> list[Prepared]:
    prepared: list[Prepared] = []
    for wanted in found.media:
        turn.check_process()
        try:
            prepared.append(
                media_files.prepare(
                    context, stored, archive, wanted, account_id=claimed.account_id, goes_on=turn.goes_on
                )
            )
        except Ended:
            raise Interrupted from None
        except Unavailable:
            # A shortage that passes.
            raise
        except TwiteError:
            continue
    return prepared


def _write(context: Context, claimed: Claimed, source: str, ready: list[Ready], place: int) -> None:
    now, account_id = clock.now(), claimed.account_id
    with context.database.writing() as db:
        kept = [(one.post, media_files.attached(db, one.media, now=now, account_id=account_id)) for one in ready]
        number = imported_posts.add(
            db,
            context.settings,
            now=now,
            account_id=account_id,
            import_id=claimed.id,
            source=source,
            posts_with_media=kept,
        )
        imports.add_entries(
            db,
            claimed,
            [
                _entry(one.place, one.found.source_id, MEDIA if one.lacks_media else CUT)
                for one in ready
                if one.lacks_media or one.found.was_cut
            ],
        )
        imports.advance(db, claimed, done=place, brought=number)


def _glance(place: int, found: Found, kept_back: Collection[str]) -> Glance:
    answered_id = found.post.answered_source_id if found.post is not None else ""
    refusal = REFUSED if found.source_id in kept_back else found.refusal
    return Glance(place, found.source_id, refusal, answered_id)


def _refused(context: Context, claimed: Claimed, source: str, some: list[Glance], coming: set[int]) -> list[Entry]:
    """Return those of the posts that can't come, and note the others among what is `coming`."""
    asked = {one.answered_id for one in some if one.answered_id and hash(one.answered_id) not in coming}
    with context.database.reading() as db:
        there = imported_posts.known(
            db, context.settings, account_id=claimed.account_id, source=source, source_ids=asked
        )
    refused = []
    for one in some:
        refusal = one.refusal
        if one.answered_id and one.answered_id not in there and hash(one.answered_id) not in coming:
            # It would come without what it answers.
            refusal = REPLY
        if refusal:
            refused.append(_entry(one.place, one.source_id, refusal))
        else:
            coming.add(hash(one.source_id))
    return refused


def _keep_refused(context: Context, claimed: Claimed, refused: list[Entry], done: int, total: int) -> None:
    with context.database.writing() as db:
        imports.advance(db, claimed, done=done, total=total)
        imports.add_entries(db, claimed, refused)


def _entry(place: int, source_id: str, outcome: str) -> Entry:
    return Entry(place, cleaned(source_id), "", None, outcome)
