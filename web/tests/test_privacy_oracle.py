"""Who sees which post: an oracle of a few lines, and every route that can show a post agrees with it.

Every GET route is in `SHOWS`, with the addresses to ask, in `NEED_MORE` or in `CANNOT_SHOW`; one in none of them
fails the test.
A post is shown when its own word occurs in the answer.
"""

from itertools import product

import msgspec
import pytest
from litestar.routes import HTTPRoute

from twite_common.drafts import PollDraft
from twite_common.services import accounts
from twite_common.visibility import VISIBILITIES
from twite_web.app import create
from twite_web.edge import is_api

SHAPES = ("plain", "naming", "poll", "reply", "edited")
FOLLOWING = {"follower", "mutual"}
HIDING = {"blocked", "blocking", "muted"}
VIEWERS = ("anonymous", "stranger", "follower", "mutual", "blocked", "blocking", "muted", "mentioned", "former", "bob")
TAG = "treasuremap"


class Post(msgspec.Struct, frozen=True):
    """A post and the word that only it has."""

    id: int
    author: str
    shape: str
    visibility: str
    word: str


def may(viewer: str, post: Post) -> bool:
    """Say who may see a post: the rule that everything is compared with."""
    if post.author == "suspended" or viewer == "blocked":
        return False
    return (
        viewer == "bob"
        or post.visibility in {"public", "unlisted"}
        or (post.visibility == "followers" and viewer in FOLLOWING)
        or (post.shape == "naming" and viewer == "mentioned")
    )


def _public(viewer, post):
    return may(viewer, post) and post.visibility == "public" and post.shape != "reply" and viewer not in HIDING


def _tagged(viewer, post):
    return may(viewer, post) and post.visibility == "public" and viewer not in HIDING


def _home(viewer, post):
    return may(viewer, post) and (viewer == "bob" or (viewer in FOLLOWING and post.shape != "reply"))


def _listed(viewer, post):
    return may(viewer, post) and viewer in FOLLOWING and post.shape != "reply"


def _saved(viewer, post):
    return may(viewer, post) and viewer == "former"


