"""Whatever is done to a post is done to those alone that one may see, and its answer shows nothing of others.

Every route that changes something is in `ABOUT_POSTS`, in `ABOUT_RECORDS`, or in `unconcerned_changes`; one in none of
them fails the test.
"""

from collections.abc import Callable, Mapping
from itertools import product

import msgspec
import pytest

from post_visibility import unconcerned_changes
from post_visibility.asking import Ask
from post_visibility.oracle import PEOPLE, ROLES, VIEWERS, WIDE, Post, found_in, is_shown, may, may_judge
from twite_common import clock
from twite_common.services.posts import bookmark_folders
from twite_common.services.timelines import filters
from twite_common.services.timelines.filters import FilterChanges

Rule = Callable[[str, Post], bool]


def _own(viewer, post):
    return is_shown(viewer, post) and viewer == post.author


def _own_and_wide(viewer, post):
    return _own(viewer, post) and post.visibility != "mentioned"


def _boostable(viewer, post):
    return is_shown(viewer, post) and (post.visibility in WIDE or _own_and_wide(viewer, post))


def _poll_of_another(viewer, post):
    return is_shown(viewer, post) and viewer not in {post.author, "former"}


def _judged(viewer, post):
    return is_shown(viewer, post) and viewer in ROLES and post.visibility == "public"


def _never(viewer, post):
    return False


class Change(msgspec.Struct, frozen=True):
    """Something that is done to a post, for whom it works, and how it is refused for a post that isn't seen.

    What `ends` a post as it is isn't tried by its author.
    """

    address: str
    works: Rule
    method: str = "POST"
    body: Mapping[str, object] = {}
    refused: tuple[int, ...] = (404,)
    ends: bool = False


def _thread(**first):
    return {"statuses": [{"status": "look", **first}, {"status": "again"}]}


