"""Every method of Mastodon.py that a server alone can answer, against a running site."""

import inspect
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import FunctionType
from typing import Any

import pytest
from mastodon import Mastodon, MastodonNotFoundError, StreamListener
from mastodon.errors import MastodonError

from support.pictures import picture
from support.site_under_test import Site, wait_for
from twite_common import clock
from twite_common.queries import viewers
from twite_common.services.accounts import accounts
from twite_common.services.identity import tokens
from twite_common.services.moderation import announcements

EVERYTHING = "read write follow push profile admin:read admin:write"
ELSEWHERE = {
    **dict.fromkeys(("follows", "search_v1", "reports", "status_card"), "removed from Mastodon long ago"),
    **dict.fromkeys(
        (
            *("collection", "collection_create", "collection_delete", "collection_item_add", "collection_item_delete"),
            *("collection_item_revoke", "collection_update", "account_in_collections"),
            *("annual_report", "annual_report_generate", "annual_report_read"),
        ),
        "not offered: the site has no collections and no annual reports",
    ),
    **dict.fromkeys(
        (
            *("clear_caches", "decode_blurhash", "filters_apply", "generate_media_edit_attributes", "set_language"),
            *("get_approx_server_time", "get_supported_version", "make_poll", "persistable_login_credentials"),
            *("get_async_refresh_info", "get_async_refresh_status", "await_async_refresh", "get_pagination_info"),
            *("push_subscription_decrypt_push", "push_subscription_generate_keys", "verify_minimum_version"),
            *("get_status_length", "retrieve_mastodon_version"),
        ),
        "asks the server nothing of its own",
    ),
    "oauth_userinfo": "insists on https, which a site under test has not; asked in web/tests/oauth",
    **dict.fromkeys(
        ("create_app", "log_in", "auth_request_url", "revoke_access_token"), "logging in, in test_clients.py"
    ),
}
"""Methods that aren't called here, and why."""


class Called:
    """An application that notes which of its library's methods were called."""

    def __init__(self, api: Mastodon, names: set[str]) -> None:
        self._api = api
        self._names = names

    def __getattr__(self, name: str) -> Any:
        self._names.add(name)
        return getattr(self._api, name)


@pytest.fixture
def names() -> set[str]:
    return set()


@pytest.fixture
def connect(running: Site, names: set[str]) -> Iterator[Callable[[str], Called]]:
    """Make an account, and an application that acts for it and may do everything."""
    made = []

    def connect(name: str, role: str = "") -> Called:
        id, _ = running.make_account(name)
        now = clock.now()
        with running.database.writing() as db:
            accounts.set_role(db, account_id=id, role=role)
            token = tokens.create_personal(db, now=now, account_id=id, name="all", scopes=EVERYTHING)
        made.append(Mastodon(access_token=token, api_base_url=running.base_url))
        return Called(made[-1], names)

    yield connect
    for api in made:
        api.session.close()


def test_every_method_that_a_server_alone_can_answer(
    running: Site, connect: Callable[..., Called], names: set[str]
) -> None:
    ann, bob = connect("ann", "admin"), connect("bob")
    with running.database.writing() as db:
        admin = viewers.by_account(db, ann.me().id)
        assert admin is not None
        announcements.announce(db, now=clock.now(), viewer=admin, words="Hello all")
    for part in (posts, timelines, people, filters, notifications, site, push, streams, moderation, signing_up):
        part(ann, bob)
    public = {name for name, one in inspect.getmembers(Mastodon) if isinstance(one, FunctionType)}
    wanted = {name for name in public if not name.startswith("_")}

    assert wanted - names - ELSEWHERE.keys() == set()
    assert ELSEWHERE.keys() - wanted == set()