# What is asked of each route. `{post}` stands for every post in turn, `{bob}` for the author.
SHOWS: dict[str, tuple[str, ...]] = {
    "/": ("/",),
    "/api/oembed": ("/api/oembed?url=http://twite.example/@{author}/{post}",),
    "/api/v1/accounts/{account_id:str}/statuses": (
        "/api/v1/accounts/{bob}/statuses?limit=40",
        "/api/v1/accounts/{bob}/statuses?limit=40&pinned=true",
        "/api/v1/accounts/{bob}/statuses?limit=40&exclude_replies=true",
        "/api/v1/accounts/{bob}/statuses?limit=40&exclude_reblogs=true",
        f"/api/v1/accounts/{{bob}}/statuses?limit=40&tagged={TAG}",
        "/api/v1/accounts/{booster}/statuses",
        "/api/v1/accounts/{suspended}/statuses",
    ),
    "/api/v1/admin/reports": ("/api/v1/admin/reports",),
    "/api/v1/bookmarks": ("/api/v1/bookmarks?limit=40",),
    "/api/v1/conversations": ("/api/v1/conversations?limit=40",),
    "/api/v1/favourites": ("/api/v1/favourites?limit=40",),
    "/api/v1/notifications": ("/api/v1/notifications?limit=40",),
    "/api/v1/notifications/requests": ("/api/v1/notifications/requests",),
    "/api/v1/polls/{poll_id:str}": ("/api/v1/polls/{post}",),
    "/api/v1/scheduled_statuses": ("/api/v1/scheduled_statuses",),
    "/api/v1/statuses": ("/api/v1/statuses?id[]={post}",),
    "/api/v1/statuses/{status_id:str}": ("/api/v1/statuses/{post}",),
    "/api/v1/statuses/{status_id:str}/context": ("/api/v1/statuses/{post}/context", "/api/v1/statuses/{root}/context"),
    "/api/v1/statuses/{status_id:str}/history": ("/api/v1/statuses/{post}/history",),
    "/api/v1/statuses/{status_id:str}/quotes": ("/api/v1/statuses/{post}/quotes",),
    "/api/v1/statuses/{status_id:str}/source": ("/api/v1/statuses/{post}/source",),
    "/api/v1/timelines/direct": ("/api/v1/timelines/direct?limit=40",),
    "/api/v1/timelines/home": ("/api/v1/timelines/home?limit=40",),
    "/api/v1/timelines/list/{list_id:str}": ("/api/v1/timelines/list/{list}?limit=40",),
    "/api/v1/timelines/public": ("/api/v1/timelines/public?limit=40", "/api/v1/timelines/public?local=true&limit=40"),
    "/api/v1/timelines/tag/{hashtag:str}": (f"/api/v1/timelines/tag/{TAG}?limit=40",),
    "/api/v1/trends/statuses": ("/api/v1/trends/statuses",),
    "/api/v2/notifications": ("/api/v2/notifications?limit=40",),
    "/api/v2/search": ("/api/v2/search?q=treasure&limit=40", "/api/v2/search?q=http://twite.example/@{author}/{post}"),
    "/bookmarks": ("/bookmarks",),
    "/compose": ("/compose?reply_to={post}",),
    "/favourites": ("/favourites",),
    "/notifications": ("/notifications",),
    "/posts/{post_id:str}/delete": ("/posts/{post}/delete",),
    "/posts/{post_id:str}/edit": ("/posts/{post}/edit",),
    "/public": ("/public",),
    "/search": ("/search?q=treasure", "/search?q=http://twite.example/@{author}/{post}"),
    "/tags/{name:str}": (f"/tags/{TAG}",),
    "/tags/{name:str}/feed.atom": (f"/tags/{TAG}/feed.atom",),
    "/{handle:str}": ("/@bob", "/@booster", "/@suspended"),
    "/{handle:str}/feed.atom": ("/@bob/feed.atom", "/@booster/feed.atom", "/@suspended/feed.atom"),
    "/{handle:str}/with_replies": ("/@bob/with_replies", "/@booster/with_replies"),
    "/{handle:str}/{post_id:str}": ("/@{author}/{post}", "/@booster/{root}"),
    "/{handle:str}/{post_id:str}/embed": ("/@{author}/{post}/embed",),
    "/{handle:str}/{post_id:str}/history": ("/@{author}/{post}/history",),
}
# Addresses that show all that the oracle allows and the list's own rule keeps, and nothing else.
EXACT = {
    "/api/v1/statuses/{post}": may,
    "/api/v1/statuses?id[]={post}": may,
    "/api/v1/statuses/{post}/history": may,
    "/@{author}/{post}": may,
    "/api/v1/accounts/{bob}/statuses?limit=40": may,
    "/api/v1/timelines/public?limit=40": _public,
    f"/api/v1/timelines/tag/{TAG}?limit=40": _tagged,
    "/api/v1/timelines/home?limit=40": _home,
    "/api/v1/timelines/list/{list}?limit=40": _listed,
    "/api/v1/favourites?limit=40": _saved,
    "/api/v1/bookmarks?limit=40": _saved,
}
# These show what has an id of its own (a notification, a list, a report, a file) and aren't compared here.
NEED_MORE = {
    "/accounts/{account_id:str}/report",
    "/admin/accounts/{account_id:str}",
    "/admin/mails/{mail_id:str}",
    "/admin/reports/{report_id:str}",
    "/api/v1/admin/reports/{report_id:str}",
    "/api/v1/media/{media_id:str}",
    "/api/v1/notifications/requests/{request_id:str}",
    "/api/v1/notifications/{notification_id:str}",
    "/api/v1/scheduled_statuses/{scheduled_id:str}",
    "/api/v1/timelines/link",
    "/api/v1/trends/links",
    "/api/v2/notifications/{group_key:str}",
    "/media/{folder:str}/{name:str}",
}
CANNOT_SHOW = {
    "/.well-known/host-meta",
    "/.well-known/host-meta.json",
    "/.well-known/nodeinfo",
    "/.well-known/oauth-authorization-server",
    "/.well-known/webfinger",
    "/about",
    "/about/statistics",
    "/about/statistics.csv",
    "/about/statistics/{file:str}",
    "/accounts/{account_id:str}/following",
    "/admin",
    "/admin/accounts",
    "/admin/announcements",
    "/admin/announcements/{announcement_id:str}",
    "/admin/audit",
    "/admin/blocks",
    "/admin/emojis",
    "/admin/events",
    "/admin/mails",
    "/admin/reports",
    "/admin/rules",
    "/admin/rules/{rule_id:str}",
    "/admin/servers",
    "/admin/texts",
    "/admin/texts/{text_name:str}",
    "/admin/trends",
    "/admin/waiting",
    "/api/docs",
    "/api/docs/files/{file_path:path}",
    "/api/openapi.json",
    "/api/v1/accounts",
    "/api/v1/accounts/familiar_followers",
    "/api/v1/accounts/lookup",
    "/api/v1/accounts/relationships",
    "/api/v1/accounts/search",
    "/api/v1/accounts/verify_credentials",
    "/api/v1/accounts/{account_id:str}",
    "/api/v1/accounts/{account_id:str}/collections",
    "/api/v1/accounts/{account_id:str}/endorsements",
    "/api/v1/accounts/{account_id:str}/featured_tags",
    "/api/v1/accounts/{account_id:str}/followers",
    "/api/v1/accounts/{account_id:str}/following",
    "/api/v1/accounts/{account_id:str}/identity_proofs",
    "/api/v1/accounts/{account_id:str}/in_collections",
    "/api/v1/accounts/{account_id:str}/lists",
    "/api/v1/admin/accounts",
    "/api/v1/admin/accounts/{account_id:str}",
    "/api/v1/admin/canonical_email_blocks",
    "/api/v1/admin/canonical_email_blocks/{block_id:str}",
    "/api/v1/admin/domain_allows",
    "/api/v1/admin/domain_allows/{allow_id:str}",
    "/api/v1/admin/domain_blocks",
    "/api/v1/admin/domain_blocks/{block_id:str}",
    "/api/v1/admin/email_domain_blocks",
    "/api/v1/admin/email_domain_blocks/{block_id:str}",
    "/api/v1/admin/ip_blocks",
    "/api/v1/admin/ip_blocks/{block_id:str}",
    "/api/v1/admin/tags",
    "/api/v1/admin/tags/{tag_id:str}",
    "/api/v1/admin/trends/links",
    "/api/v1/admin/trends/links/publishers",
    "/api/v1/admin/trends/statuses",
    "/api/v1/admin/trends/tags",
    "/api/v1/announcements",
    "/api/v1/annual_reports",
    "/api/v1/annual_reports/{year:str}",
    "/api/v1/annual_reports/{year:str}/state",
    "/api/v1/apps/verify_credentials",
    "/api/v1/blocks",
    "/api/v1/custom_emojis",
    "/api/v1/directory",
    "/api/v1/domain_blocks",
    "/api/v1/domain_blocks/preview",
    "/api/v1/donation_campaigns",
    "/api/v1/emails/check_confirmation",
    "/api/v1/endorsements",
    "/api/v1/featured_tags",
    "/api/v1/featured_tags/suggestions",
    "/api/v1/filters",
    "/api/v1/filters/{keyword_id:str}",
    "/api/v1/follow_requests",
    "/api/v1/followed_tags",
    "/api/v1/instance",
    "/api/v1/instance/activity",
    "/api/v1/instance/domain_blocks",
    "/api/v1/instance/extended_description",
    "/api/v1/instance/languages",
    "/api/v1/instance/peers",
    "/api/v1/instance/privacy_policy",
    "/api/v1/instance/rules",
    "/api/v1/instance/terms_of_service",
    "/api/v1/instance/terms_of_service/{date:str}",
    "/api/v1/instance/translation_languages",
    "/api/v1/lists",
    "/api/v1/lists/{list_id:str}",
    "/api/v1/lists/{list_id:str}/accounts",
    "/api/v1/markers",
    "/api/v1/mutes",
    "/api/v1/notifications/policy",
    "/api/v1/notifications/requests/merged",
    "/api/v1/notifications/unread_count",
    "/api/v1/peers/search",
    "/api/v1/preferences",
    "/api/v1/profile",
    "/api/v1/push/subscription",
    "/api/v1/statistics/daily",
    "/api/v1/statuses/{status_id:str}/favourited_by",
    "/api/v1/statuses/{status_id:str}/reblogged_by",
    "/api/v1/suggestions",
    "/api/v1/tags/{name:str}",
    "/api/v1/trends",
    "/api/v1/trends/tags",
    "/api/v2/admin/accounts",
    "/api/v2/filters",
    "/api/v2/filters/keywords/{keyword_id:str}",
    "/api/v2/filters/statuses/{filter_status_id:str}",
    "/api/v2/filters/{filter_id:str}",
    "/api/v2/filters/{filter_id:str}/keywords",
    "/api/v2/filters/{filter_id:str}/statuses",
    "/api/v2/instance",
    "/api/v2/notifications/policy",
    "/api/v2/notifications/unread_count",
    "/api/v2/notifications/{group_key:str}/accounts",
    "/api/v2/suggestions",
    "/confirm",
    "/confirm-email/{token:str}",
    "/confirm/{token:str}",
    "/directory",
    "/explore",
    "/first/{token:str}",
    "/follow-requests",
    "/forgot",
    "/forgot/sent",
    "/health",
    "/login",
    "/nodeinfo/2.0",
    "/oauth/authorize",
    "/oauth/authorize/native",
    "/oauth/userinfo",
    "/privacy",
    "/reset/{token:str}",
    "/robots.txt",
    "/settings",
    "/settings/account",
    "/settings/account/delete",
    "/settings/account/email",
    "/settings/account/password",
    "/settings/aliases",
    "/settings/applications",
    "/settings/blocks",
    "/settings/invitations",
    "/settings/mail",
    "/settings/mutes",
    "/settings/preferences",
    "/settings/profile",
    "/signup",
    "/signup/sent",
    "/static/{file_path:path}",
    "/statistics",
    "/statistics.csv",
    "/statistics/{file:str}",
    "/terms",
    "/unsubscribe/{token:str}",
    "/{handle:str}/followers",
    "/{handle:str}/following",
}
# Other sites show these: they answer everybody as they answer a stranger.
FOR_STRANGERS = ("/api/oembed", "/@{author}/{post}/embed")