REPLY, QUOTE = {"in_reply_to_id": "{post}"}, {"quote_of_id": "{post}"}
TEXT = {"text": "look"}
JUDGING = (403, 404)
ABOUT_POSTS = {
    "/accounts/{account_id:str}/report": (
        Change("/accounts/{author_id}/report", _never, body={"post_id": "{post}", "category": "x"}, refused=(422,)),
    ),
    "/admin/trends/{kind:str}/{subject_id:str}/{decision:str}": (
        Change("/admin/trends/post/{post}/approve", _judged, refused=JUDGING),
    ),
    "/api/v1/admin/trends/statuses/{status_id:str}/approve": (
        Change("/api/v1/admin/trends/statuses/{post}/approve", _judged, refused=JUDGING),
    ),
    "/api/v1/admin/trends/statuses/{status_id:str}/reject": (
        Change("/api/v1/admin/trends/statuses/{post}/reject", _judged, refused=JUDGING),
    ),
    "/api/v1/drafts": (
        Change("/api/v1/drafts", _never, body={"statuses": [{"media_ids": ["{media}"]}]}, refused=(422,)),
    ),
    "/api/v1/drafts/{draft_id:str}": (
        Change("/api/v1/drafts/{kept}", _never, "PUT", {"statuses": [{"status": "look"}], "version": 1}, ends=True),
        Change("/api/v1/drafts/{kept}", _never, "DELETE", ends=True),
    ),
    "/api/v1/drafts/{draft_id:str}/publish": (Change("/api/v1/drafts/{kept}/publish", _never, ends=True),),
    "/api/v1/bookmark_folders/{folder_id:str}/statuses": tuple(
        Change("/api/v1/bookmark_folders/{folder}/statuses", is_shown, method, {"status_ids": ["{post}"]})
        for method in ("POST", "DELETE")
    ),
    "/api/v1/polls/{poll_id:str}/votes": (
        Change("/api/v1/polls/{poll}/votes", _poll_of_another, body={"choices": [0]}),
    ),
    "/api/v1/scheduled_statuses/{scheduled_id:str}": tuple(
        Change("/api/v1/scheduled_statuses/{scheduled}", _never, method, {"scheduled_at": "2100-01-01"}, ends=True)
        for method in ("PUT", "PATCH", "DELETE")
    ),
    "/api/v1/statuses": (
        Change("/api/v1/statuses", is_shown, body={"status": "look", "in_reply_to_id": "{post}"}),
        Change("/api/v1/statuses", _boostable, body={"status": "look", "quoted_status_id": "{post}"}),
        Change("/api/v1/statuses", _never, body={"status": "look", "media_ids": ["{media}"]}, refused=(422,)),
    ),
    "/api/v1/statuses/thread": (
        Change("/api/v1/statuses/thread", is_shown, body=_thread(in_reply_to_id="{post}")),
        Change("/api/v1/statuses/thread", _boostable, body=_thread(quoted_status_id="{post}")),
        Change("/api/v1/statuses/thread", _never, body=_thread(media_ids=["{media}"]), refused=(422,)),
    ),
    "/api/v1/statuses/{status_id:str}": (
        *(Change("/api/v1/statuses/{post}", _own, one, {"status": "look"}, ends=True) for one in ("PUT", "PATCH")),
        Change("/api/v1/statuses/{post}", _own, "DELETE", ends=True),
    ),
    "/api/v1/statuses/{status_id:str}/bookmark": (Change("/api/v1/statuses/{post}/bookmark", is_shown),),
    "/api/v1/statuses/{status_id:str}/favourite": (Change("/api/v1/statuses/{post}/favourite", is_shown),),
    "/api/v1/statuses/{status_id:str}/interaction_policy": tuple(
        Change("/api/v1/statuses/{post}/interaction_policy", _own, method, {"quote_approval_policy": "public"})
        for method in ("PUT", "PATCH")
    ),
    "/api/v1/statuses/{status_id:str}/mute": (Change("/api/v1/statuses/{post}/mute", is_shown),),
    "/api/v1/statuses/{status_id:str}/pin": (Change("/api/v1/statuses/{post}/pin", _own_and_wide),),
    "/api/v1/statuses/{status_id:str}/quotes/{quoting_id:str}/revoke": (
        Change("/api/v1/statuses/{post}/quotes/{quoting}/revoke", _never, ends=True),
    ),
    "/api/v1/statuses/{status_id:str}/reblog": (Change("/api/v1/statuses/{post}/reblog", _boostable),),
    "/api/v1/statuses/{status_id:str}/translate": (Change("/api/v1/statuses/{post}/translate", _never),),
    "/api/v1/statuses/{status_id:str}/unbookmark": (Change("/api/v1/statuses/{post}/unbookmark", is_shown),),
    "/api/v1/statuses/{status_id:str}/unfavourite": (Change("/api/v1/statuses/{post}/unfavourite", is_shown),),
    "/api/v1/statuses/{status_id:str}/unmute": (Change("/api/v1/statuses/{post}/unmute", is_shown),),
    "/api/v1/statuses/{status_id:str}/unpin": (Change("/api/v1/statuses/{post}/unpin", is_shown),),
    "/api/v1/statuses/{status_id:str}/unreblog": (Change("/api/v1/statuses/{post}/unreblog", is_shown),),
    "/api/v2/filters/{filter_id:str}/statuses": (
        Change("/api/v2/filters/{filter}/statuses", is_shown, body={"status_id": "{post}"}),
    ),
    "/drafts": (Change("/drafts", _never, body={"text": "look", "media[0][id]": "{media}"}, refused=(404, 422)),),
    "/drafts/{draft_id:str}/delete": (Change("/drafts/{kept}/delete", _never, ends=True),),
    "/posts": (
        Change("/posts", is_shown, body=TEXT | REPLY),
        Change("/posts", _boostable, body=TEXT | QUOTE),
        Change("/posts", _never, body={"text": ""} | REPLY | QUOTE, refused=(404, 422)),
    ),
    "/bookmarks/new": (Change("/bookmarks/new", is_shown, body={"name": "for {post}", "post_id": "{post}"}),),
    "/posts/{post_id:str}/folder": (Change("/posts/{post}/folder", is_shown, body={"folder_id": "{folder}"}),),
    "/posts/{post_id:str}/bookmark": (Change("/posts/{post}/bookmark", is_shown),),
    "/posts/{post_id:str}/boost": (Change("/posts/{post}/boost", _boostable),),
    "/posts/{post_id:str}/delete": (Change("/posts/{post}/delete", _own, ends=True),),
    "/posts/{post_id:str}/edit": (Change("/posts/{post}/edit", _own, body=TEXT, ends=True),),
    "/posts/{post_id:str}/favourite": (Change("/posts/{post}/favourite", is_shown),),
    "/posts/{post_id:str}/pin": (Change("/posts/{post}/pin", _own_and_wide),),
    "/posts/{post_id:str}/reply": (Change("/posts/{post}/reply", is_shown, body=TEXT),),
    "/posts/{post_id:str}/quote-policy": (Change("/posts/{post}/quote-policy", _own, body={"policy": "public"}),),
    "/posts/{post_id:str}/quotes/{quoting_id:str}/revoke": (
        Change("/posts/{post}/quotes/{quoting}/revoke", _never, ends=True),
    ),
    "/posts/{post_id:str}/redraft": (Change("/posts/{post}/redraft", _own, ends=True),),
    "/posts/{post_id:str}/unbookmark": (Change("/posts/{post}/unbookmark", is_shown),),
    "/posts/{post_id:str}/unboost": (Change("/posts/{post}/unboost", is_shown),),
    "/posts/{post_id:str}/unfavourite": (Change("/posts/{post}/unfavourite", is_shown),),
    "/posts/{post_id:str}/unpin": (Change("/posts/{post}/unpin", is_shown),),
    "/scheduled/{scheduled_id:str}/delete": (Change("/scheduled/{scheduled}/delete", _never, ends=True),),
    "/scheduled/{scheduled_id:str}/move": (
        Change("/scheduled/{scheduled}/move", _never, body={"scheduled_at": "2100-01-01T00:00"}, ends=True),
    ),
    "/posts/{post_id:str}/vote": (Change("/posts/{poll}/vote", _never, body={"choices": "0"}),),
    "/settings/filters/{filter_id:str}/posts/{post_id:str}": (
        Change("/settings/filters/{filter}/posts/{post}", is_shown),
    ),
}
ABOUT_RECORDS = {
    "/admin/reports/{report_id:str}/assign": ("POST /admin/reports/{report}/assign",),
    "/admin/reports/{report_id:str}/reopen": ("POST /admin/reports/{report}/reopen",),
    "/admin/reports/{report_id:str}/resolve": ("POST /admin/reports/{report}/resolve",),
    "/admin/reports/{report_id:str}/unassign": ("POST /admin/reports/{report}/unassign",),
    "/api/v1/admin/reports/{report_id:str}": (
        "PUT /api/v1/admin/reports/{report}",
        "PATCH /api/v1/admin/reports/{report}",
    ),
    "/api/v1/admin/reports/{report_id:str}/assign_to_self": ("POST /api/v1/admin/reports/{report}/assign_to_self",),
    "/api/v1/admin/reports/{report_id:str}/reopen": ("POST /api/v1/admin/reports/{report}/reopen",),
    "/api/v1/admin/reports/{report_id:str}/resolve": ("POST /api/v1/admin/reports/{report}/resolve",),
    "/api/v1/admin/reports/{report_id:str}/unassign": ("POST /api/v1/admin/reports/{report}/unassign",),
    "/messages/{conversation_id:str}": ("POST /messages/{conversation}",),
    "/messages/{conversation_id:str}/read": ("POST /messages/{conversation}/read",),
    "/messages/{conversation_id:str}/unread": ("POST /messages/{conversation}/unread",),
    "/api/v1/conversations/{conversation_id:str}/read": ("POST /api/v1/conversations/{conversation}/read",),
    "/api/v1/conversations/{conversation_id:str}/unread": ("POST /api/v1/conversations/{conversation}/unread",),
    "/api/v1/conversations/{conversation_id:str}": ("DELETE /api/v1/conversations/{conversation}",),
    "/api/v1/media/{media_id:str}": tuple(f"{method} /api/v1/media/{{media}}" for method in ("PUT", "PATCH", "DELETE")),
    "/api/v1/notifications/requests/{request_id:str}/accept": ("POST /api/v1/notifications/requests/{request}/accept",),
    "/api/v1/notifications/requests/{request_id:str}/dismiss": (
        "POST /api/v1/notifications/requests/{request}/dismiss",
    ),
    "/api/v1/notifications/{notification_id:str}": ("DELETE /api/v1/notifications/{notification}",),
    "/api/v1/notifications/{notification_id:str}/dismiss": ("POST /api/v1/notifications/{notification}/dismiss",),
    "/api/v2/notifications/{group_key:str}/dismiss": ("POST /api/v2/notifications/{group}/dismiss",),
    "/tags": ("POST /tags",),
    "/messages/{conversation_id:str}/delete": ("POST /messages/{conversation}/delete",),
    "/notifications/requests/{request_id:str}/accept": ("POST /notifications/requests/{request}/accept",),
    "/notifications/requests/{request_id:str}/dismiss": ("POST /notifications/requests/{request}/dismiss",),
    "/notifications/{group_key:str}/dismiss": ("POST /notifications/{group}/dismiss",),
}
MAX_COUNT = 8
"""Records of a kind that are asked for."""
SPEAKING = {
    template
    for path, templates in ABOUT_RECORDS.items()
    if path.startswith("/api/v1/admin/reports/")
    or (path.startswith("/api/v1/conversations/") and path.endswith("read"))
    or path in {"/messages/{conversation_id:str}", "/tags"}
    for template in templates
}
"""What is answered with a post."""
REPORTING = "/api/v1/reports"
TRIED = {
    ("bob", "plain", "public"),
    ("bob", "plain", "followers"),
    ("bob", "plain", "mentioned"),
    ("bob", "naming", "mentioned"),
    ("bob", "deleted", "public"),
    ("suspended", "plain", "public"),
}
"""The posts that most is tried with."""
NOBODY = ("anonymous", "application", "expelled")
"""Those who can change nothing."""