def posts(ann: Called, bob: Called) -> None:
    media = ann.media_post(picture(), mime_type="image/png", description="A wren", focus=(0.5, 0.5))
    assert ann.media_update(media, description="An owl").description == "An owl"
    assert ann.media(media).meta.original.width == 300
    shown = ann.status_post("A picture #wren", media_ids=[media], language="en")
    assert shown.media_attachments[0].description == "An owl"
    assert ann.toot("Another").content == "<p>Another</p>"
    asked = ann.status_post("Which?", poll=ann.make_poll(["owl", "wren"], 3600), spoiler_text="birds")
    assert bob.poll_vote(asked.poll, [1]).own_votes == [1]
    assert ann.poll(asked.poll).votes_count == 1
    reply = bob.status_reply(shown, "Fine")
    assert [one.id for one in ann.status_context(shown).descendants] == [reply.id]
    quoting = bob.status_post("Look", quoted_status_id=shown.id)
    assert [one.id for one in ann.status_quotes(shown)] == [quoting.id]
    assert ann.status_quote_revoke(shown, quoting).quote.state == "revoked"
    assert ann.status_update_quote_approval_policy(shown, "nobody").quote_approval.automatic == []
    assert ann.status_update(shown, "Two wrens", media_ids=[media]).edited_at is not None
    assert len(ann.status_history(shown)) == 2
    assert ann.status_source(shown).text == "Two wrens"
    assert bob.status_favourite(shown).favourited
    assert bob.status_bookmark(shown).bookmarked
    assert [one.id for one in bob.favourites()] == [one.id for one in bob.bookmarks()] == [shown.id]
    assert [one.username for one in ann.status_favourited_by(shown)] == ["bob"]
    assert not bob.status_unfavourite(shown).favourited
    assert not bob.status_unbookmark(shown).bookmarked
    assert bob.status_reblog(shown).reblog.id == shown.id
    assert [one.username for one in ann.status_reblogged_by(shown)] == ["bob"]
    assert not bob.status_unreblog(shown).reblogged
    assert ann.status_mute(shown).muted
    assert not ann.status_unmute(shown).muted
    assert ann.status_pin(shown).pinned
    assert [one.id for one in bob.account_statuses(ann.me(), pinned=True)] == [shown.id]
    assert not ann.status_unpin(shown).pinned
    assert {one.id for one in ann.statuses([shown.id, asked.id])} == {shown.id, asked.id}
    with pytest.raises(MastodonError):
        ann.status_translate(shown, lang="de")
    assert ann.status_delete(asked).text == "Which?"
    with pytest.raises(MastodonNotFoundError):
        ann.status(asked)
    later = ann.status_post("Later", scheduled_at=datetime.now(UTC) + timedelta(hours=1))
    assert [one.id for one in ann.scheduled_statuses()] == [later.id]
    assert ann.scheduled_status_update(later, datetime.now(UTC) + timedelta(hours=2)).params.text == "Later"
    assert ann.scheduled_status(later).id == later.id
    ann.scheduled_status_delete(later)


def timelines(ann: Called, bob: Called) -> None:
    ann.account_follow(bob.me())
    told = [bob.status_post(f"News {n} #news") for n in range(5)]
    first = ann.timeline_home(limit=2)
    assert [one.id for one in first] == [told[4].id, told[3].id]
    assert [one.id for one in ann.fetch_next(first)] == [told[2].id, told[1].id]
    assert [one.id for one in ann.fetch_previous(ann.fetch_next(first))][-1] == told[3].id
    tagged = ann.timeline_hashtag("news", limit=2)
    assert [one.id for one in ann.fetch_remaining(tagged)] == [one.id for one in reversed(told)]
    assert len(list(ann.pagination_iterator(ann.timeline_hashtag("news", limit=2)))) == 5
    assert len(list(ann.pagination_page_iterator(ann.timeline_hashtag("news", limit=2)))) >= 3
    for found in (ann.timeline("public"), ann.timeline_public(), ann.timeline_local()):
        assert found[0].id == told[4].id
    assert ann.timeline_is_available("public")
    with pytest.raises(MastodonNotFoundError):
        ann.timeline_link("https://example.org/")
    made = ann.list_create("Friends", replies_policy="none", exclusive=False)
    ann.list_accounts_add(made, [bob.me().id])
    assert [one.username for one in ann.list_accounts(made)] == ["bob"]
    assert [one.id for one in ann.account_lists(bob.me())] == [made.id]
    bob.status_post("For the list")
    assert "list" in ann.timeline_list(made)[0].content
    assert ann.list_update(made, "Others").title == ann.list(made).title == "Others"
    assert len(ann.lists()) == 1
    ann.list_accounts_delete(made, [bob.me().id])
    ann.list_delete(made)
    ann.markers_set(["home"], [told[0].id])
    assert ann.markers_get(["home"]).home.last_read_id == told[0].id
    bob.status_post("@ann only you", visibility="direct")
    [conversation] = ann.conversations()
    assert not ann.conversations_read(conversation).unread
    found = ann.search("news", result_type="hashtags")
    assert found.hashtags[0].name == "news"
    assert ann.search_v2("wrens", result_type="statuses").statuses[0].id