@pytest.fixture
def cast(make_account, api):
    """Everybody, with an API client each and the relation to Bob that their name says."""
    people = {name: make_account(name) for name in (*VIEWERS[1:], "booster", "suspended")}
    clients = {name: api(person) for name, person in people.items()}
    bob = people["bob"].id
    for name in ("follower", "mutual", "former"):
        clients[name].post(f"/api/v1/accounts/{bob}/follow")
    clients["bob"].post(f"/api/v1/accounts/{people['mutual'].id}/follow")
    clients["bob"].post(f"/api/v1/accounts/{people['blocked'].id}/block")
    clients["blocking"].post(f"/api/v1/accounts/{bob}/block")
    clients["muted"].post(f"/api/v1/accounts/{bob}/mute")
    return people, clients


@pytest.fixture
def lists(cast):
    """The ids of the lists with Bob of those who follow him, and of one who then unfollowed him."""
    people, clients = cast
    made = []
    for name in ("follower", "mutual", "former"):
        id = clients[name].post("/api/v1/lists", json={"title": "close"}).json()["id"]
        clients[name].post(f"/api/v1/lists/{id}/accounts", json={"account_ids": [str(people["bob"].id)]})
        made.append(id)
    return made


@pytest.fixture
def posts(cast, lists, make_post, database):
    """A post of every shape and visibility by Bob and by somebody suspended, saved by one who then unfollowed Bob."""
    people, clients = cast
    root = make_post(people["booster"], "the root")
    made = [
        _make(make_post, people, clients, root, *kind) for kind in product(("bob", "suspended"), SHAPES, VISIBILITIES)
    ]
    for post in made:
        for verb in ("favourite", "bookmark"):
            clients["former"].post(f"/api/v1/statuses/{post.id}/{verb}")
        if post.author == "bob" and post.shape == "plain":
            clients["booster"].post(f"/api/v1/statuses/{post.id}/reblog")
            clients["bob"].post(f"/api/v1/statuses/{post.id}/pin")
            clients["bob"].post("/api/v1/statuses", json=_quote(post))
    clients["former"].post(f"/api/v1/accounts/{people['bob'].id}/unfollow")
    with database.writing() as db:
        accounts.suspend(db, now=1, account_id=people["suspended"].id)
    return root, made