@pytest.fixture
def tried(world):
    """Return the posts that something is tried with."""

    def tried(change):
        if "{poll}" in change.address:
            return [post for post in world.posts if post.shape == "poll"]
        if "{media}" in str(change.body):
            return [post for post in world.posts if post.media_id]
        if "{kept}" in change.address:
            return [post for post in world.posts if post.shape == "kept"]
        if "{scheduled}" in change.address:
            return [post for post in world.posts if post.shape == "scheduled"]
        return [post for post in world.posts if (post.author, post.shape, post.visibility) in TRIED]

    return tried


@pytest.fixture
def asked(world, database):
    """Return what is asked of a post to change it."""
    now = clock.now()
    form = FilterChanges(title="mine", contexts=("home",))
    with database.writing() as db:
        own = {name: filters.add(db, now=now, account_id=world.people[name].id, changes=form) for name in PEOPLE}
        folders = {
            name: bookmark_folders.add(db, now=now, account_id=world.people[name].id, name="mine") for name in PEOPLE
        }

    def asked(viewer, change, post):
        values = dict.fromkeys(("post", "poll", "scheduled", "kept"), post.id)
        values |= {
            "media": post.media_id,
            "author_id": world.people[post.author].id,
            "quoting": world.quoting[0],
            "filter": own.get(viewer, 0),
            "folder": folders.get(viewer, 0),
        }
        body = {name: _filled(one, values) for name, one in change.body.items()}
        return Ask(change.address.format(**values), change.method, body)

    return asked


