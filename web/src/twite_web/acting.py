"""What members may do for an account that they act for: the one list, which the site and the API ask alike.

Each address stands beside the least role that may use it. What isn't here is the owner's alone, and so is what
is new. The rules about posts themselves are in `twite_common.services.posts.writers`.
"""

from typing import Any

from twite_common.acting import ANSWERS, LOOKS_AFTER, WRITES, Acting, ActsOtherwise, check, switch
from twite_web.types import Request

FORM_KEY = "twite_form_acts_as"
"""Where a request's scope has the membership by which the page acted that its form is from; 0 for none."""
KEY = "twite_acting"
"""Where a request's scope has by which membership its session acts."""
EVER = frozenset({"/logout", "/acting/end"})
"""Forms that mean the same, as whomever they were opened."""

_SITE = {
    ANSWERS: (
        "GET / /explore /explore/now /explore/people /public /directory /search /search/suggestions /tags/{name}",
        "GET /{handle} /{handle}/with_replies /{handle}/media /{handle}/featured /{handle}/followers",
        "GET /{handle}/following /{handle}/{post_id} /{handle}/{post_id}/boosts /{handle}/{post_id}/favourites",
        "GET /{handle}/{post_id}/history /{handle}/{post_id}/quotes /accounts/{account_id}",
        "GET /posts/{post_id} /posts/{post_id}/menu /posts/{post_id}/edit /posts/{post_id}/delete",
        "GET /compose /compose/completions /compose/emojis /compose/media/{media_id} /held",
        "GET /notifications /messages /messages/new /messages/{conversation_id} /menu",
        "GET /about /about/statistics /privacy /terms /shortcuts /{handle}/{post_id}/embed",
        "GET /{handle}/{post_id}/card.png /{handle}/feed.atom /{handle}/feed.json /{handle}/feed.rss /api/docs",
        "GET /public/feed.atom /public/feed.json /public/feed.rss",
        "GET /tags/{name}/feed.atom /tags/{name}/feed.json /tags/{name}/feed.rss",
        "POST /compose /compose/media /posts /posts/{post_id}/reply /posts/{post_id}/edit /posts/{post_id}/delete",
        "POST /posts/{post_id}/favourite /posts/{post_id}/unfavourite /posts/{post_id}/boost /posts/{post_id}/unboost",
        "POST /posts/{post_id}/vote",
        "POST /messages /messages/new /messages/{conversation_id} /messages/{conversation_id}/read",
        "POST /messages/{conversation_id}/unread /markers/home /logout /acting/end",
    ),
    WRITES: ("GET /drafts /drafts/{draft_id}", "POST /drafts /drafts/{draft_id}/delete"),
    LOOKS_AFTER: (
        "GET /settings /settings/profile /settings/mutes /settings/blocks /settings/domain-blocks",
        "POST /settings/profile /settings/profile/preview /settings/domain-blocks /settings/domain-blocks/remove",
        "GET /notifications/policy /notifications/requests",
        "POST /notifications/policy /notifications/clear /notifications/{group_key}/dismiss",
        "POST /notifications/requests/{request_id}/accept /notifications/requests/{request_id}/dismiss",
        "GET /accounts/{account_id}/mute /accounts/{account_id}/following /follow-requests",
        "POST /accounts/{account_id}/follow /accounts/{account_id}/unfollow /accounts/{account_id}/following",
        "POST /accounts/{account_id}/block /accounts/{account_id}/unblock /accounts/{account_id}/mute",
        "POST /accounts/{account_id}/unmute /accounts/{account_id}/remove-follower",
        "POST /explore/people/{account_id}/follow /explore/people/{account_id}/dismiss",
        "POST /follow-requests/{account_id}/accept /follow-requests/{account_id}/reject",
    ),
}
_API = {
    ANSWERS: (
        "GET /api/v1/accounts /api/v1/accounts/lookup /api/v1/accounts/relationships /api/v1/accounts/search",
        "GET /api/v1/accounts/verify_credentials /api/v1/accounts/{account_id} /api/v1/accounts/{account_id}/statuses",
        "GET /api/v1/accounts/{account_id}/followers /api/v1/accounts/{account_id}/following /api/v1/preferences",
        "GET /api/v1/statuses /api/v1/statuses/{status_id} /api/v1/statuses/{status_id}/context",
        "GET /api/v1/statuses/{status_id}/history /api/v1/statuses/{status_id}/source",
        "GET /api/v1/statuses/{status_id}/favourited_by /api/v1/statuses/{status_id}/reblogged_by",
        "GET /api/v1/timelines/home /api/v1/timelines/public /api/v1/timelines/tag/{hashtag} /api/v1/timelines/link",
        "GET /api/v1/timelines/direct /api/v1/conversations /api/v1/polls/{poll_id} /api/v1/tags/{name}",
        "GET /api/v1/notifications /api/v1/notifications/unread_count /api/v1/notifications/{notification_id}",
        "GET /api/v2/notifications /api/v2/notifications/unread_count /api/v2/notifications/{group_key}",
        "GET /api/v2/notifications/{group_key}/accounts /api/v1/media/{media_id}",
        "GET /api/v1/trends /api/v1/trends/tags /api/v1/trends/statuses /api/v1/trends/links /api/v1/directory",
        "GET /api/v2/search /api/v1/search/suggestions /api/v1/custom_emojis /api/v1/markers",
        "GET /api/v1/instance /api/v2/instance /api/v1/instance/rules",
        "POST /api/v1/statuses /api/v1/statuses/{status_id}/favourite /api/v1/statuses/{status_id}/unfavourite",
        "POST /api/v1/statuses/{status_id}/reblog /api/v1/statuses/{status_id}/unreblog /api/v1/markers",
        "POST /api/v1/polls/{poll_id}/votes",
        "PUT /api/v1/statuses/{status_id} /api/v1/media/{media_id}",
        "PATCH /api/v1/statuses/{status_id} /api/v1/media/{media_id}",
        "DELETE /api/v1/statuses/{status_id}",
        "POST /api/v1/media /api/v2/media",
        "POST /api/v1/conversations/{conversation_id}/read /api/v1/conversations/{conversation_id}/unread",
    ),
    WRITES: ("POST /api/v1/statuses/thread",),
    LOOKS_AFTER: (
        "GET /api/v1/profile /api/v1/blocks /api/v1/mutes /api/v1/domain_blocks /api/v1/follow_requests",
        "PATCH /api/v1/accounts/update_credentials /api/v1/profile /api/v2/notifications/policy",
        "PUT /api/v1/profile /api/v2/notifications/policy",
        "DELETE /api/v1/profile/avatar /api/v1/profile/header /api/v1/domain_blocks",
        "POST /api/v1/accounts/{account_id}/follow /api/v1/accounts/{account_id}/unfollow /api/v1/domain_blocks",
        "POST /api/v1/accounts/{account_id}/block /api/v1/accounts/{account_id}/unblock",
        "POST /api/v1/accounts/{account_id}/mute /api/v1/accounts/{account_id}/unmute",
        "POST /api/v1/accounts/{account_id}/remove_from_followers",
        "POST /api/v1/follow_requests/{account_id}/authorize /api/v1/follow_requests/{account_id}/reject",
        "GET /api/v2/notifications/policy /api/v1/notifications/requests /api/v1/notifications/requests/{request_id}",
        "POST /api/v1/notifications/requests/{request_id}/accept /api/v1/notifications/requests/{request_id}/dismiss",
        "POST /api/v1/notifications/clear /api/v1/notifications/{notification_id}/dismiss",
        "POST /api/v2/notifications/clear /api/v2/notifications/{group_key}/dismiss",
    ),
}