def _quote(post):
    return {"status": "see", "quoted_status_id": str(post.id), "visibility": "unlisted"}


def _make(make_post, people, clients, root, author, shape, visibility):
    word = f"zq{author}{shape}{visibility}qz"
    text = f"treasure {word} #{TAG}" + (" @mentioned" if shape == "naming" else "")
    poll = {"poll": PollDraft(options=(f"{word} yes", f"{word} no"), expires_in_seconds=600)} if shape == "poll" else {}
    reply = {"in_reply_to_id": root} if shape == "reply" else {}
    id = make_post(people[author], text, visibility=visibility, **poll, **reply)
    if shape == "edited":
        clients[author].put(f"/api/v1/statuses/{id}", json={"status": f"{text} again"})
    return Post(id, author, shape, visibility, word)


def _addresses(template, people, lists, root, made):
    if "{list}" in template:
        return [template.format(list=id) for id in lists]
    fixed = {"root": root} | {name: people[name].id for name in ("bob", "booster", "suspended")}
    if "{post}" not in template:
        return {template.format(**fixed)}
    return {template.format(post=post.id, author=post.author, **fixed) for post in made}


def test_every_route_shows_what_the_oracle_allows(cast, lists, posts, api, open_browser, logged_in):
    people, clients = cast
    root, made = posts
    wrong = []
    for viewer in VIEWERS:
        client = api() if viewer == "anonymous" else clients[viewer]
        browser = open_browser() if viewer == "anonymous" else logged_in(people[viewer])
        for template in (template for templates in SHOWS.values() for template in templates):
            asker = client if is_api(template.partition("?")[0]) else browser.client
            answers = [asker.get(address) for address in _addresses(template, people, lists, root, made)]
            wrong += [(viewer, template, answer.status_code) for answer in answers if answer.status_code >= 500]
            shown = {post.word for post in made if any(post.word in answer.text for answer in answers)}
            known_as = "anonymous" if template.startswith(FOR_STRANGERS) else viewer
            allowed = {post.word for post in made if may(known_as, post)}
            wrong += [(viewer, template, "shows", word) for word in sorted(shown - allowed)]
            if template in EXACT and not (viewer == "anonymous" and answers[0].status_code == 401):
                expected = {post.word for post in made if EXACT[template](viewer, post)}
                wrong += [(viewer, template, "differs", word) for word in sorted(shown ^ expected)]

    assert wrong == []


def test_every_route_is_known_to_show_posts_or_not(settings, database):
    routes = {
        route.path
        for route in create(settings, database).routes
        if isinstance(route, HTTPRoute) and "GET" in route.methods
    }

    assert sorted([*SHOWS, *NEED_MORE, *CANNOT_SHOW]) == sorted(routes)