def _filled(value, values):
    if isinstance(value, list):
        return [_filled(one, values) for one in value]
    if isinstance(value, dict):
        return {name: _filled(one, values) for name, one in value.items()}
    return value.format(**values) if isinstance(value, str) else value


def _succeeded(answer):
    return answer.status_code < 400 and not answer.headers.get("location", "").startswith("/login")


def _verdict(viewer, change, post, answer):
    """Return what is wrong with an answer's status; None when nothing is."""
    if viewer in NOBODY:
        expected = not _succeeded(answer)
    elif not is_shown(viewer, post):
        expected = answer.status_code in change.refused
    else:
        expected = _succeeded(answer) == change.works(viewer, post)
    return None if expected else answer.status_code


def test_a_post_is_changed_by_those_alone_who_may_see_it(world, viewers, tried, asked):
    changes = [change for several in ABOUT_POSTS.values() for change in several]
    wrong, worked = [], set()
    for viewer, change in product(VIEWERS, changes):
        posts = [post for post in tried(change) if not (change.ends and viewer == post.author)]
        answers = viewers[viewer].ask([asked(viewer, change, post) for post in posts])
        for post, answer in zip(posts, answers, strict=True):
            known_as = "anonymous" if viewer in NOBODY else viewer
            allowed = {word for one in world.posts if may(known_as, one) for word in one.words}
            shown = found_in(answer.text, world.posts) - allowed
            verdict = _verdict(viewer, change, post, answer)
            wrong += [(viewer, change.method, change.address, post.word, shown, verdict)] if shown or verdict else []
            worked |= {(change.method, change.address)} if _succeeded(answer) else set()

    assert wrong == []
    assert {(one.method, one.address) for one in changes if one.works is not _never and not one.ends} <= worked


