"""What an address of the API can name, made when it is needed: a post, a list, a block and so on."""

from collections.abc import Callable
from itertools import count
from typing import Any

import requests
from sqlalchemy import insert

from support.pictures import picture
from support.site_under_test import PASSWORD, Site
from twite_common import clock, ids
from twite_common.tables import announcement


class Nameable:
    """What makes things on a running site: a user's own by this user, the site's by this administrator."""

    def __init__(self, site: Site, user: requests.Session, administrator: requests.Session) -> None:
        self._site = site
        self._user = user
        self._administrator = administrator
        self._names = (f"name{number}" for number in count(1))

    def by_parameter(self) -> dict[str, Callable[[], str]]:
        """Return, by the name of the parameter in an address, what makes such a thing and returns its id.

        Where one name means several things, the part of the address before it belongs to the name.
        """
        return {
            "account_id": self._account,
            "announcement_id": self._announcement,
            "archive_id": lambda: self._only("/api/v1/archives", current_password=PASSWORD),
            "conversation_id": self._conversation,
            "date": lambda: "2026-01-01",
            "draft_id": self._draft,
            "featured_tag_id": lambda: self._add("/api/v1/featured_tags", name=next(self._names)),
            "feed_id": lambda: self._only("/api/v1/private_feeds", kind="home", current_password=PASSWORD),
            "filter_id": self._filter,
            "filter_status_id": self._filtered_post,
            "group_key": lambda: self._notified("v2")["notification_groups"][0]["group_key"],
            "folder_id": lambda: self._only("/api/v1/bookmark_folders", name="birds"),
            "hashtag": lambda: next(self._names),
            "import_id": self._import,
            "keyword_id": lambda: self._only("/api/v1/filters", phrase="spoilers", context=["home"]),
            "list_id": lambda: self._only("/api/v1/lists", title="friends"),
            "media_id": lambda: self._ask("POST", "/api/v2/media", files={"file": ("wren.png", picture())})["id"],
            "name": lambda: next(self._names),
            "notification_id": lambda: self._notified("v1")[0]["id"],
            "poll_id": lambda: self._ask("GET", f"/api/v1/statuses/{self._post_with_poll()}")["poll"]["id"],
            "quoting_id": lambda: self._post(quoted_status_id=self._post()),
            "report_id": lambda: self._add("/api/v1/reports", account_id=self._account()),
            "scheduled_id": self._scheduled_post,
            "status_id": self._post,
            "tag_id": lambda: self._add(f"/api/v1/tags/{next(self._names)}/follow"),
            "webhook_id": self._webhook,
            "delivery_id": self._delivery,
            "year": lambda: "2025",
            "canonical_email_blocks/block_id": lambda: self._block(
                "canonical_email_blocks", email=f"{next(self._names)}@mail.example"
            ),
            "domain_allows/allow_id": lambda: self._block("domain_allows", domain=f"{next(self._names)}.example"),
            "domain_blocks/block_id": lambda: self._block("domain_blocks", domain=f"{next(self._names)}.example"),
            "email_domain_blocks/block_id": lambda: self._block(
                "email_domain_blocks", domain=f"{next(self._names)}.example"
            ),
            "ip_blocks/block_id": lambda: self._block(
                "ip_blocks", ip=f"2001:db8::{next(self._names)[4:]}", severity="sign_up_block"
            ),
        }

    def _import(self) -> str:
        """Upload a table anew: an account has one import at a time."""
        for one in self._ask("GET", "/api/v1/imports"):
            self._user.delete(f"{self._site.base_url}/api/v1/imports/{one['id']}", timeout=30)
        table = {"file": ("follows.csv", b"nobody\n", "text/csv")}
        return str(self._ask("POST", "/api/v1/imports", data={"kind": "follows"}, files=table)["id"])

    def _ask(self, method: str, path: str, by: requests.Session | None = None, **given: Any) -> Any:
        answer = (by or self._user).request(method, f"{self._site.base_url}{path}", timeout=30, **given)
        answer.raise_for_status()
        return answer.json()

    def _add(self, path: str, by: requests.Session | None = None, **given: Any) -> str:
        return str(self._ask("POST", path, by, json=given)["id"])

    def _only(self, path: str, **given: Any) -> str:
        """Add something instead of all others of its kind, of which an account may have a few only."""
        self._remove_all(path)
        return self._add(path, **given)

    def _remove_all(self, path: str) -> None:
        for one in self._ask("GET", path):
            self._ask("DELETE", f"{path}/{one['id']}")

    def _block(self, kind: str, **given: Any) -> str:
        return self._add(f"/api/v1/admin/{kind}", self._administrator, **given)

    def _account(self) -> str:
        return str(self._site.make_account(next(self._names))[0])

    def _post(self, **given: Any) -> str:
        return self._add("/api/v1/statuses", status=f"Hello #{next(self._names)}", **given)

    def _post_with_poll(self) -> str:
        return self._post(poll={"options": ["tea", "coffee"], "expires_in": 600})

    def _filtered_post(self) -> str:
        return self._add(f"/api/v2/filters/{self._filter()}/statuses", status_id=self._post())

    def _draft(self) -> str:
        self._remove_all("/api/v1/drafts")
        return self._add("/api/v1/drafts", statuses=[{"status": "Hello"}])

    def _webhook(self) -> str:
        made = {"url": "https://hooks.invalid/", "events": ["mention"], "current_password": PASSWORD}
        return self._only("/api/v1/webhooks", **made)

    def _delivery(self) -> str:
        path = f"/api/v1/webhooks/{self._webhook()}"
        self._ask("POST", f"{path}/test")
        return str(self._ask("GET", f"{path}/deliveries")[0]["id"])

    def _scheduled_post(self) -> str:
        self._remove_all("/api/v1/scheduled_statuses")
        return self._post(scheduled_at="2099-01-01T00:00:00Z")

    def _filter(self) -> str:
        return self._only("/api/v2/filters", title="spoilers", context=["home"])

    def _conversation(self) -> str:
        self._post(visibility="direct")
        return str(self._ask("GET", "/api/v1/conversations")[0]["id"])

    def _notified(self, version: str) -> Any:
        """Return the user's notifications, after somebody's favourite."""
        _, token = self._site.make_account(next(self._names))
        with requests.Session() as other:
            other.headers["Authorization"] = f"Bearer {token}"
            self._ask("POST", f"/api/v1/statuses/{self._post()}/favourite", other)
        return self._ask("GET", f"/api/{version}/notifications?include_filtered=true")

    def _announcement(self) -> str:
        id = ids.new(clock.now())
        with self._site.database.writing() as db:
            db.execute(insert(announcement), {"id": id, "text": "Tea at four", "published_at": 1, "updated_at": 1})
        return str(id)
