"""How many SQL statements a request runs: few, and never more for a fuller list."""

import re

import pytest
from litestar.routes import HTTPRoute

from twite_web.middleware.security import is_api

ADDRESSES = {"/api/v1/statuses/{status_id:str}/source": "/api/v1/statuses/{mine}/source"}
FEEDS = ("atom", "rss", "json")
# What shows more when there is more.
LISTS = {
    "/": 16,
    "/accounts/{account_id:str}/lists": 6,
    "/drafts": 4,
    "/scheduled": 5,
    "/accounts/{account_id:str}/report": 4,
    "/admin/accounts": 5,
    "/admin/accounts?q=friend": 5,
    "/admin/announcements": 3,
    "/admin/appeals": 3,
    "/admin/audit": 3,
    "/admin/blocks": 6,
    "/admin/emojis": 3,
    "/admin/events": 3,
    "/admin/mails": 4,
    "/admin/reports": 4,
    "/admin/rules": 3,
    "/admin/servers": 4,
    "/admin/trends": 7,
    "/admin/waiting": 3,
    "/admin/warning-presets": 3,
    "/api/v1/accounts/familiar_followers?id[]={bob}&id[]={cho}": 3,
    "/api/v1/accounts/search?q=friend": 3,
    "/api/v1/accounts/{account_id:str}/endorsements": 4,
    "/api/v1/accounts/{account_id:str}/featured_tags": 3,
    "/api/v1/accounts/{account_id:str}/followers": 4,
    "/api/v1/accounts/{account_id:str}/following": 4,
    "/api/v1/accounts/{account_id:str}/lists": 3,
    "/api/v1/accounts/{account_id:str}/statuses": 4,
    "/api/v1/accounts/{account_id:str}/statuses?pinned=true": 4,
    "/api/v1/admin/accounts": 4,
    "/api/v1/admin/canonical_email_blocks": 2,
    "/api/v1/admin/domain_allows": 2,
    "/api/v1/admin/domain_blocks": 2,
    "/api/v1/admin/email_domain_blocks": 3,
    "/api/v1/admin/ip_blocks": 2,
    "/api/v1/admin/reports": 6,
    "/api/v1/admin/tags": 4,
    "/api/v1/admin/trends/links": 3,
    "/api/v1/admin/trends/links/publishers": 2,
    "/api/v1/admin/trends/statuses": 3,
    "/api/v1/admin/trends/tags": 4,
    "/api/v1/announcements": 3,
    "/api/v1/blocks": 3,
    "/api/v1/bookmark_folders": 2,
    "/api/v1/bookmarks": 3,
    "/api/v1/bookmarks?folder_id={folder}": 4,
    "/api/v1/catch_up?hours=1": 10,
    "/api/v1/conversations": 4,
    "/api/v1/custom_emojis": 2,
    "/api/v1/directory": 3,
    "/api/v1/domain_blocks": 2,
    "/api/v1/drafts": 3,
    "/api/v1/endorsements": 3,
    "/api/v1/favourites": 3,
    "/api/v1/featured_tags": 2,
    "/api/v1/featured_tags/suggestions": 4,
    "/api/v1/filters": 2,
    "/api/v1/follow_requests": 3,
    "/api/v1/followed_tags": 4,
    "/api/v1/instance/domain_blocks": 2,
    "/api/v1/instance/rules": 2,
    "/api/v1/lists": 2,
    "/api/v1/lists/{list_id:str}/accounts": 4,
    "/api/v1/mutes": 3,
    "/api/v1/notifications": 7,
    "/api/v1/notifications/requests": 4,
    "/api/v1/profile": 3,
    "/api/v1/scheduled_statuses": 3,
    "/api/v1/search/suggestions": 2,
    "/api/v1/search/suggestions?q=friend": 6,
    "/api/v1/search/suggestions?q=tag": 9,
    "/api/v1/statuses/{status_id:str}/context": 4,
    "/api/v1/statuses/{status_id:str}/favourited_by": 4,
    "/api/v1/statuses/{status_id:str}/history": 4,
    "/api/v1/statuses/{status_id:str}/quotes": 4,
    "/api/v1/statuses/{status_id:str}/reblogged_by": 4,
    "/api/v1/suggestions": 3,
    "/api/v1/timelines/direct": 3,
    "/api/v1/timelines/home": 3,
    "/api/v1/timelines/link?url=https://p1.example/": 4,
    "/api/v1/timelines/list/{list_id:str}": 4,
    "/api/v1/timelines/public": 3,
    "/api/v1/timelines/public?only_media=true": 3,
    "/api/v1/timelines/tag/{hashtag:str}": 3,
    "/api/v1/trends": 4,
    "/api/v1/trends/links": 3,
    "/api/v1/trends/statuses": 3,
    "/api/v1/trends/tags": 4,
    "/api/v2/admin/accounts": 4,
    "/api/v2/admin/accounts?status=active": 4,
    "/api/v2/filters": 2,
    "/api/v2/filters/{filter_id:str}": 2,
    "/api/v2/filters/{filter_id:str}/keywords": 2,
    "/api/v2/filters/{filter_id:str}/statuses": 2,
    "/api/v2/notifications": 7,
    "/api/v2/notifications/{group_key:str}": 4,
    "/api/v2/notifications/{group_key:str}/accounts": 3,
    "/api/v2/search?q=birds": 8,
    "/api/v2/search?q=birds&type=statuses": 4,
    "/api/v2/search?q=friend&type=accounts": 3,
    "/api/v2/search?q=from:bob birds&type=statuses": 4,
    "/api/v2/search?q=in:bookmarks birds&type=statuses": 4,
    "/api/v2/suggestions": 3,
    "/bookmarks": 6,
    "/bookmarks/{folder_id:str}": 6,
    "/bookmarks?q=birds": 6,
    "/catch-up?hours=168": 11,
    "/directory": 4,
    "/explore": 8,
    "/explore/people": 4,
    "/favourites": 4,
    "/follow-requests": 4,
    "/lists": 4,
    "/lists/{list_id:str}": 5,
    "/lists/{list_id:str}/members": 5,
    "/notifications": 14,
    "/posts/{post_id:str}/filters": 5,
    "/messages": 5,
    "/notifications/requests": 5,
    "/public": 4,
    **{f"/public/feed.{name}": 3 for name in FEEDS},
    "/search/suggestions?q=tag": 7,
    "/search?q=birds": 14,
    "/settings/account": 3,
    "/settings/aliases": 3,
    "/settings/applications": 3,
    "/settings/blocks": 4,
    "/settings/domain-blocks": 3,
    "/settings/filters": 3,
    "/settings/filters/{filter_id:str}": 4,
    "/settings/invitations": 3,
    "/settings/mutes": 4,
    "/tags": 5,
    "/tags/{name:str}": 6,
    **{f"/tags/{{name:str}}/feed.{name}": 3 for name in FEEDS},
    "/{handle:str}": 8,
    **{f"/{{handle:str}}/feed.{name}": 4 for name in FEEDS},
    "/{handle:str}/featured": 7,
    "/{handle:str}/followers": 7,
    "/{handle:str}/following": 7,
    "/{handle:str}/media": 7,
    "/{handle:str}/with_replies": 8,
    "/{handle:str}/{post_id:str}": 6,
    "/{handle:str}/{post_id:str}/boosts": 6,
    "/{handle:str}/{post_id:str}/favourites": 6,
    "/{handle:str}/{post_id:str}/history": 5,
    "/{handle:str}/{post_id:str}/quotes": 6,
}
# What shows one thing, or always as much.
OTHERS = {
    "/.well-known/host-meta": 1,
    "/.well-known/host-meta.json": 1,
    "/.well-known/nodeinfo": 1,
    "/.well-known/oauth-authorization-server": 1,
    "/.well-known/webfinger?resource=acct:bob@twite.example": 2,
    "/about": 10,
    "/admin/picture": 3,
    "/about/statistics": 4,
    "/about/statistics.csv": 2,
    "/accounts/{account_id:str}/following": 4,
    "/admin": 22,
    "/accounts/{account_id:str}/mute": 4,
    "/accounts/{account_id:str}/note": 6,
    "/admin/accounts/{account_id:str}": 8,
    "/admin/announcements/{announcement_id:str}": 3,
    "/admin/mails/{mail_id:str}": 3,
    "/admin/reports/{report_id:str}": 9,
    "/admin/rules/{rule_id:str}": 3,
    "/admin/texts": 3,
    "/admin/warning-presets/{preset_id:str}": 3,
    "/admin/texts/{text_name:str}": 4,
    "/api/docs": 2,
    "/api/oembed?url=http://twite.example/@bob/{first}": 3,
    "/api/openapi.json": 0,
    "/api/v1/accounts/lookup?acct=bob": 2,
    "/api/v1/accounts/relationships?id[]={bob}&id[]={cho}": 2,
    "/api/v1/accounts/verify_credentials": 4,
    "/api/v1/accounts/{account_id:str}": 2,
    "/api/v1/accounts/{account_id:str}/collections": 2,
    "/api/v1/accounts/{account_id:str}/identity_proofs": 2,
    "/api/v1/accounts/{account_id:str}/in_collections": 2,
    "/api/v1/accounts?id[]={bob}&id[]={cho}": 2,
    "/api/v1/admin/accounts/{account_id:str}": 4,
    "/api/v1/admin/canonical_email_blocks/{block_id:str}": 2,
    "/api/v1/admin/domain_allows/{allow_id:str}": 2,
    "/api/v1/admin/domain_blocks/{block_id:str}": 2,
    "/api/v1/admin/email_domain_blocks/{block_id:str}": 3,
    "/api/v1/admin/ip_blocks/{block_id:str}": 2,
    "/api/v1/admin/reports/{report_id:str}": 6,
    "/api/v1/admin/tags/{tag_id:str}": 4,
    "/api/v1/annual_reports": 1,
    "/api/v1/annual_reports/{year:str}/state": 1,
    "/api/v1/apps/verify_credentials": 2,
    "/api/v1/domain_blocks/preview?domain=d1.example": 1,
    "/api/v1/emails/check_confirmation": 1,
    "/api/v1/filters/{keyword_id:str}": 2,
    "/api/v1/instance": 6,
    "/api/v1/instance/activity": 3,
    "/api/v1/instance/extended_description": 3,
    "/api/v1/instance/languages": 1,
    "/api/v1/instance/peers": 1,
    "/api/v1/instance/privacy_policy": 3,
    "/api/v1/instance/terms_of_service": 3,
    "/api/v1/instance/terms_of_service/{date:str}": 3,
    "/api/v1/instance/translation_languages": 1,
    "/api/v1/lists/{list_id:str}": 2,
    "/api/v1/markers?timeline[]=home": 2,
    "/api/v1/media/{media_id:str}": 2,
    "/api/v1/notifications/policy": 3,
    "/api/v1/notifications/requests/merged": 1,
    "/api/v1/notifications/requests/{request_id:str}": 4,
    "/api/v1/notifications/unread_count": 2,
    "/api/v1/notifications/{notification_id:str}": 5,
    "/api/v1/peers/search?q=a": 1,
    "/api/v1/polls/{poll_id:str}": 2,
    "/api/v1/preferences": 2,
    "/api/v1/drafts/{draft_id:str}": 3,
    "/api/v1/scheduled_statuses/{scheduled_id:str}": 3,
    "/api/v1/statistics/daily": 3,
    "/api/v1/statuses/{status_id:str}": 2,
    "/api/v1/statuses/{status_id:str}/source": 2,
    "/api/v1/statuses?id[]={polled}&id[]={mine}": 3,
    "/api/v1/tags/{name:str}": 4,
    "/api/v2/filters/keywords/{keyword_id:str}": 2,
    "/api/v2/filters/statuses/{filter_status_id:str}": 2,
    "/api/v2/instance": 7,
    "/api/v2/notifications/policy": 3,
    "/api/v2/notifications/unread_count": 2,
    "/admin/sign-ups": 5,
    "/compose?reply_to={first}": 5,
    "/compose/completions": 1,
    "/compose/completions?typed=@bob": 4,
    "/compose/completions?typed=%23first": 2,
    "/compose/completions?typed=:blob": 2,
    "/compose/emojis": 2,
    "/compose/media/{media_id:str}": 2,
    "/device": 2,
    "/device/done": 2,
    "/drafts/{draft_id:str}": 8,
    "/confirm": 2,
    "/forgot": 2,
    "/forgot/sent": 2,
    "/health": 1,
    "/explore/now": 6,
    "/lists/{list_id:str}/settings": 5,
    "/menu": 2,
    "/shortcuts": 2,
    "/nodeinfo/2.0": 2,
    "/oauth/authorize/native": 2,
    "/oauth/userinfo": 2,
    "/posts/{post_id:str}/menu": 5,
    "/bookmarks/new": 2,
    "/bookmarks/{folder_id:str}/settings": 3,
    "/posts/{post_id:str}/folder": 6,
    "/posts/{post_id:str}/delete": 5,
    "/posts/{post_id:str}/edit": 3,
    "/posts/{post_id:str}/redraft": 5,
    "/privacy": 4,
    "/manifest.webmanifest": 0,
    "/lists/new": 2,
    "/messages/new": 5,
    "/messages/{conversation_id:str}": 10,
    "/notifications/policy": 4,
    "/offline": 0,
    "/robots.txt": 0,
    "/settings/push": 5,
    "/sw.js": 0,
    "/favicon.ico": 0,
    "/sitemap.xml": 2,
    "/sitemap.xml?accounts=2026-01": 2,
    "/sitemap.xml?posts=2026-01": 2,
    "/settings": 2,
    "/settings/columns": 5,
    "/settings/account/delete": 2,
    "/settings/account/email": 2,
    "/settings/account/password": 2,
    "/settings/filters/new": 2,
    "/settings/mail": 5,
    "/settings/preferences": 5,
    "/settings/profile": 3,
    "/settings/security": 5,
    "/settings/security/app": 2,
    "/settings/security/off": 2,
    "/settings/security/recovery-codes": 2,
    "/signup/sent": 2,
    "/welcome": 5,
    "/welcome/people": 8,
    "/welcome/post": 4,
    "/statistics": 8,
    "/statistics.csv": 3,
    "/statistics.csv?table=hours": 4,
    "/statistics.csv?table=followers_by_post": 4,
    "/statistics/{year:str}": 11,
    "/strikes/{strike_id:str}": 3,
    "/terms": 4,
    "/{handle:str}/{post_id:str}/embed": 5,
    "/{handle:str}/{post_id:str}/card.png": 4,
}
# Files, and what needs a token of its own or answers with nothing.
UNMEASURED = {
    "/.well-known/change-password",
    "/.well-known/security.txt",
    "/users/{name:str}",
    "/users/{name:str}/followers",
    "/users/{name:str}/following",
    "/users/{name:str}/statuses/{post_id:str}",
    "/users/{name:str}/with_replies",
    "/about/statistics/{file:str}",
    "/accounts/{account_id:str}",
    "/assets/{version:str}/{file_path:path}",
    "/api/docs/files/{file_path:path}",
    "/api/v1/annual_reports/{year:str}",
    "/api/v1/donation_campaigns",
    "/api/v1/push/subscription",
    "/appeal/{token:str}",
    "/confirm-email/{token:str}",
    "/confirm/{token:str}",
    "/disputes/strikes/{strike_id:str}",
    "/first/{token:str}",
    "/login",
    "/login/code",
    "/media/{folder:str}/{name:str}",
    "/not-me/{token:str}",
    "/oauth/authorize",
    "/posts/{post_id:str}",
    "/reset/{token:str}",
    "/signup",
    "/static/{file_path:path}",
    "/styleguide",
    "/unsubscribe/{token:str}",
}
VALUES = {
    "account_id": "{bob}",
    "announcement_id": "{announcement}",
    "conversation_id": "{conversation}",
    "date": "{today}",
    "filter_id": "{filter}",
    "folder_id": "{folder}",
    "filter_status_id": "{filtered}",
    "group_key": "{group}",
    "handle": "@bob",
    "hashtag": "birds",
    "keyword_id": "{keyword}",
    "list_id": "{list}",
    "mail_id": "{mail}",
    "media_id": "{media}",
    "name": "birds",
    "notification_id": "{notification}",
    "poll_id": "{polled}",
    "post_id": "{first}",
    "preset_id": "{preset}",
    "report_id": "{report}",
    "request_id": "{request}",
    "rule_id": "{rule}",
    "draft_id": "{draft}",
    "scheduled_id": "{scheduled}",
    "status_id": "{first}",
    "strike_id": "{strike}",
    "tag_id": "{tag}",
    "text_name": "about",
    "allow_id": "{domain_allows}",
    "canonical_email_blocks/block_id": "{email}",
    "domain_blocks/block_id": "{domain_blocks}",
    "email_domain_blocks/block_id": "{email_domain_blocks}",
    "ip_blocks/block_id": "{ip}",
    "posts/post_id": "{mine}",
    "year": "2025",
    "statistics/year": "{today:.4}",
}