def people(ann: Called, bob: Called) -> None:
    me, other = ann.account_verify_credentials(), bob.me()
    assert ann.account(other).username == ann.account_lookup("bob").username == "bob"
    assert [one.username for one in ann.accounts([other.id])] == ["bob"]
    assert [one.username for one in ann.account_search("bo")] == ["bob"]
    assert bob.account_follow(me, notify=True).notifying
    assert [one.username for one in ann.account_followers(me)] == ["bob"]
    assert [one.username for one in ann.account_following(me)] == ["bob"]
    assert ann.account_relationships(other)[0].followed_by
    assert ann.account_familiar_followers(other)[0].id == other.id
    assert ann.account_note_set(other, "a friend").note == "a friend"
    assert ann.account_pin(other).endorsed
    assert [one.username for one in ann.endorsements()] == ["bob"]
    assert not ann.account_unpin(other).endorsed
    assert ann.account_endorse(other).endorsed
    assert not ann.account_unendorse(other).endorsed
    assert ann.account_mute(other, duration=3600).muting
    assert [one.username for one in ann.mutes()] == ["bob"]
    assert not ann.account_unmute(other).muting
    assert not ann.account_remove_from_followers(other).followed_by
    assert ann.account_block(other).blocking
    assert [one.username for one in ann.blocks()] == ["bob"]
    assert not ann.account_unblock(other).blocking
    assert ann.account_update_credentials(
        display_name="Ann", locked=True, avatar=picture(), avatar_mime_type="image/png"
    ).locked
    assert bob.account_follow(me).requested
    assert [one.username for one in ann.follow_requests()] == ["bob"]
    assert ann.follow_request_authorize(other).followed_by
    bob.account_unfollow(me)
    bob.account_follow(me)
    assert not ann.follow_request_reject(other).followed_by
    ann.account_update_credentials(locked=False)
    ann.account_delete_avatar()
    ann.account_delete_header()
    assert ann.profile_update(note="About birds").note == ann.profile().note == "About birds"
    assert ann.tag_follow("wren").following
    assert [one.name for one in ann.followed_tags()] == ["wren"]
    assert not ann.tag_unfollow("wren").following
    assert ann.tag_feature("owl").featuring
    assert not ann.tag_unfeature("owl").featuring
    featured = ann.featured_tag_create("heron")
    assert [one.name for one in ann.featured_tags()] == [one.name for one in bob.account_featured_tags(me)] == ["heron"]
    ann.featured_tag_delete(featured)
    assert ann.featured_tag_suggestions() is not None
    ann.domain_block("other.example")
    assert list(ann.domain_blocks()) == ["other.example"]
    ann.domain_unblock("other.example")
    assert ann.preferences()["posting:default:visibility"] == "public"
    for found in (ann.suggestions(), ann.suggestions_v1(), ann.suggestions_v2(), ann.directory()):
        assert isinstance(found, list)
    ann.suggestion_delete(other)
    assert ann.account_collections(me) is not None


def filters(ann: Called, bob: Called) -> None:
    made = ann.create_filter_v2(
        "Storms", ["home"], "warn", keywords_attributes=[{"keyword": "storm", "whole_word": True}]
    )
    matched = bob.status_post("A storm")
    assert ann.status(matched).filtered[0].keyword_matches == ["storm"]
    assert ann.update_filter_v2(made, title="Weather").title == ann.filter_v2(made).title == "Weather"
    keyword = ann.add_filter_keyword_v2(made, "hail")
    assert {one.keyword for one in ann.filter_keywords_v2(made)} == {"storm", "hail"}
    ann.delete_filter_keyword_v2(keyword)
    chosen = ann.add_filter_status_v2(made, matched)
    assert [one.id for one in ann.filter_statuses_v2(made)] == [ann.filter_status_v2(chosen).id]
    ann.delete_filter_status_v2(chosen)
    assert len(ann.filters_v2()) == 1
    ann.delete_filter_v2(made)
    old = ann.filter_create("rain", ["home"], whole_word=True)
    assert ann.filter_update(old, phrase="sleet", context=["home"]).phrase == ann.filter(old).phrase == "sleet"
    assert len(ann.filters()) == 1
    ann.filter_delete(old)


