"""The cast and the posts, made by the services in one transaction, so that tests of every part can have them."""

import base64
from itertools import product
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import insert, update

from post_visibility.oracle import AUTHORS, KINDS, PASSED_ON, PEOPLE, ROLES, WIDE, Post, word
from twite_common import clock, ids
from twite_common.database import Connection
from twite_common.drafts import Draft, MediaChange, PollDraft
from twite_common.media.pictures import Picture, PreparedAttachment
from twite_common.queries.notifications.webhooks import EVENTS
from twite_common.secret import public_point, sealer
from twite_common.services.accounts import accounts, blocks, follows, preferences, profiles
from twite_common.services.accounts.follows import Options
from twite_common.services.accounts.preferences import PreferenceChanges
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.identity import registrations, tokens, webhooks
from twite_common.services.identity.registrations import SignUp
from twite_common.services.moderation import reports
from twite_common.services.moderation.content_rules import Trial
from twite_common.services.moderation.reports import ReportDraft
from twite_common.services.notifications import policies, push
from twite_common.services.notifications.policies import PolicyChanges
from twite_common.services.notifications.push import Device
from twite_common.services.posts import (
    bookmark_folders,
    boosts,
    cards,
    drafts,
    favourites,
    media,
    pins,
    polls,
    post_deletion,
    post_edits,
    posts,
    scheduled_posts,
)
from twite_common.services.posts.cards import Due, Page
from twite_common.services.timelines import filters, lists, tags, trends
from twite_common.services.timelines.filters import FilterChanges
from twite_common.services.timelines.lists import ListChanges
from twite_common.settings import Settings
from twite_common.tables import card, content_rule, post
from twite_common.visibility import VISIBILITIES

TAG = "treasuremap"
LINK = "https://news.example/treasure"
READERS = ("former", "late", "expelled")
FOLLOWERS = ("follower", "mutual", *READERS)
PICTURE = Picture(b"", "image/webp", "webp", 1, 1)
DEVICE = ec.generate_private_key(ec.SECP256R1())
DEVICE_SECRET = bytes(16)
MAILS: dict[str, Any] = {f"mail_{kind}": "at_once" for kind in ("mention", "favourite", "boost", "post")}


class Person(msgspec.Struct, frozen=True):
    """Somebody with an account."""

    id: int
    username: str


class World(msgspec.Struct):
    """What there is. `root` is by the booster, who boosts and quotes; `lists` are by the names of who follow or did.

    `filters` are by the names of those who will lose sight of posts; they name what these see, and are over.
    `folders` have what readers bookmarked, by their names.
    """

    people: dict[str, Person] = {}
    posts: list[Post] = []
    root: int = 0
    lists: dict[str, int] = {}
    filters: dict[str, int] = {}
    folders: dict[str, int] = {}
    reports: list[int] = []
    content_rules: list[int] = []
    boosts: list[int] = []
    quoting: list[int] = []