@pytest.fixture
def routes(bare):
    """The paths that can be read."""
    return {route.path for route in bare.routes if isinstance(route, HTTPRoute) and "GET" in route.methods}


def address(route, names):
    """Return the address that a route stands for, with what there is in the world."""
    filled = re.sub(
        r"(\w*)/{(\w+):\w+}", lambda found: f"{found[1]}/{_value(found[1], found[2])}", ADDRESSES.get(route, route)
    )
    return filled.format(**names)


def _value(before, name):
    return VALUES.get(f"{before}/{name}") or VALUES[name]


def test_every_route_that_can_be_read_is_measured(routes):
    measured = {key.partition("?")[0] for key in (LISTS | OTHERS)}

    assert routes == measured | UNMEASURED
    assert measured.isdisjoint(UNMEASURED)


def test_a_request_takes_few_statements_and_no_more_when_there_is_more_to_show(world, statements, logged_in, ann):
    browser = logged_in(ann).client
    asked = {}
    for more in (1, 7):
        world.fill(more)
        for route in LISTS | OTHERS:
            path = address(route, world.names)
            client = world.as_ann if is_api(path.partition("?")[0]) else browser
            for _ in range(2):
                with statements() as ran:
                    answer = client.get(path)
                assert answer.status_code == 200, (route, answer.text)
                asked.setdefault(route, []).append((len(ran), len(answer.content)))

    numbers = {route: [number for number, _ in found] for route, found in asked.items()}
    assert {route: found for route, found in numbers.items() if max(found) > (LISTS | OTHERS)[route]} == {}
    # What is asked first may read what is kept in memory from then on.
    assert {route: found for route, found in numbers.items() if min(found[2:]) > min(found[:2])} == {}
    assert [route for route in LISTS if asked[route][3][1] < 1.1 * asked[route][1][1]] == []


# What strangers see and members don't.
STRANGERS = {"/": 10, "/search": 1}


def test_what_strangers_see_takes_few_statements_and_no_more_when_there_is_more_to_show(
    world, statements, open_browser
):
    stranger = open_browser().client
    asked = {}
    for more in (1, 7):
        world.fill(more)
        for path in STRANGERS:
            for _ in range(2):
                with statements() as ran:
                    assert stranger.get(path).status_code == 200
                asked.setdefault(path, []).append(len(ran))

    assert {path: found for path, found in asked.items() if max(found) > STRANGERS[path]} == {}
    assert {path: found for path, found in asked.items() if min(found[2:]) > min(found[:2])} == {}
