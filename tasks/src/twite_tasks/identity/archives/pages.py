"""An archive's pages, which a browser opens from a folder: by year, threads and media, with a search."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from twite_common import clock, formats, ids, post_details, text
from twite_common.queries.accounts.accounts import Account
from twite_common.queries.identity.archive_contents import OwnPosts
from twite_common.queries.posts.posts import Post
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_tasks import templating
from twite_tasks.identity.archives import addresses as places
from twite_tasks.identity.archives.addresses import Addresses

FOLDER = "html"
_STATIC = Path(__file__).parents[2] / "static"
# Read now: installing a newer version changes the files under a worker that runs.
ASSETS = {name: (_STATIC / name).read_bytes() for name in ("archive.css", "search.js")}
POSTS_ON_PAGE = 200
THREADS_ON_PAGE = 20
MEDIA_ON_PAGE = 60
EXCERPT = 500
"""Characters of a post that the search knows: more than most have."""
AUDIENCES = {
    "public": marked("Public"),
    "unlisted": marked("Quiet public"),
    "followers": marked("Followers"),
    "mentioned": marked("Mentioned people"),
}

File = tuple[str, bytes]
"""The name of a file in the archive, and its content."""


class MediaView(msgspec.Struct, frozen=True):
    """A picture, video or sound, and the page that has its post."""

    kind: str
    path: str
    description: str
    page: str
    day: str


class OptionView(msgspec.Struct, frozen=True):
    """An option of a poll; `votes` is "" while nobody is told."""

    title: str
    votes: str


class PostView(msgspec.Struct, frozen=True):
    """A post as a page shows it; addresses are "" where there are none."""

    id: int
    year: int
    address: str
    time: str
    day: str
    audience: str
    boosted: str
    answered: str
    quoted: str
    spoiler_text: str
    language: str | None
    html: str
    excerpt: str
    options: list[OptionView]
    media: list[MediaView]


class YearView(msgspec.Struct):
    """A year, and how many posts are from it."""

    number: int
    count: int = 0
    pages: int = 0


class Pages:
    """Makes the pages of one account's archive in the language of the context; no more is kept than a page has."""

    def __init__(self, addresses: Addresses, account: Account, *, now: int) -> None:
        self._addresses, self._account, self._now = addresses, account, now
        self._owner = f"@{addresses.name(account.username)}"
        self._years: list[YearView] = []
        self._parts = 0
        self._media: list[MediaView] = []
        self._media_pages = 0

    def of_posts(self, read: Iterable[OwnPosts]) -> Iterator[File]:
        """Give the pages of all posts, and what the search knows of them. `read` gives the earliest first."""
        waiting: list[PostView] = []
        for view in (view for some in read for view in self._posts(some)):
            new_year = bool(waiting) and waiting[0].year != view.year
            if new_year or len(waiting) == POSTS_ON_PAGE:
                yield from self._posts_page(waiting, last=new_year)
                waiting = []
            waiting.append(view)
        if waiting:
            yield from self._posts_page(waiting, last=True)

    def of_threads(self, read: Iterable[OwnPosts]) -> Iterator[File]:
        """Give the pages of threads. A conversation that was begun twice is one."""
        threads: list[list[PostView]] = []
        number, seen = 1, set[int]()
        for some in read:
            if not some.posts or some.posts[0].id in seen:
                continue
            seen.add(some.posts[0].id)
            if len(threads) == THREADS_ON_PAGE:
                yield self._page("threads.html", f"threads-{number}", threads=threads, number=number, last=False)
                number, threads = number + 1, []
            threads.append(list(self._posts(some)))
        yield self._page("threads.html", f"threads-{number}", threads=threads, number=number, last=True)

    def end(self) -> Iterator[File]:
        """Give the last page of media, the first page of all, and what the pages need."""
        yield self._media_page(last=True)
        day = formats.day(clock.as_datetime(self._now))
        yield self._page("index.html", "index", day=day, years=self._years[::-1], parts=self._parts)
        for name, content in ASSETS.items():
            yield f"{FOLDER}/{name}", content

    def _posts_page(self, posts: list[PostView], *, last: bool) -> Iterator[File]:
        year = self._year(posts[0].year)
        year.pages += 1
        year.count += len(posts)
        name = f"{year.number}-{year.pages}"
        yield self._page(
            "posts.html",
            name,
            heading=str(year.number),
            name=str(year.number),
            number=year.pages,
            last=last,
            posts=posts,
        )
        self._parts += 1
        found = [(name, str(post.id), post.day, post.excerpt) for post in posts if not post.boosted]
        yield f"{FOLDER}/search/{self._parts}.js", b"addPosts(" + msgspec.json.encode(found) + b");\n"
        for post in posts:
            for one in post.media:
                self._media.append(msgspec.structs.replace(one, page=f"{name}.html#post-{post.id}"))
                if len(self._media) > MEDIA_ON_PAGE:
                    yield self._media_page(last=False)

    def _media_page(self, *, last: bool) -> File:
        items, self._media = self._media[:MEDIA_ON_PAGE], self._media[MEDIA_ON_PAGE:]
        self._media_pages += 1
        number = self._media_pages
        return self._page("media.html", f"media-{number}", items=items, number=number, last=last)

    def _year(self, number: int) -> YearView:
        if not self._years or self._years[-1].number != number:
            self._years.append(YearView(number))
        return self._years[-1]

    def _page(self, template: str, file: str, **variables: object) -> File:
        made = templating.rendered(f"archive/{template}", {"owner": self._owner} | variables)
        return f"{FOLDER}/{file}.html", made.encode()

    def _posts(self, some: OwnPosts) -> Iterator[PostView]:
        for post in some.posts:
            view = self._post(some, post)
            if view.boosted or post.boost_of_id is None:
                yield view

    def _post(self, some: OwnPosts, post: Post) -> PostView:
        details = post_details.decode(post.details)
        at = clock.as_datetime(ids.created_at(post.id))
        day = formats.short_day(at)
        poll = post.poll_for(self._account.id, now=self._now)
        options = poll.options if poll else []
        return PostView(
            id=post.id,
            year=at.year,
            address=self._addresses.post(self._account.username, post.id),
            time=at.isoformat(timespec="seconds"),
            day=day,
            audience=_(AUDIENCES[post.visibility]),
            boosted=self._related(some, post.boost_of_id),
            answered=self._related(some, post.in_reply_to_id),
            quoted=self._related(some, post.accepted_quote_of_id),
            spoiler_text=post.spoiler_text,
            language=post.language,
            html=self._addresses.html(post.text, details),
            excerpt=text.plain_excerpt(f"{post.spoiler_text} {post.text}", EXCERPT),
            options=[
                OptionView(title, "" if poll is None or poll.hides_votes else formats.number(votes))
                for title, votes in options
            ],
            media=[
                MediaView(one.kind, f"../{places.media(one.file)}", one.description, "", day)
                for one in details.media
                if one.file
            ],
        )

    def _related(self, some: OwnPosts, post_id: int | None) -> str:
        return (self._addresses.of(some.others.get(post_id), some.names) or "") if post_id is not None else ""
