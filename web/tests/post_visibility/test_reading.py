"""Every route that can be read shows what the oracle allows.

Every GET route is in `SHOWS`, with the addresses to ask, or in `unconcerned_reads`; one in neither fails the test.
A part of a post is shown when its own word occurs in the answer.
"""

from itertools import product

from post_visibility import unconcerned_reads as unconcerned
from post_visibility.oracle import (
    VIEWERS,
    found_in,
    is_at_home,
    is_listed,
    is_public,
    is_saved,
    is_shown,
    is_tagged,
    may,
    may_judge,
)
from post_visibility.world import LINK, TAG
from twite_common import clock
from twite_web.middleware.security import is_api

FEEDS = ("atom", "rss", "json")
# What is asked of each route. `{post}` stands for every post in turn, `{some}` for those of a few shapes, and so does
# each other thing that there are several of.
SHOWS: dict[str, tuple[str, ...]] = {
    "/": ("/",),
    "/accounts/{account_id:str}/report": ("/accounts/{author_id}/report?post_id={some}",),
    "/admin/content-rules/{content_rule_id:str}": ("/admin/content-rules/{content_rule}",),
    "/admin/reports/{report_id:str}": ("/admin/reports/{report}",),
    "/admin/trends": ("/admin/trends",),
    "/api/oembed": ("/api/oembed?url=http://twite.example/@{author}/{some}",),
    "/api/v1/accounts/{account_id:str}/statuses": (
        "/api/v1/accounts/{bob}/statuses?limit=40",
        "/api/v1/accounts/{bob}/statuses?limit=40&pinned=true",
        "/api/v1/accounts/{bob}/statuses?limit=40&exclude_replies=true",
        "/api/v1/accounts/{bob}/statuses?limit=40&exclude_reblogs=true",
        "/api/v1/accounts/{bob}/statuses?limit=40&only_media=true",
        f"/api/v1/accounts/{{bob}}/statuses?limit=40&tagged={TAG}",
        "/api/v1/accounts/{booster}/statuses?limit=40",
        "/api/v1/accounts/{limited}/statuses",
        "/api/v1/accounts/{suspended}/statuses",
    ),
    "/api/v1/admin/reports": ("/api/v1/admin/reports?limit=40",),
    "/api/v1/admin/reports/{report_id:str}": ("/api/v1/admin/reports/{report}",),
    "/api/v1/admin/tags": ("/api/v1/admin/tags?limit=40",),
    "/api/v1/admin/trends/statuses": ("/api/v1/admin/trends/statuses?limit=20",),
    "/api/v1/bookmarks": ("/api/v1/bookmarks?limit=40", "/api/v1/bookmarks?limit=40&folder_id={folder}"),
    "/api/v1/catch_up": ("/api/v1/catch_up?hours=168",),
    "/api/v1/conversations": ("/api/v1/conversations?limit=40",),
    "/api/v1/drafts": ("/api/v1/drafts?limit=40",),
    "/api/v1/drafts/{draft_id:str}": ("/api/v1/drafts/{kept}",),
    "/api/v1/favourites": ("/api/v1/favourites?limit=40",),
    "/api/v1/featured_tags/suggestions": ("/api/v1/featured_tags/suggestions",),
    "/api/v1/media/{media_id:str}": ("/api/v1/media/{media}",),
    "/api/v1/notifications": (
        "/api/v1/notifications?limit=80",
        "/api/v1/notifications?limit=80&include_filtered=true&exclude_types[]=favourite&exclude_types[]=reblog",
    ),
    "/api/v1/notifications/requests": ("/api/v1/notifications/requests",),
    "/api/v1/notifications/requests/{request_id:str}": ("/api/v1/notifications/requests/{request}",),
    "/api/v1/notifications/{notification_id:str}": ("/api/v1/notifications/{notification}",),
    "/api/v1/polls/{poll_id:str}": ("/api/v1/polls/{poll}",),
    "/api/v1/scheduled_statuses": ("/api/v1/scheduled_statuses",),
    "/api/v1/scheduled_statuses/{scheduled_id:str}": ("/api/v1/scheduled_statuses/{scheduled}",),
    "/api/v1/statuses": ("/api/v1/statuses?id[]={some}",),
    "/api/v1/statuses/{status_id:str}": (
        "/api/v1/statuses/{post}",
        "/api/v1/statuses/{boost}",
        "/api/v1/statuses/{quoting}",
    ),
    "/api/v1/statuses/{status_id:str}/context": ("/api/v1/statuses/{some}/context", "/api/v1/statuses/{root}/context"),
    "/api/v1/statuses/{status_id:str}/history": ("/api/v1/statuses/{post}/history",),
    "/api/v1/statuses/{status_id:str}/quotes": ("/api/v1/statuses/{quoted}/quotes",),
    "/api/v1/statuses/{status_id:str}/source": ("/api/v1/statuses/{some}/source",),
    "/api/v1/timelines/direct": ("/api/v1/timelines/direct?limit=40",),
    "/api/v1/timelines/home": ("/api/v1/timelines/home?limit=40", "/api/v1/timelines/home?limit=40&min_id=1"),
    "/api/v1/timelines/link": (f"/api/v1/timelines/link?limit=40&url={LINK}",),
    "/api/v1/timelines/list/{list_id:str}": ("/api/v1/timelines/list/{list}?limit=40",),
    "/api/v1/timelines/public": (
        "/api/v1/timelines/public?limit=40",
        "/api/v1/timelines/public?local=true&limit=40",
        "/api/v1/timelines/public?only_media=true&limit=40",
    ),
    "/api/v1/timelines/tag/{hashtag:str}": (
        f"/api/v1/timelines/tag/{TAG}?limit=40",
        f"/api/v1/timelines/tag/{TAG}?limit=40&any[]=other",
    ),
    "/api/v1/trends/statuses": ("/api/v1/trends/statuses",),
    "/api/v2/notifications": (
        "/api/v2/notifications?limit=60",
        "/api/v2/notifications?limit=60&include_filtered=true&exclude_types[]=favourite&exclude_types[]=reblog",
    ),
    "/api/v2/notifications/{group_key:str}": ("/api/v2/notifications/{group}",),
    "/api/v2/search": (
        "/api/v2/search?q=treasure&limit=40",
        "/api/v2/search?q=zq&limit=40",
        "/api/v2/search?q=from:bob&limit=40",
        "/api/v2/search?q=in:library&limit=40",
        "/api/v2/search?q=in:bookmarks&limit=40",
        "/api/v2/search?q=in:bookmarks treasure&limit=40",
        "/api/v2/search?q=has:poll&limit=40",
        "/api/v2/search?q=http://twite.example/@{author}/{some}",
    ),
    "/bookmarks": ("/bookmarks", "/bookmarks?q=treasure"),
    "/bookmarks/{folder_id:str}": ("/bookmarks/{folder}", "/bookmarks/{folder}?q=treasure"),
    "/catch-up": ("/catch-up?hours=168",),
    "/compose": ("/compose?in_reply_to={some}", "/compose?quote={some}"),
    "/drafts": ("/drafts",),
    "/drafts/{draft_id:str}": ("/drafts/{kept}",),
    "/explore": ("/explore",),
    "/favourites": ("/favourites",),
    "/lists/{list_id:str}": ("/lists/{list}",),
    "/messages": ("/messages",),
    "/messages/{conversation_id:str}": ("/messages/{conversation}",),
    "/notifications": ("/notifications",),
    "/notifications/requests": ("/notifications/requests",),
    "/posts/{post_id:str}": ("/posts/{some}",),
    "/posts/{post_id:str}/filters": ("/posts/{some}/filters",),
    "/posts/{post_id:str}/menu": ("/posts/{some}/menu",),
    "/posts/{post_id:str}/delete": ("/posts/{some}/delete",),
    "/posts/{post_id:str}/folder": ("/posts/{some}/folder",),
    "/posts/{post_id:str}/edit": ("/posts/{some}/edit",),
    "/posts/{post_id:str}/redraft": ("/posts/{some}/redraft",),
    "/public": ("/public",),
    **{f"/public/feed.{name}": (f"/public/feed.{name}",) for name in FEEDS},
    # Feeds whose addresses somebody knows are asked in `test_own_copies`.
    **{f"/feeds/{{token:str}}/feed.{name}": (f"/feeds/forged/feed.{name}",) for name in FEEDS},
    "/scheduled": ("/scheduled",),
    "/search": ("/search?q=treasure", "/search?q=zq"),
    "/settings/filters/{filter_id:str}": ("/settings/filters/{filter}",),
    "/tags": ("/tags",),
    "/statistics": ("/statistics",),
    "/statistics/{year:str}": (f"/statistics/{clock.as_date(clock.now()).year}",),
    "/tags/{name:str}": (f"/tags/{TAG}",),
    **{f"/tags/{{name:str}}/feed.{name}": (f"/tags/{TAG}/feed.{name}",) for name in FEEDS},
    "/{handle:str}": ("/@bob", "/@booster", "/@limited", "/@suspended"),
    **{
        f"/{{handle:str}}/feed.{name}": tuple(
            f"/@{account}/feed.{name}" for account in ("bob", "booster", "limited", "suspended")
        )
        for name in FEEDS
    },
    "/{handle:str}/media": ("/@bob/media",),
    "/{handle:str}/with_replies": ("/@bob/with_replies", "/@booster/with_replies"),
    "/{handle:str}/{post_id:str}": (
        "/@{author}/{post}",
        "/@booster/{root}",
        "/@booster/{quoting}",
    ),
    "/{handle:str}/{post_id:str}/embed": ("/@{author}/{some}/embed", "/@booster/{quoting}/embed"),
    "/{handle:str}/{post_id:str}/card.png": ("/@{author}/{some}/card.png",),
    "/{handle:str}/{post_id:str}/history": ("/@{author}/{some}/history",),
    "/{handle:str}/{post_id:str}/quotes": ("/@{author}/{quoted}/quotes",),
}
SILENT = {
    "/@suspended",
    *(f"/@suspended/feed.{name}" for name in FEEDS),
    *(f"/feeds/forged/feed.{name}" for name in FEEDS),
    "/api/v1/accounts/{suspended}/statuses",
    "/api/v1/media/{media}",
    "/posts/{some}",
    "/posts/{some}/folder",
    "/posts/{some}/menu",
    "/@{author}/{some}/card.png",
}
"""Addresses that show nobody anything: the account is suspended, an upload is shown until it is on a post only, a
redirect, a picture and a menu have none of a post's words."""


