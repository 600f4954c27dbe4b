"""A site on which there is ever more of everything that can be listed, and the statements that run on it."""

from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from sqlalchemy import event as listening
from sqlalchemy import insert, update

from support import authenticator
from support.pictures import picture
from twite_common import clock, ids
from twite_common.content_rules import Conditions
from twite_common.media import storage
from twite_common.queries import viewers
from twite_common.services.accounts import accounts, aliases
from twite_common.services.identity import applications, private_feeds, sessions, tokens
from twite_common.services.moderation import content_rules, domain_lists, rules, site_texts, warning_presets
from twite_common.services.moderation.content_rules import RuleDraft
from twite_common.services.notifications import mails
from twite_common.services.operations import statistics
from twite_common.services.timelines import recent_searches, trends
from twite_common.tables import (
    account,
    account_warning,
    announcement,
    archive,
    card,
    credentials,
    emoji,
    event,
    held_post,
    import_,
    import_entry,
    invitation,
    mail,
    membership,
    passkey,
    post,
    private_feed,
    publisher,
    webhook,
    webhook_delivery,
)
from twite_web import blocked_networks

SCOPES = "read write follow push admin:read admin:write"


@pytest.fixture(autouse=True)
def _only_what_is_asked_for(monkeypatch):
    """Have nothing ask the database by itself, meanwhile."""
    monkeypatch.setattr(blocked_networks, "REFRESH_SECONDS", 3600)


@pytest.fixture
def statements(database):
    """Collect the statements that run inside the block; those of writing transactions only, where that is asked for."""

    @contextmanager
    def statements(*, writing=False):
        ran = []

        def note(_connection, _cursor, statement, *_rest):
            # PostgreSQL's listeners are woken by a statement; SQLite's look by themselves.
            if "pg_notify" not in statement:
                ran.append(statement)

        engines = (database._writing,) if writing else (database._reading, database._writing)
        for engine in engines:
            listening.listen(engine, "before_cursor_execute", note)
        try:
            yield ran
        finally:
            for engine in engines:
                listening.remove(engine, "before_cursor_execute", note)

    return statements


