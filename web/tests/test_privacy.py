"""No route shows a stranger a private post: the routes come from the router, and each must be known here.

The walk is made as somebody who isn't logged in, as somebody who is but has nothing to do with the author, and as
somebody whom the author blocks.
"""

import re

import pytest
from litestar.routes import HTTPRoute

from twite_common.services.accounts import blocks, follows
from twite_common.services.posts import bookmarks, boosts, favourites
from twite_web.middleware.security import is_api

SECRET = "the treasure lies under the oak"
TAG = "treasuremap"


@pytest.fixture
def follower(make_account):
    return make_account("dot")


@pytest.fixture
def posts(database, settings, bob, follower, make_post):
    """Private posts by Bob, whom Dot follows and who names her; she has favourited, bookmarked and answered them."""
    with database.writing() as db:
        follows.follow_account(db, now=1, follower_id=follower.id, followee_id=bob.id)
    made = []
    for now, visibility in ((2, "followers"), (3, "mentioned")):
        post_id = make_post(bob, f"@dot {SECRET} #{TAG}", visibility=visibility, spoiler_text=SECRET)
        with database.writing() as db:
            favourites.favourite_post(db, now=now, account_id=follower.id, post_id=post_id)
            bookmarks.bookmark_post(db, now=now, account_id=follower.id, post_id=post_id)
        make_post(follower, f"@bob {SECRET} indeed #{TAG}", visibility=visibility, in_reply_to_id=post_id)
        made.append(post_id)
    with database.writing() as db:
        boosts.boost_post(db, settings, now=4, account_id=bob.id, post_id=made[0])
    return made


@pytest.fixture
def routes(bare):
    """Every address that can be asked for, with its method; those that end a session come last."""
    found = {
        (method, route.path)
        for route in bare.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods - {"OPTIONS", "HEAD"}
    }
    return sorted(found, key=lambda one: ("/logout" in one[1], one))


def filled(path, *, post_id, bob):
    """Return the addresses that a route's path stands for, with Bob and his post wherever one can be named."""
    values = {
        "account_id": [bob.id],
        "status_id": [post_id],
        "post_id": [post_id],
        "handle": ["@bob", "@dot"],
        "hashtag": [TAG],
        "name": [TAG, "bob"],
        "poll_id": [post_id],
        "block_id": [1],
        "allow_id": [1],
        "report_id": [1],
        "conversation_id": [1],
        "request_id": [1],
        "list_id": [1],
        "folder_id": [1],
        "search_id": [1],
        "featured_tag_id": [1],
        "filter_id": [1],
        "keyword_id": [1],
        "filter_status_id": [1],
        "media_id": [post_id],
        "draft_id": [post_id],
        "scheduled_id": [post_id],
        "quoting_id": [post_id],
        "notification_id": [post_id],
        "group_key": [f"ungrouped-{post_id}"],
        "application_id": [1],
        "token_id": [1],
        "session_id": [1],
        "invitation_id": [1],
        "passkey_id": [1],
        "alias_id": [1],
        "archive_id": [1],
        "feed_id": [1],
        "webhook_id": [1],
        "membership_id": [1],
        "delivery_id": [1],
        "import_id": [1],
        "year": [2025],
        "date": ["2026-01-01"],
        "rule_id": [1],
        "content_rule_id": [1],
        "domain_list_id": [1],
        "held_id": [1],
        "strike_id": [1],
        "preset_id": [1],
        "emoji_id": [1],
        "kind": ["tag", "post"],
        "subject_id": [post_id],
        "decision": ["approve"],
        "tag_id": [1],
        "link_id": [1],
        "publisher_id": [1],
        "announcement_id": [1],
        "text_name": ["about"],
        "event_id": [1],
        "mail_id": [1],
        "folder": ["ab"],
        "file": ["posts.svg"],
        "file_path": ["styles/post.css"],
        "version": ["0123456789ab"],
        "token": ["forged"],
    }
    addresses = [""]
    for part in re.split(r"(\{[^}]+\})", path):
        name = part[1:-1].partition(":")[0] if part.startswith("{") else None
        if name is not None and name not in values:
            raise AssertionError(f"The privacy test doesn't know what {part} in {path} is: tell it.")
        choices = values[name] if name is not None else [part]
        addresses = [address + str(choice) for address in addresses for choice in choices]
    return addresses