def _by_bob(viewer, post):
    return is_shown(viewer, post) and post.author == "bob"


def _scheduled(viewer, post):
    return may(viewer, post) and post.shape == "scheduled"


def _kept(viewer, post):
    return may(viewer, post) and post.shape == "kept"


# Addresses that show these parts of all that the oracle allows and the list's own rule keeps, and of nothing else.
EXACT = {
    "/api/v1/statuses/{post}": (is_shown, {"text", "tag", "option", "alt", "warning", "card"}),
    "/api/v1/statuses/{post}/history": (is_shown, {"text", "before", "option", "alt", "warning"}),
    "/api/v1/drafts?limit=40": (_kept, {"text"}),
    "/api/v1/drafts/{kept}": (_kept, {"text"}),
    "/drafts/{kept}": (_kept, {"text"}),
    "/api/v1/scheduled_statuses/{scheduled}": (_scheduled, {"text"}),
    "/@{author}/{post}": (is_shown, {"text", "tag", "option", "alt", "warning", "card"}),
    "/api/v1/accounts/{bob}/statuses?limit=40": (_by_bob, {"text"}),
    "/api/v1/timelines/public?limit=40": (is_public, {"text"}),
    f"/api/v1/timelines/tag/{TAG}?limit=40": (is_tagged, {"text"}),
    "/api/v1/timelines/home?limit=40": (is_at_home, {"text"}),
    "/api/v1/timelines/list/{list}?limit=40": (is_listed, {"text"}),
    "/api/v1/favourites?limit=40": (is_saved, {"text"}),
    "/api/v1/bookmarks?limit=40": (is_saved, {"text"}),
    "/api/v1/bookmarks?limit=40&folder_id={folder}": (is_saved, {"text"}),
    "/api/v1/admin/reports/{report}": (may_judge, {"text"}),
    "/admin/reports/{report}": (may_judge, {"text"}),
}
FOR_STRANGERS = (
    *("/api/oembed", "/@{author}/{some}/embed", "/@booster/{quoting}/embed"),
    *(template for several in SHOWS.values() for template in several if "/feed." in template),
)
"""Other sites and feed readers show these: they answer everybody as they answer a stranger."""
REFUSED = {401, 403}
"""What is asked without a login, or without the right to."""
FOR_JUDGES = ("/api/v1/admin/", "/admin/")