def _by_address() -> dict[tuple[str, str], str]:
    by_address: dict[tuple[str, str], str] = {}
    for listed in (_SITE, _API):
        for role, lines in listed.items():
            for line in lines:
                method, *paths = line.split()
                by_address |= {(method, path): role for path in paths}
    return by_address


ROLES = _by_address()
"""The least role that may use a method of an address, as its route writes that."""


def role_for(method: str, path: str) -> str | None:
    """Return the least role that may use an address, as its route writes that; None for the owner alone."""
    return ROLES.get(("GET" if method == "HEAD" else method, path))


def may_open(acting: Acting | None, path: str) -> bool:
    """Say whether somebody may open a page who acts by a membership, or as themselves."""
    return acting is None or acting.lets(role_for("GET", path))


def may_send(acting: Acting | None, path: str) -> bool:
    """Say whether somebody may send a form who acts by a membership, or as themselves."""
    return acting is None or acting.lets(role_for("POST", path))


def may_publish(acting: Acting | None) -> bool:
    """Say whether somebody may write posts that answer nobody who acts by a membership, or as themselves."""
    return acting is None or acting.lets(WRITES)


def begin(request: Request, membership: Acting | None) -> None:
    """Have whoever sent a request act by a membership from here on, if by any.

    Raises ActingRefused for what their role doesn't let.
    """
    scope: Any = request.scope
    scope[KEY] = membership
    switch(membership)
    if membership is not None:
        check(membership, role_for(request.method, scope.get("path_template") or ""))


def by(request: Request) -> Acting | None:
    """Return by which membership a request's session acts, as far as that is known."""
    scope: Any = request.scope
    found: Acting | None = scope.get(KEY)
    return found


def acts_as(request: Request) -> int:
    """Return the id of that membership; 0 for none."""
    found = by(request)
    return found.membership_id if found is not None else 0


def check_form(request: Request) -> None:
    """Raise ActsOtherwise for a form that was opened as another account than the one that its session acts for."""
    scope: Any = request.scope
    if scope.get(FORM_KEY, acts_as(request)) != acts_as(request) and scope.get("path_template") not in EVER:
        raise ActsOtherwise