class World:
    """Ann, who administrates the site and follows Bob, and what there is for her to see; `names` has the ids."""

    def __init__(self, database, settings, api, make_account, people):
        self._database, self._settings, self._api, self._make_account = database, settings, api, make_account
        self.ann, self.bob, self.cho = people
        with database.writing() as db:
            accounts.set_role(db, account_id=self.ann.id, role="admin")
            self.viewer = viewers.by_account(db, self.ann.id)
        self.as_ann, self.as_bob, self.as_cho = (api(person, SCOPES) for person in people)
        self._numbers = count(1)
        self.names = {"bob": self.bob.id, "cho": self.cho.id, "today": clock.as_date(clock.now()).isoformat()}
        self._begin()

    def _begin(self):
        """Make what there is one of."""
        names = self.names
        self._ask(self.as_ann, f"accounts/{self.bob.id}/follow")
        self._ask(self.as_bob, f"accounts/{self.ann.id}/follow")
        self._ask(self.as_ann, "accounts/update_credentials", method="PATCH", locked=True)
        self._ask(self.as_ann, "notifications/policy", 2, "PATCH", for_private_mentions="filter")
        names["first"] = self._ask(self.as_bob, "statuses", status="the first of #birds")
        names["own"] = self._ask(self.as_ann, "statuses", status="my first")
        names["list"] = self._ask(self.as_ann, "lists", title="all")
        names["filter"] = self._ask(self.as_ann, "filters", 2, title="all", context=["home"])
        names["folder"] = self._ask(self.as_ann, "bookmark_folders", name="all")
        self._ask(self.as_ann, "post_deletion_rule", method="PUT", days=365)
        self._ask(self.as_bob, "accounts/update_credentials", method="PATCH", follow_by_mail=True)
        names["media"] = self._upload(self.as_ann)
        authenticator.set_up(self._database, self._settings, self.ann.id)
        with self._database.writing() as db:
            names["feed"] = private_feeds.add(db, now=clock.now(), account_id=self.ann.id, kind="home")
            names["webhook"] = ids.new(clock.now())
            self._add_webhook(db, names["webhook"])
            names["passkey"] = ids.new(clock.now())
            keys = {"credential_id": b"key", "public_key": b"public", "verifies_user": True}
            db.execute(insert(passkey), {"id": names["passkey"], "account_id": self.ann.id, "name": "phone", **keys})
            for name in ("about", "privacy", "terms"):
                site_texts.write(db, now=clock.now(), viewer=self.viewer, name=name, words="Be kind.")

    def _add_webhook(self, db, id):
        sealed = {"url": "https://hooks.example/", "sealed_secret": b"", "events": '["mention"]', "state": "paused"}
        db.execute(insert(webhook), {"id": id, "account_id": self.ann.id, **sealed})

    def fill(self, number):
        """Make so many more of everything that can be listed."""
        for _ in range(number):
            index = next(self._numbers)
            people = [self._make_account(f"{kind}{index}") for kind in ("friend", "other", "muted", "blocked")]
            friend, other, muted, blocked = people
            as_friend, as_other = self._api(friend), self._api(other)
            self._befriend(friend, as_friend)
            self._keep_away(index, as_other, other, muted, blocked)
            self._publish(index, friend, as_friend)
            self._organize(index, friend)
            self._remember(index)
            self._administrate(index, other)
            self._insert(index)
        with self._database.writing() as db:
            db.execute(update(event).values(parked_at=1))
            db.execute(update(mail).values(state="parked"))
            db.execute(update(account).values(discoverable=True))
            trends.compute(db, now=clock.now())
            statistics.keep_totals(db, now=clock.now())
        groups = self.as_ann.get("/api/v2/notifications").json()["notification_groups"]
        self.names |= {
            "conversation": self.as_ann.get("/api/v1/conversations").json()[0]["id"],
            "notification": self.as_ann.get("/api/v1/notifications").json()[0]["id"],
            "group": next(one["group_key"] for one in groups if one["status_id"] == self.names["own"]),
            "request": self.as_ann.get("/api/v1/notifications/requests").json()[0]["id"],
        }

    def _ask(self, client, path, version=1, method="POST", **given):
        answer = client.request(method, f"/api/v{version}/{path}", json=given)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json().get("id")

    def _upload(self, client):
        return client.post("/api/v2/media", files={"file": ("wren.png", picture())}).json()["id"]

    def _befriend(self, friend, as_friend):
        ann, bob = self.ann.id, self.bob.id
        for client, id in ((as_friend, ann), (as_friend, bob), (self.as_bob, friend.id), (self.as_ann, friend.id)):
            self._ask(client, f"accounts/{id}/follow")
        self._ask(self.as_ann, f"follow_requests/{friend.id}/authorize")
        self._ask(self.as_ann, f"accounts/{friend.id}/endorse")
        self._ask(self.as_bob, f"accounts/{friend.id}/endorse")

    def _keep_away(self, index, as_other, other, muted, blocked):
        self._ask(self.as_ann, f"accounts/{muted.id}/mute")
        self._ask(self.as_ann, f"accounts/{blocked.id}/block")
        self._ask(self.as_ann, "domain_blocks", domain=f"d{index}.example")
        self._ask(as_other, f"accounts/{self.ann.id}/follow")
        self._ask(as_other, "statuses", status="@ann a word", visibility="direct")

    def _publish(self, index, friend, as_friend):
        first = self.names["first"]
        options = {"options": ["tea", "coffee"], "expires_in": 600}
        polled = self._ask(self.as_bob, "statuses", status=f"@ann @cho tea? #birds {index}", poll=options)
        shown = self._ask(self.as_bob, "statuses", status=f"#birds #tag{index}", media_ids=[self._upload(self.as_bob)])
        answer = self._ask(self.as_bob, "statuses", status=f"@ann and {index}", in_reply_to_id=first)
        mine = self._ask(self.as_ann, "statuses", status=f"mine #tag{index} #own{index}", quoted_status_id=first)
        self._ask(as_friend, "statuses", status=f"#tag{index}")
        self._ask(as_friend, "statuses", status="@ann psst", visibility="direct")
        for id in (polled, shown, answer, first):
            for client in (self.as_ann, as_friend):
                self._ask(client, f"statuses/{id}/favourite")
                self._ask(client, f"statuses/{id}/bookmark")
            self._ask(as_friend, f"statuses/{id}/reblog")
        for id in (mine, self.names["own"]):
            self._ask(as_friend, f"statuses/{id}/favourite")
        self._ask(self.as_bob, f"statuses/{first}", method="PUT", status=f"the first of #birds, again {index}")
        if index <= 5:
            self._ask(self.as_bob, f"statuses/{polled}/pin")
        with self._database.writing() as db:
            db.execute(insert(publisher), {"id": index, "domain": f"p{index}.example"})
            page = {"url": f"https://p{index}.example/", "title": "Wrens", "state": "ready", "due_at": 0}
            db.execute(insert(card), {"id": index, "publisher_id": index, **page})
            db.execute(update(post).where(post.c.id.in_([int(polled), int(mine)])).values(card_id=index))
            db.execute(update(post).where(post.c.id.in_([int(answer), int(shown)])).values(card_id=1))
        self.names |= {"polled": polled, "mine": mine, "friend": friend.id}

    def _organize(self, index, friend):
        list_id = self._ask(self.as_ann, "lists", title=f"list {index}")
        for id, member in ((list_id, self.bob), (self.names["list"], friend)):
            self._ask(self.as_ann, f"lists/{id}/accounts", account_ids=[str(member.id)])
        self._ask(
            self.as_ann, "filters", 2, title=f"f{index}", context=["home"], keywords_attributes=[{"keyword": "x"}]
        )
        filter_id = self.names["filter"]
        self.names["keyword"] = self._ask(self.as_ann, f"filters/{filter_id}/keywords", 2, keyword=f"word{index}")
        self.names["filtered"] = self._ask(
            self.as_ann, f"filters/{filter_id}/statuses", 2, status_id=self.names["polled"]
        )
        self.names["scheduled"] = self._ask(
            self.as_ann,
            "statuses",
            status="later",
            scheduled_at="2099-01-01T00:00:00Z",
            media_ids=[self._upload(self.as_ann)],
        )
        draft = {"status": "unfinished", "media_ids": [self._upload(self.as_ann)]}
        self.names["draft"] = self._ask(self.as_ann, "drafts", statuses=[draft, {"status": "more"}])
        self.names["tag"] = self._ask(self.as_ann, f"tags/tag{index}/follow")
        if index <= 10:
            self._ask(self.as_ann, "featured_tags", name=f"tag{index}")
            self._ask(self.as_bob, "featured_tags", name=f"tag{index}")

    def _remember(self, index):
        self._ask(self.as_ann, "bookmark_folders", name=f"folder {index}")
        body = {"status_ids": [self.names["polled"]]}
        self._ask(self.as_ann, f"bookmark_folders/{self.names['folder']}/statuses", **body)
        with self._database.writing() as db:
            recent_searches.remember(db, now=clock.now(), account_id=self.ann.id, query=f"tag {index}")

    def _administrate(self, index, other):
        of_other = self._ask(self._api(other), "statuses", status="spam")
        report = {"account_id": str(other.id), "status_ids": [of_other]}
        for client in (self.as_cho, self.as_ann):
            self.names["report"] = self._ask(client, "reports", **report)
        self.names["ip"] = self._ask(self.as_ann, "admin/ip_blocks", ip=f"10.1.{index}.1", severity="sign_up_block")
        for name in ("email_domain_blocks", "domain_blocks", "domain_allows"):
            self.names[name] = self._ask(self.as_ann, f"admin/{name}", domain=f"{name[:3]}{index}.example")
        self.names["email"] = self._ask(self.as_ann, "admin/canonical_email_blocks", email=f"x{index}@mail.example")
        with self._database.writing() as db:
            self.names["rule"] = rules.add(db, now=clock.now(), viewer=self.viewer, words=f"Rule {index}", hint="")
            self.names["preset"] = warning_presets.add(
                db, now=clock.now(), viewer=self.viewer, title=f"T{index}", words="Be kind."
            )
            conditions = Conditions(words=(f"tea {index}",))
            draft = RuleDraft(name=f"Tea {index}", action="hold", conditions=conditions)
            self.names["content_rule"] = content_rules.add(db, now=clock.now(), viewer=self.viewer, draft=draft)
            url = f"https://lists.example/{index}"
            self.names["domain_list"] = domain_lists.subscribe(
                db, now=clock.now(), viewer=self.viewer, name=f"List {index}", url=url
            )
            for person in (self.ann, other):
                held = {
                    "id": ids.new(clock.now()),
                    "account_id": person.id,
                    "drafts": '[{"text":"tea"}]',
                    "reason": "Tea",
                }
                db.execute(insert(held_post), held)
            for account_id, member_id in ((self.ann.id, other.id), (other.id, self.ann.id)):
                pair = {"account_id": account_id, "member_id": member_id, "role": "writes", "accepted_at": 1}
                db.execute(insert(membership), {"id": ids.new(clock.now()), **pair})
            self.names["mail"] = mails.add(db, "already_registered", now=clock.now(), address="a@mail.example")
        waiting = self._make_account(f"waiting{index}")
        with self._database.writing() as db:
            db.execute(update(credentials).where(credentials.c.account_id == waiting.id).values(approved_at=None))

    def _insert(self, index):
        """Make what comes by ways that no application has."""
        now = clock.now()
        with self._database.writing() as db:
            new = ids.new(now)
            db.execute(insert(announcement), {"id": new, "text": f"News {index}", "published_at": 1, "updated_at": 1})
            pictures = {"picture": "a.png", "still_picture": "a.png"}
            db.execute(insert(emoji), {"id": new, "shortcode": f"wren{index}", **pictures})
            made = {"id": new, "account_id": self.ann.id, "state": "ready", "file": f"{new}.zip"}
            db.execute(insert(archive), made)
            storage.archives(self._settings).write_parts(f"{new}.zip", iter([b"all"]))
            self.names["archive"] = new
            brought = {"id": new, "account_id": self.ann.id, "kind": "follows", "state": "done", "total": 1}
            db.execute(insert(import_), brought)
            entry = {"import_id": new, "position": 0, "subject": "eve@elsewhere.example", "outcome": "elsewhere"}
            db.execute(insert(import_entry), entry)
            self.names["import"] = new
            feed = {"id": new, "account_id": self.ann.id, "kind": "bookmarks", "secret_hash": f"{index}".encode()}
            db.execute(insert(private_feed), feed)
            self._add_webhook(db, new)
            told = {"id": new, "webhook_id": self.names["webhook"], "event": "test", "state": "failed", "due_at": 0}
            db.execute(insert(webhook_delivery), told)
            hash = {"id": new, "code_hash": f"{index}".encode(), "uses_left": 3, "expires_at": now + clock.DAY}
            db.execute(insert(invitation), {**hash, "account_id": self.ann.id})
            sessions.start(
                db, self._settings, now=now, account_id=self.ann.id, address="192.0.2.1", browser="Firefox/140.0 Linux"
            )
            application: dict[str, Any] = {"redirect_uris": ["https://app.example/"], "scopes": "read", "website": None}
            application_id, _, _ = applications.register(db, now=now, name=f"App {index}", **application)
            aliases.add(db, now=now, account_id=self.ann.id, address=f"ann{index}@elsewhere.example")
            tokens.add(
                db,
                now=now,
                access_token=f"t{index}",
                scopes="read",
                application_id=application_id,
                account_id=self.ann.id,
            )
            warning = {"action": "none", "text": "Be kind."}
            appeal = {"target_id": self.bob.id, "appeal": "I was.", "appeal_state": "pending"}
            db.execute(insert(account_warning), {"id": new, "target_id": self.ann.id, **warning})
            db.execute(insert(account_warning), {"id": ids.new(now), **warning, **appeal})
        self.names |= {"announcement": new, "application": application_id, "strike": new}
        answer = self.as_ann.put(f"/api/v1/announcements/{new}/reactions/%F0%9F%8D%B5")
        assert answer.status_code == 200, answer.text


@pytest.fixture
def world(database, settings, api, make_account, ann, bob, cho):
    """A site with a first of everything."""
    return World(database, settings, api, make_account, (ann, bob, cho))