def _allowed(viewer, template, post):
    return may(_known_as(viewer, template), post) or (template.startswith(FOR_JUDGES) and may_judge(viewer, post))


def _known_as(viewer, template):
    unknown = template.startswith(FOR_STRANGERS) or (viewer == "expelled" and not is_api(template))
    return "anonymous" if unknown else viewer


def _expected(viewer, template, posts):
    """Return the words that an exact address is to show a viewer, and those that are looked for."""
    keeps, parts = EXACT[template]
    known_as = _known_as(viewer, template)
    parted = [(post, {post.word + part for part in parts} & post.words) for post in posts]
    expected = {word for post, words in parted for word in words if keeps(known_as, post)}
    return expected, {word for _, words in parted for word in words}


def _may_be_kept(answer):
    """Say whether a cache may keep an answer, for others too."""
    return answer.headers.get("cache-control") != "private, no-store"


def test_every_route_shows_what_the_oracle_allows(world, viewers, addresses):
    templates = [template for several in SHOWS.values() for template in several]
    for_few = {word for post in world.posts if not may("anonymous", post) for word in post.words}
    wrong: list[tuple[object, ...]] = []
    spoke = set()
    for viewer, template in product(VIEWERS, templates):
        answers = [(answer, found_in(answer.text, world.posts)) for answer in viewers[viewer].ask(addresses(template))]
        wrong += [(viewer, template, answer.status_code) for answer, _ in answers if answer.status_code >= 500]
        wrong += [(viewer, template, "may be kept") for one, words in answers if words & for_few and _may_be_kept(one)]
        shown = {word for _, words in answers for word in words}
        allowed = {word for post in world.posts if _allowed(viewer, template, post) for word in post.words}
        wrong += [(viewer, template, "shows", word) for word in sorted(shown - allowed)]
        spoke |= {template} if shown else set()
        if template in EXACT and not all(answer.status_code in REFUSED for answer, _ in answers):
            expected, looked_for = _expected(viewer, template, world.posts)
            wrong += [(viewer, template, "differs", word) for word in sorted(expected ^ shown & looked_for)]

    assert wrong == []
    assert set(templates) - spoke == SILENT


def test_every_route_is_known_to_show_posts_or_not(methods):
    assert sorted([*SHOWS, *unconcerned.READ]) == sorted(path for path, found in methods.items() if "GET" in found)