def test_a_record_shows_nobody_what_the_oracle_denies(world, viewers, addresses):
    wrong, spoke = [], set()
    for viewer, template in product(VIEWERS, [one for several in ABOUT_RECORDS.values() for one in several]):
        method, _, address = template.partition(" ")
        answers = viewers[viewer].ask([Ask(one, method, {}) for one in addresses(address)[:MAX_COUNT]])
        wrong += [(viewer, template, answer.status_code) for answer in answers if answer.status_code >= 500]
        shown = {word for answer in answers for word in found_in(answer.text, world.posts)}
        judged = viewer in ROLES and "admin" in template
        allowed = [post for post in world.posts if may(viewer, post) or (judged and may_judge(viewer, post))]
        wrong += [(viewer, template, word) for word in shown - {word for post in allowed for word in post.words}]
        spoke |= {template} if shown else set()

    assert wrong == []
    assert spoke == SPEAKING


def test_nobody_reports_what_they_may_not_see(world, viewers):
    posts = [post for post in world.posts if post.shape in {"plain", "naming"}]
    reports = [{"account_id": str(world.people[post.author].id), "status_ids": [str(post.id)]} for post in posts]
    wrong = []
    for viewer in set(PEOPLE) - set(NOBODY):
        answers = viewers[viewer].ask([Ask(REPORTING, "POST", report) for report in reports])
        for post, answer in zip(posts, answers, strict=True):
            named = answer.json().get("status_ids") == [str(post.id)]
            wrong += [(viewer, post.word, answer.text)] if named != is_shown(viewer, post) else []

    assert wrong == []


def test_every_route_is_known_to_change_posts_or_not(methods):
    assert sorted([*ABOUT_POSTS, *ABOUT_RECORDS, REPORTING, *unconcerned_changes.CHANGED]) == sorted(
        path for path, found in methods.items() if found != ["GET"]
    )