QUERIES = {
    "/api/v2/search": ["?q=treasure&resolve={login}", "?q=http://twite.example/@bob/{post}&resolve={login}"],
    "/api/v1/bookmarks": ["", "?folder_id=1"],
    "/api/v1/catch_up": ["?hours=168"],
    "/api/v1/search/suggestions": ["?q=treasure"],
    "/api/v1/statuses": ["?id[]={post}"],
    "/api/v1/accounts": ["?id[]={bob}"],
    "/api/v1/accounts/relationships": ["?id[]={bob}"],
    "/api/v1/accounts/familiar_followers": ["?id[]={bob}"],
    "/api/v1/accounts/lookup": ["?acct=bob"],
    "/api/v1/accounts/search": ["?q=treasure", "?q=bob"],
    "/.well-known/webfinger": ["?resource=acct:bob@twite.example"],
    "/bookmarks": ["", "?q=treasure"],
    "/catch-up": ["?hours=168"],
    "/search/suggestions": ["?q=treasure"],
    "/search": ["?q=treasure", "?q=http://twite.example/@bob/{post}"],
    "/compose/completions": ["?typed=@bob", "?typed=%23treasure", "?typed=:bob"],
    "/compose": ["?in_reply_to={post}", "?quote={post}"],
}
BODIES = {
    "/api/v1/statuses": {"status": "x", "in_reply_to_id": "{post}"},
    "/api/v1/statuses/thread": {"statuses[][status]": "x", "statuses[][in_reply_to_id]": "{post}"},
    "/bookmarks/new": {"name": "x", "post_id": "{post}"},
    "/posts": {"text": "x", "in_reply_to_id": "{post}"},
}
WALKERS = ["nobody", "stranger", "blocked", "former follower"]


@pytest.fixture(params=WALKERS)
def walker(request, api, logged_in, stranger_browser, database, ann, bob):
    """Return whom a walk is made as: a client of the API and a browser."""
    if request.param == "nobody":
        return api(), stranger_browser
    with database.writing() as db:
        if request.param == "blocked":
            blocks.block_account(db, now=3, account_id=bob.id, blocked_id=ann.id)
        if request.param == "former follower":
            follows.follow_account(db, now=1, follower_id=ann.id, followee_id=bob.id)
            follows.unfollow_account(db, follower_id=ann.id, followee_id=bob.id)
    return api(ann), logged_in(ann)


@pytest.fixture
def stranger_browser(open_browser):
    return open_browser()


def test_no_route_shows_what_is_private(routes, posts, walker, bob):
    api, browser = walker
    browser.open("/login" if browser.client.cookies.get("twite") is None else "/settings")
    form_token = browser.value("form_token")
    shown, failed = [], []
    for method, path in routes:
        client = api if is_api(path) else browser.client
        for post_id in posts:
            names = {"post": post_id, "bob": bob.id, "login": str("authorization" in client.headers).lower()}
            body = {name: text.format(**names) for name, text in BODIES.get(path, {}).items()}
            if method != "GET" and client is browser.client:
                body["form_token"] = form_token
            for address in filled(path, post_id=post_id, bob=bob):
                for query in QUERIES.get(path, [""]) if method == "GET" else [""]:
                    answer = client.request(method, address + query.format(**names), data=body or None)
                    if answer.status_code >= 500:
                        failed.append((method, address, answer.status_code))
                    if "treasure lies" in answer.text:
                        shown.append((method, address + query))

    assert (shown, failed) == ([], [])


def test_the_walk_finds_what_is_shown(posts, follower, api, logged_in):
    post_id = posts[0]

    assert SECRET in api(follower).get(f"/api/v1/statuses/{post_id}").text
    assert SECRET in logged_in(follower).client.get(f"/@bob/{post_id}").text
    assert SECRET in api(follower).get("/api/v1/notifications").text


def test_a_route_that_is_not_known_is_noticed(bob):
    with pytest.raises(AssertionError, match="tell it"):
        filled("/api/v1/unknown/{unknown_id:str}", post_id=1, bob=bob)