class Builder:
    """Makes the world, in open transactions: first what is written, and then how people stand to each other."""

    def __init__(self, settings: Settings, now: int) -> None:
        self.settings = settings
        self.now = now
        self.world = World()
        self.db: Connection
        self.plain: dict[tuple[str, str], int] = {}

    def write(self, db: Connection) -> None:
        """Make the accounts, and the posts with all that people do with them."""
        self.db, world = db, self.world
        self.people_and_relations()
        world.root = self._publish("booster", Draft(text=f"the root {LINK}", visibility="public"))
        world.posts += [self.post(*kind) for kind in KINDS]
        for one in world.posts:
            self.pass_on(one)
        world.reports += [self.report(one) for one in world.posts if one.shape == "plain"]
        world.content_rules.append(self.found_by_a_rule([one.id for one in world.posts]))
        for row in db.execute(card.select()).all():
            visibility = row.url.rpartition("/")[2]
            title = word("bob", "linked", visibility) + "card" if visibility in VISIBILITIES else "Treasure found"
            due, page = Due(row.id, row.url, 1), Page(title=title)
            cards.finish(db, due, page, domain=self.settings.domain, now=self.now)
        trends.compute(db, now=self.now)

    def people_and_relations(self) -> None:
        """Make the accounts, and the relations that the posts are written under."""
        for name in (*PEOPLE, *AUTHORS[1:], "booster"):
            self.world.people[name] = self._person(name)
            self._device(name)
            self._webhook(name)
        for name, author in product(FOLLOWERS, AUTHORS):
            self._follow(name, author, Options(notify=True))
        for author in AUTHORS:
            self._follow(author, "mutual")
            blocks.block_account(self.db, now=self.now, account_id=self.id(author), blocked_id=self.id("blocked"))
            blocks.block_account(self.db, now=self.now, account_id=self.id("blocking"), blocked_id=self.id(author))
            blocks.mute_account(self.db, now=self.now, account_id=self.id("muted"), muted_id=self.id(author))
        for name in FOLLOWERS:
            list_id = lists.add(self.db, now=self.now, account_id=self.id(name), changes=ListChanges(title="close"))
            members = [self.id(author) for author in AUTHORS]
            lists.add_members(self.db, now=self.now, account_id=self.id(name), list_id=list_id, member_ids=members)
            self.world.lists[name] = list_id
        over = FilterChanges(title="over", contexts=("home",), expires_in_seconds=0)
        for name in READERS:
            self.world.filters[name] = filters.add(self.db, now=self.now, account_id=self.id(name), changes=over)
        for name in ("blocked", "late"):
            tags.follow_tag(self.db, now=self.now, account_id=self.id(name), name=TAG)
        aside = PolicyChanges(for_not_following="filter")
        policies.change(self.db, account_id=self.id("wary"), changes=aside)

    def id(self, name: str) -> int:
        """Return somebody's id."""
        return self.world.people[name].id

    def post(self, author: str, shape: str, visibility: str) -> Post:
        """Write a post, have those who will lose sight of it take it up, and do to it what its shape says."""
        media_id = self._picture(author, shape, visibility) if shape == "pictured" else None
        draft = self._draft(author, shape, visibility, media_id)
        if shape == "scheduled":
            id = scheduled_posts.schedule(
                self.db,
                self.settings,
                now=self.now,
                account_id=self.id(author),
                draft=draft,
                due_at=self.now + clock.DAY,
            )
            return Post(id, author, shape, visibility)
        if shape == "kept":
            id = drafts.add(self.db, self.settings, now=self.now, account_id=self.id(author), parts=[draft])
            return Post(id, author, shape, visibility)
        made = Post(self._publish(author, draft), author, shape, visibility, media_id)
        if shape == "plain":
            self.plain[author, visibility] = made.id
        self._take_up(made)
        self._change(made, draft)
        return made

    def pass_on(self, made: Post) -> None:
        """Have others boost and quote a post, or its author, as far as they may, and have its author pin it."""
        if made.shape in PASSED_ON and made.visibility in WIDE:
            self._boost("booster", made)
            quote = Draft(text=f"see #{TAG}", quote_of_id=made.id, visibility="public")
            self.world.quoting.append(self._publish("booster", quote))
        if made.shape == "plain" and made.visibility == "followers":
            self._boost(made.author, made)
            self.world.quoting.append(self._publish(made.author, Draft(text="see", quote_of_id=made.id)))
        if made.shape == "plain" and made.visibility != "mentioned":
            pins.pin_post(self.db, now=self.now, account_id=self.id(made.author), post_id=made.id)

    def _boost(self, name: str, made: Post) -> None:
        booster_id = self.id(name)
        id = boosts.boost_post(self.db, self.settings, now=self.now, account_id=booster_id, post_id=made.id)
        self.world.boosts.append(id)

    def found_by_a_rule(self, post_ids: list[int]) -> int:
        """Have a rule for content that was tried, and has found all posts."""
        id, trial = ids.new(self.now), Trial(started_at=self.now, before_id=0, done=True, examples=tuple(post_ids))
        row = {"id": id, "name": "Everything", "conditions": "{}", "action": "hold", "changed_at": self.now}
        self.db.execute(insert(content_rule), {**row, "trial": msgspec.json.encode(trial).decode()})
        return id

    def report(self, made: Post) -> int:
        """Have somebody who sees a post report it."""
        seer = {"followers": "follower", "mentioned": made.author}.get(made.visibility, "stranger")
        draft = ReportDraft(target_id=self.id(made.author), post_ids=(made.id,))
        return reports.file(self.db, now=self.now, account_id=self.id(seer), draft=draft)

    def end(self, db: Connection) -> None:
        """Let the polls end, and have people unfollow, block, limit and suspend."""
        self.db = db
        polls.end_those_over(self.db, now=self.now + clock.DAY)
        for author in AUTHORS:
            follows.unfollow_account(self.db, follower_id=self.id("former"), followee_id=self.id(author))
            blocks.block_account(self.db, now=self.now, account_id=self.id(author), blocked_id=self.id("late"))
        self.db.execute(accounts.CHANGE.values(limited_at=self.now), {"the_id": self.id("limited")})
        for name in ("suspended", "expelled"):
            accounts.suspend(self.db, now=self.now, account_id=self.id(name))

    def _person(self, name: str) -> Person:
        sign_up = SignUp(username=name, email=f"{name}@mail.example", password_hash="x")
        id = registrations.create(
            self.db, now=self.now, sign_up=sign_up, role=ROLES.get(name, ""), confirmed=True, smtp_utf8=False
        )
        shown = ProfileChanges(discoverable=True, indexable=True)
        profiles.change_profile(self.db, now=self.now, account_id=id, changes=shown)
        preferences.change_preferences(self.db, account_id=id, changes=PreferenceChanges(**MAILS))
        return Person(id, name)

    def _device(self, name: str) -> None:
        """Have somebody's notifications pushed to a device that `DEVICE` can read the messages of."""
        account_id = self.id(name)
        granted: dict[str, Any] = {"scopes": "push", "application_id": None, "account_id": account_id}
        token_id = tokens.add(self.db, now=self.now, access_token=f"{name}'s token", **granted)
        p256dh, auth = (base64.urlsafe_b64encode(key).decode() for key in (public_point(DEVICE), DEVICE_SECRET))
        push.subscribe(
            self.db,
            self.settings,
            now=self.now,
            account_id=account_id,
            token_id=token_id,
            sealed_token=sealer(self.settings).seal(f"{name}'s token"),
            device=Device(f"https://push.example/{name}", p256dh, auth, standard=True),
            kinds=("mention", "post", "poll", "update"),
            policy="all",
        )

    def _webhook(self, name: str) -> None:
        """Have somebody's webhook told of everything."""
        given: dict[str, Any] = {"account_id": self.id(name), "url": f"https://hooks.example/{name}", "events": EVENTS}
        webhooks.add(self.db, self.settings, sealer(self.settings), now=self.now, **given)

    def _follow(self, follower: str, followee: str, options: Options | None = None) -> None:
        follows.follow_account(
            self.db,
            now=self.now,
            follower_id=self.id(follower),
            followee_id=self.id(followee),
            options=options,
        )

    def _picture(self, author: str, shape: str, visibility: str) -> int:
        name = word(author, shape, visibility)
        prepared = PreparedAttachment(PICTURE, PICTURE, "")
        files = {"file": f"aa/{name}.webp", "preview": f"bb/{name}.webp"}
        id = media.add_picture(self.db, prepared, now=self.now, account_id=self.id(author), **files)
        said = MediaChange(media_id=id, description=f"{name}alt")
        media.change(self.db, said, now=self.now, account_id=self.id(author))
        return id

    def _draft(self, author: str, shape: str, visibility: str, media_id: int | None) -> Draft:
        begin = word(author, shape, visibility)
        words = [f"treasure {begin}text #{TAG}"]
        more: dict[str, Any] = {}
        if shape == "plain":
            words += [f"#{begin}tag", LINK]
        elif shape in {"naming", "deleted", "over"}:
            words += ["@mentioned @wary @late @expelled @blocked"]
        elif shape == "poll":
            more["poll"] = PollDraft(options=(f"{begin}option", "no"), expires_in_seconds=600)
        elif shape == "reply":
            more["in_reply_to_id"] = self.world.root
        elif shape == "edited":
            words += [f"{begin}before"]
        elif shape == "pictured":
            more["media_ids"] = (media_id,)
        elif shape == "warned":
            more |= {"spoiler_text": f"{begin}warning", "in_reply_to_id": self.plain[author, visibility]}
        elif shape == "linked":
            words += [f"https://news.example/{visibility}"]
        return Draft(text=" ".join(words), visibility=visibility, **more)

    def _publish(self, author: str, draft: Draft) -> int:
        return posts.publish(self.db, self.settings, now=self.now, author_id=self.id(author), draft=draft)

    def _take_up(self, made: Post) -> None:
        for name in READERS:
            account_id = self.id(name)
            named = made.shape in {"naming", "deleted", "over"} and name != "former"
            if made.visibility == "mentioned" and not named:
                continue
            favourites.favourite_post(self.db, now=self.now, account_id=account_id, post_id=made.id)
            folder_id = self._folder(name)
            bookmark_folders.put(self.db, now=self.now, account_id=account_id, post_id=made.id, folder_id=folder_id)
            own_filter = self.world.filters[name]
            filters.add_post(self.db, now=self.now, account_id=account_id, filter_id=own_filter, post_id=made.id)
            if made.shape == "poll":
                polls.vote(self.db, now=self.now, account_id=account_id, post_id=made.id, choices=[0])
            if made.visibility in WIDE:
                boosts.boost_post(self.db, self.settings, now=self.now, account_id=account_id, post_id=made.id)

    def _folder(self, name: str) -> int:
        if name not in self.world.folders:
            self.world.folders[name] = bookmark_folders.add(
                self.db, now=self.now, account_id=self.id(name), name="kept"
            )
        return self.world.folders[name]

    def _change(self, made: Post, draft: Draft) -> None:
        if made.shape == "edited":
            later = msgspec.structs.replace(draft, text=draft.text.replace("before", ""), visibility=None)
            author_id = self.id(made.author)
            post_edits.edit(self.db, self.settings, now=self.now, author_id=author_id, post_id=made.id, draft=later)
        if made.shape == "over":
            self.db.execute(update(post).where(post.c.id == made.id).values(expires_at=self.now))
        if made.shape == "deleted":
            post_deletion.delete_own(self.db, now=self.now, author_id=self.id(made.author), post_id=made.id)


def build(db: Connection, settings: Settings, *, now: int) -> World:
    """Make the world."""
    builder = Builder(settings, now)
    builder.write(db)
    builder.end(db)
    return builder.world
