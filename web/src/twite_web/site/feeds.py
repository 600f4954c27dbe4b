"""Feeds for feed readers: Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1. They show what strangers see on pages."""

from collections.abc import Callable, Sequence
from email.utils import format_datetime
from typing import Any
from urllib.parse import urljoin

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler

from twite_common import clock, ids, text, translations
from twite_common.media.storage import names
from twite_common.queries.posts.posts import Post
from twite_common.queries.timelines.timelines import Entry
from twite_common.translations import gettext as _
from twite_web import cache_control, language_choice, post_loader
from twite_web.middleware import conditional
from twite_web.rendering import Rendered
from twite_web.site import templating
from twite_web.site.access import Visit
from twite_web.site.view_models import post_parts, times
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models.accounts import AccountView
from twite_web.site.view_models.post_parts import CardView, PollView
from twite_web.site.view_models.posts import QuoteView
from twite_web.types import Request, Response

TITLE_CHARACTERS = 80
JSON_FEED = "https://jsonfeed.org/version/1.1"


class Link(msgspec.Struct, frozen=True, gc=False):
    """A page's feed in one of the formats."""

    name: str
    media_type: str
    path: str


class Enclosure(msgspec.Struct, frozen=True, gc=False):
    """A file that is attached to a post. `medium` is image, video or audio."""

    url: str
    preview: str
    media_type: str
    medium: str
    description: str


class Item(msgspec.Struct, frozen=True, gc=False):
    """A post in a feed. `content` is HTML with whole addresses; times are milliseconds."""

    address: str
    title: str
    author: AccountView
    created_at: int
    updated_at: int
    content: str
    enclosures: tuple[Enclosure, ...]
    tags: tuple[str, ...]
    language: str | None


class Source(msgspec.Struct, frozen=True, gc=False):
    """A post, and what a feed shows with it. `version` is other whenever the feed shows something else of it."""

    post: Post
    author: AccountView
    poll: PollView | None
    quote: QuoteView | None
    version: tuple[Any, ...]


def links(path: str) -> list[Link]:
    """Return the feeds of a page."""
    return [Link(name, media_type, f"{path}/feed.{name.lower()}") for name, media_type in MEDIA_TYPES.items()]


def parted(name: str) -> tuple[str, str]:
    """Return a page's name and which of its feeds is asked for, if any: "ann.rss" is the one of "ann"."""
    plain, dot, ending = name.rpartition(".")
    return (
        (plain, ending)
        if dot and ending.upper() in {format_name.upper() for format_name in MEDIA_TYPES} and ending.islower()
        else (name, "")
    )


def handlers(path: str, read: Callable[..., Response]) -> list[HTTPRouteHandler]:
    """Return a handler for each of a page's feeds. (Litestar wraps one that has several paths once for each.)"""
    return [get(link.path, sync_to_thread=True)(read) for link in links(path)]


def feed(request: Request, visit: Visit, *, title: str, path: str, entries: Sequence[Entry]) -> Response:
    """Return a timeline, without boosts, as a feed in the format that the address ends with.

    `path` is the page that it is the feed of. It is in the site's language: what readers keep has but one. Who has the
    feed already is told so before anything is written.
    """
    with translations.using(language_choice.default(visit.core.settings)):
        return _feed(request, visit, title=title, path=path, entries=entries)


def _feed(request: Request, visit: Visit, *, title: str, path: str, entries: Sequence[Entry]) -> Response:
    stranger = msgspec.structs.replace(visit, viewer=None)
    found = sources(stranger, entries)
    return answer(
        request,
        stranger,
        title=title,
        path=path,
        version=[source.version for source in found],
        items=lambda: [item(stranger, source) for source in found],
    )


def answer(
    request: Request,
    visit: Visit,
    *,
    title: str,
    path: str,
    version: object,
    items: Callable[[], Sequence[Item]],
    private: bool = False,
) -> Response:
    """Return items as a feed; who has the one of this version already is told so before they are made.

    A `private` one is kept by its reader alone, and no search engine shows it.
    """
    base = visit.core.addresses.base
    feed_path: str = request.scope["path"]
    name = next(name for name in MEDIA_TYPES if feed_path.endswith(f".{name.lower()}"))
    etag = conditional.tag(base, visit.core.addresses.media(""), feed_path, title, version)
    headers = {"Cache-Control": cache_control.MINUTE, "ETag": etag, "Vary": "Accept-Encoding"}
    if private:
        headers |= {"Cache-Control": cache_control.PRIVATE_MINUTE, "X-Robots-Tag": "noindex"}
    if conditional.unmodified(request.headers, etag):
        return conditional.not_modified(headers)
    document = _WRITERS[name](title, f"{base}{path}", f"{base}{feed_path}", base, items())
    return Response(document, media_type=MEDIA_TYPES[name], headers=headers)


def sources(visit: Visit, entries: Sequence[Entry]) -> list[Source]:
    """Return those of a timeline's posts that the viewer may see, without boosts, with what is shown with them."""
    own_entries = [entry for entry in entries if not entry.boost_of_id]
    posts = post_loader.of_entries(visit, own_entries)
    authors = post_view_models.authors_of(visit, posts.values())
    return [
        _source(visit, posts[id], authors[posts[id].account_id], _quote(visit, posts[id], posts, authors))
        for id in (entry.post_id for entry in own_entries)
        if id in posts
    ]