def notifications(ann: Called, bob: Called) -> None:
    bob.status_post("@ann hello")
    latest = ann.notifications(types=["mention"], limit=1)[0]
    assert ann.notifications(latest.id).id == latest.id
    grouped = ann.grouped_notifications(types=["mention"], limit=1)
    key = grouped.notification_groups[0].group_key
    assert ann.grouped_notification(key).notification_groups[0].group_key == key
    assert [one.username for one in ann.grouped_notification_accounts(key)] == ["bob"]
    assert ann.notifications_unread_count().count > 0
    assert ann.unread_grouped_notifications_count() > 0
    ann.dismiss_grouped_notification(key)
    bob.status_post("@ann again")
    ann.notifications_dismiss(ann.notifications(types=["mention"], limit=1)[0])
    assert ann.update_notifications_policy(for_not_following="filter").for_not_following == "filter"
    assert ann.notifications_policy().for_not_following == "filter"
    ann.account_unfollow(bob.me())
    bob.status_post("@ann a request")
    [request] = ann.notification_requests()
    assert ann.notification_request(request).account.username == "bob"
    ann.dismiss_notification_request(request)
    assert ann.notification_requests() == []
    ann.dismiss_multiple_notification_requests([request.id])
    ann.accept_multiple_notification_requests([request.id])
    with pytest.raises(MastodonNotFoundError):
        ann.accept_notification_request(request)
    bob.status_post("@ann accepted by now")
    assert "accepted" in ann.notifications(types=["mention"], limit=1)[0].status.content
    assert ann.notifications_merged() in {True, False}
    ann.update_notifications_policy(for_not_following="accept")
    ann.notifications_clear()
    assert ann.notifications() == []


def site(ann: Called, _bob: Called) -> None:
    assert ann.instance().title == ann.instance_v2().title == ann.instance_v1().title
    assert ann.instance_health()
    assert ann.stream_healthy()
    assert ann.instance_nodeinfo().software.name == "twite"
    for found in (
        *(ann.instance_activity(), ann.instance_peers(), ann.instance_rules(), ann.instance_languages()),
        *(ann.instance_domain_blocks(), ann.custom_emojis(), ann.trends(), ann.trending_tags()),
        *(ann.trending_statuses(), ann.trending_links()),
    ):
        assert isinstance(found, list)
    assert ann.instance_extended_description() is not None
    assert ann.instance_translation_languages() == {}
    with pytest.raises(MastodonNotFoundError):
        ann.instance_terms_of_service()
    assert ann.oauth_authorization_server_info().issuer.startswith("http")
    [told] = ann.announcements()
    ann.announcement_reaction_create(told, "👍")
    assert ann.announcements()[0].reactions[0].name == "👍"
    ann.announcement_reaction_delete(told, "👍")
    ann.announcement_dismiss(told)
    assert ann.announcements() == []
    assert ann.annual_reports() is not None
    assert ann.annual_report_state(2025).state == "ineligible"


def push(ann: Called, _bob: Called) -> None:
    _private, public = ann.push_subscription_generate_keys()
    made = ann.push_subscription_set("https://push.example/1", public, mention_events=True)
    assert ann.push_subscription().endpoint == made.endpoint
    assert ann.push_subscription_update(follow_events=True).alerts.follow
    ann.push_subscription_delete()
    with pytest.raises(MastodonNotFoundError):
        ann.push_subscription()


def moderation(ann: Called, bob: Called) -> None:
    other = bob.me()
    bad = bob.status_post("Rude")
    report = ann.report(other, status_ids=[bad.id], comment="rude", category="spam")
    assert [one.id for one in ann.admin_reports()] == [report.id]
    assert ann.admin_report(report).statuses[0].id == bad.id
    assert ann.admin_report_assign(report).assigned_account.username == "ann"
    assert ann.admin_report_unassign(report).assigned_account is None
    assert ann.admin_report_resolve(report).action_taken
    assert not ann.admin_report_reopen(report).action_taken
    for found in (ann.admin_accounts(), ann.admin_accounts_v1(), ann.admin_accounts_v2(status="active")):
        assert {one["username"] for one in found} == {"ann", "bob"}
    for action, undo, mark in (
        ("sensitive", ann.admin_account_unsensitive, "sensitized"),
        ("silence", ann.admin_account_unsilence, "silenced"),
        ("disable", ann.admin_account_enable, "disabled"),
        ("suspend", ann.admin_account_unsuspend, "suspended"),
    ):
        ann.admin_account_moderate(other, action, text="for a test", send_email_notification=False)
        assert ann.admin_account(other)[mark]
        assert not undo(other)[mark]
    allow = ann.admin_create_domain_allow("good.example")
    assert ann.admin_domain_allow(allow).domain == ann.admin_domain_allows()[0].domain
    ann.admin_delete_domain_allow(allow)
    block = ann.admin_create_domain_block("bad.example", severity="silence")
    assert ann.admin_update_domain_block(block, severity="suspend").severity == "suspend"
    assert ann.admin_domain_blocks()[0].domain == "bad.example"
    ann.admin_delete_domain_block(block)
    mail = ann.admin_create_email_domain_block("mail.example.org")
    assert ann.admin_email_domain_block(mail.id).domain == ann.admin_email_domain_blocks()[0].domain
    ann.admin_delete_email_domain_block(mail.id)
    canonical = ann.admin_create_canonical_email_block(email="spam@example.org")
    assert len(ann.admin_test_canonical_email_block("spam@example.org")) == 1
    assert ann.admin_canonical_email_block(canonical.id).id == ann.admin_canonical_email_blocks()[0].id
    ann.admin_delete_canonical_email_block(canonical.id)
    network = ann.admin_create_ip_block("198.51.100.0/24", "sign_up_block")
    assert ann.admin_update_ip_block(network, severity="sign_up_requires_approval").ip == "198.51.100.0/24"
    assert ann.admin_ip_block(network).id == ann.admin_ip_blocks()[0].id
    ann.admin_delete_ip_block(network)
    span = (datetime.now(UTC) - timedelta(days=3), datetime.now(UTC))
    assert ann.admin_measures(*span, active_users=True)[0].key == "active_users"
    assert ann.admin_dimensions(*span, languages=True)[0].key == "languages"
    assert ann.admin_retention(*span)[0].frequency == "day"
    assert [ann.admin_trending_tags(), ann.admin_trending_links(), ann.admin_trending_statuses()] == [[], [], []]
    wren = ann.tag("wren").id
    assert ann.admin_reject_trending_tag(wren).name == ann.admin_approve_trending_tag(wren).name
    assert ann.admin_reject_trending_status(bad).id == ann.admin_approve_trending_status(bad).id
    for judge in (ann.admin_reject_trending_link, ann.admin_approve_trending_link):
        with pytest.raises(MastodonNotFoundError):
            judge(1)
    ann.admin_account_moderate(other, "suspend", send_email_notification=False)
    assert ann.admin_account_delete(other).id == other.id