def _source(visit: Visit, post: Post, author: AccountView, quote: QuoteView | None) -> Source:
    poll = post_parts.poll(visit, post)
    version = (
        *(post.id, post.version, post.edited_at, post.language, post.spoiler_text, post.shown_sensitive),
        *(author.name, author.path, author.avatar),
        poll,
        (quote.author.name if quote.author else None, *_rest(quote)) if quote else None,
    )
    return Source(post, author, poll, quote, version)


def _rest(quote: QuoteView) -> tuple[str, ...]:
    return quote.path, quote.html, quote.spoiler_text, quote.sentence


def item(visit: Visit, source: Source) -> Item:
    """Return a post as an item of a feed."""
    addresses, post, author = visit.core.addresses, source.post, source.author
    rendered = visit.core.texts.of_post(post)
    created_at = ids.created_at(post.id)
    enclosures = _enclosures(visit, rendered)
    return Item(
        address=addresses.post(author.username, post.id),
        title=text.plain_excerpt(post.spoiler_text or post.text, TITLE_CHARACTERS)
        or _("A post by %(name)s", name=author.name),
        author=author,
        created_at=created_at,
        updated_at=post.edited_at or created_at,
        content=_content(visit, post, rendered, enclosures, source.poll, source.quote),
        enclosures=enclosures,
        tags=rendered.tags,
        language=post.language,
    )


def _content(
    visit: Visit,
    post: Post,
    rendered: Rendered,
    enclosures: tuple[Enclosure, ...],
    poll: PollView | None,
    quote: QuoteView | None,
) -> str:
    base, card = visit.core.addresses.base, rendered.details.card
    content = templating.template("timelines/_feed_item.html").render(
        base=base,
        spoiler_text=post.spoiler_text,
        sensitive=post.shown_sensitive,
        html=post_view_models.post_html(visit, rendered),
        enclosures=enclosures,
        poll=poll,
        quote=quote,
        card=_with_address(visit, post_parts.card(visit.core.addresses, card)) if card and not enclosures else None,
    )
    # The site's own emojis; in a text that somebody wrote, such a quotation mark would be escaped.
    return content.replace('src="/media/', f'src="{base}/media/')


def _with_address(visit: Visit, card: CardView) -> CardView:
    """Return a card whose picture is at an address that holds everywhere."""
    return msgspec.structs.replace(card, picture=visit.core.addresses.absolute(card.picture)) if card.picture else card


def _quote(visit: Visit, post: Post, posts: dict[int, Post], authors: dict[int, AccountView]) -> QuoteView | None:
    if post.quote_of_id is None:
        return None
    return post_view_models.quote(visit, post, posts.get(post.quote_of_id), authors)


def _enclosures(visit: Visit, rendered: Rendered) -> tuple[Enclosure, ...]:
    addresses = visit.core.addresses
    return tuple(
        Enclosure(
            url=addresses.media(attachment.file),
            preview=addresses.media(attachment.preview) if attachment.preview else "",
            media_type=names.media_type(attachment.file),
            medium="video" if attachment.kind == "gifv" else attachment.kind,
            description=attachment.description,
        )
        for attachment in rendered.details.media
        if attachment.file
    )


def _xml(template: str, date: Callable[[int], str]) -> Callable[[str, str, str, str, Sequence[Item]], bytes]:
    def write(title: str, address: str, feed_address: str, base: str, items: Sequence[Item]) -> bytes:
        document = templating.template(template).render(
            title=title,
            address=address,
            feed_address=feed_address,
            base=base,
            updated=date(max((item.updated_at for item in items), default=0)),
            entries=[(item, date(item.created_at), date(item.updated_at)) for item in items],
        )
        return document.encode()

    return write


def _json(title: str, address: str, feed_address: str, base: str, items: Sequence[Item]) -> bytes:
    document = {
        "version": JSON_FEED,
        "title": title,
        "home_page_url": address,
        "feed_url": feed_address,
        "items": [_json_item(item, base) for item in items],
    }
    return msgspec.json.encode(document)


def _json_item(item: Item, base: str) -> dict[str, Any]:
    author = {
        "name": item.author.name,
        "url": f"{base}{item.author.path}",
        "avatar": urljoin(base, item.author.avatar),
    }
    fields: dict[str, Any] = {
        "id": item.address,
        "url": item.address,
        "content_html": item.content,
        "date_published": times.iso(item.created_at),
        "date_modified": times.iso(item.updated_at),
        "authors": [author],
    }
    if item.tags:
        fields["tags"] = list(item.tags)
    if item.language:
        fields["language"] = item.language
    if item.enclosures:
        fields["attachments"] = [_json_attachment(enclosure) for enclosure in item.enclosures]
    return fields


def _json_attachment(enclosure: Enclosure) -> dict[str, str]:
    fields = {"url": enclosure.url, "mime_type": enclosure.media_type}
    return fields | {"title": enclosure.description} if enclosure.description else fields


def _rfc_822(at: int) -> str:
    return format_datetime(clock.as_datetime(at), usegmt=True)


MEDIA_TYPES = {"Atom": "application/atom+xml", "RSS": "application/rss+xml", "JSON": "application/feed+json"}
_WRITERS: dict[str, Callable[[str, str, str, str, Sequence[Item]], bytes]] = {
    "Atom": _xml("timelines/feed.atom.xml", times.iso),
    "RSS": _xml("timelines/feed.rss.xml", _rfc_822),
    "JSON": _json,
}