def signing_up(ann: Called, _bob: Called) -> None:
    base = ann.api_base_url
    client_id, client_secret = Mastodon.create_app("A bot", api_base_url=base, scopes=["read", "write"])
    new = Called(Mastodon(client_id, client_secret, api_base_url=base), ann._names)
    new.create_account("cho", "correct horse battery", "cho@mail.example", agreement=True, scopes=["read", "write"])
    assert new.app_verify_credentials().name == "A bot"
    new.email_resend_confirmation()
    new.session.close()
    waiting = {one.username: one for one in ann.admin_accounts_v2()}["cho"]
    for judge in (ann.admin_account_approve, ann.admin_account_reject):
        with pytest.raises(MastodonError):
            judge(waiting.account)


def streams(ann: Called, bob: Called) -> None:
    ann.account_follow(bob.me())
    made = ann.list_create("Streamed")
    ann.list_accounts_add(made, [bob.me().id])
    heard: dict[str, list[str]] = {}

    class Listener(StreamListener):
        def __init__(self, name: str) -> None:
            self.heard = heard.setdefault(name, [])

        def on_any_event(self, name: str, _data: Any) -> None:  # type: ignore[override] # called by position
            self.heard.append(name)

    handles = [
        ann.stream_user(Listener("user"), run_async=True),
        ann.stream_user_notifications(Listener("notifications"), run_async=True),
        ann.stream_public(Listener("public"), run_async=True),
        ann.stream_local(Listener("local"), run_async=True),
        ann.stream_hashtag("streamed", Listener("hashtag"), run_async=True),
        ann.stream_list(made.id, Listener("list"), run_async=True),
        ann.stream_direct(Listener("direct"), run_async=True),
    ]
    wait_for(lambda: all(handle.is_receiving() for handle in handles))
    bob.status_post("A #streamed post")
    bob.status_post("@ann only you", visibility="direct")
    wait_for(lambda: all(heard.values()), lambda: str(heard))
    assert {name: kinds[0] for name, kinds in heard.items()} == {
        **dict.fromkeys(("user", "public", "local", "hashtag", "list"), "update"),
        "notifications": "notification",
        "direct": "conversation",
    }
    # The library ends a stream when it next hears something.
    with ThreadPoolExecutor(len(handles)) as closing:
        closed = [closing.submit(handle.close) for handle in handles]
        bob.status_post("Another #streamed post")
        bob.status_post("@ann and again", visibility="direct")
        for one in closed:
            one.result(timeout=20)
    several = ann.stream_open_websocket()
    ann.stream_user(Listener("user by socket"), websocket_handle=several)
    ann.stream_hashtag("streamed", Listener("hashtag by socket"), websocket_handle=several)

    def told() -> bool:
        # A subscription is asked for by a message: what is posted before it has come isn't told.
        bob.status_post("A third #streamed post")
        return all(heard.values())

    wait_for(told, lambda: str(heard))
    several.close()
