"""The site's rules for content: staff write them, try them on the posts of the last days, and switch them on.

`services.posts.content_rules` asks them before a post is written. Each function raises NotAllowed without the
permission, and each change is recorded.
"""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, update

from twite_common import clock, content_rules, ids, outbox, permissions, post_details, text
from twite_common.content_rules import ACTIONS, Conditions, Says
from twite_common.errors import Invalid, NotFound, check_all
from twite_common.queries.accounts import accounts, credentials
from twite_common.queries.posts import content_rules as queries
from twite_common.queries.posts.content_rules import ContentRule, Earlier
from twite_common.queries.viewers import Viewer
from twite_common.services import audit_log
from twite_common.services.moderation import reports
from twite_common.services.moderation.reports import ReportDraft
from twite_common.services.posts.content_rules import EXEMPT
from twite_common.services.validators import checked_domain
from twite_common.tables import content_rule
from twite_common.translations import gettext as _

PERMISSION = "manage_rules"
TRY = "content_rule.try"
"""The event by which a rule is tried on the next of the earlier posts."""
TRIED_DAYS = 30
AT_ONCE = 500
"""Posts that one step of a trial looks at."""
MAX_TRIED = 200_000
"""Posts that a trial looks at, the newest first."""
MAX_EXAMPLES = 20
MAX_AUTHORS = 1000
"""Authors of whom a trial counts how many posts it found."""
MAX_RULES = 100
MAX_NAME_LENGTH = 100
MAX_EXPLANATION_LENGTH = 500
MAX_WORDS = 500
MAX_WORD_LENGTH = 100
MAX_PATTERN_LENGTH = 1000
MAX_DAYS, MAX_POSTS, MAX_MINUTES = 3650, 300, 1440

ADD = insert(content_rule)
CHANGE = update(content_rule).where(content_rule.c.id == bindparam("rule_id", type_=BigInteger))
# Whoever changes a rule meanwhile has what was found out about it before forgotten.
CHANGE_AS_READ = CHANGE.where(content_rule.c.changed_at == bindparam("read_as_of", type_=BigInteger))
DROP = delete(content_rule).where(content_rule.c.id == bindparam("rule_id", type_=BigInteger))


class RuleDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as somebody wrote it."""

    name: str
    action: str
    conditions: Conditions
    explanation: str = ""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule would have found among the posts of the last days; `authors` are numbers of posts by account.

    `before_id` is where it goes on. It is `whole` unless there were too many posts to look at all.
    """

    started_at: int
    before_id: int
    done: bool = False
    whole: bool = True
    seen: int = 0
    found: int = 0
    examples: tuple[int, ...] = ()
    authors: dict[int, int] = {}


def trial_of(rule: ContentRule) -> Trial | None:
    """Return how far a rule was tried as it stands now; None where it wasn't."""
    return None if rule.trial is None else msgspec.json.decode(rule.trial, type=Trial)


def add(db: Connection, *, now: int, viewer: Viewer, draft: RuleDraft) -> int:
    """Add a rule, which is off, and return its id. Raises Invalid for what can't be, and beyond 100."""
    permissions.check(viewer, PERMISSION)
    if len(queries.all_rules(db)) >= MAX_RULES:
        raise Invalid(_("There are too many rules. Please remove one first."))
    id, values = ids.new(now), _checked(db, draft)
    db.execute(ADD, {"id": id, "changed_at": now, **values})
    audit_log.record(db, viewer, "create", "content_rule", now=now, target_id=id, target_name=draft.name.strip())
    return id


def change(db: Connection, *, now: int, viewer: Viewer, rule_id: int, draft: RuleDraft) -> None:
    """Change a rule, which is off from then on, and not tried. Raises NotFound, Invalid for what can't be."""
    permissions.check(viewer, PERMISSION)
    found(db, rule_id)
    values = _checked(db, draft)
    db.execute(CHANGE.values(active=False, trial=None, changed_at=now, **values), {"rule_id": rule_id})
    audit_log.record(db, viewer, "update", "content_rule", now=now, target_id=rule_id, target_name=draft.name.strip())


def remove(db: Connection, *, now: int, viewer: Viewer, rule_id: int) -> None:
    """Remove a rule; what it holds stays held. Raises NotFound when there is none."""
    permissions.check(viewer, PERMISSION)
    rule = found(db, rule_id)
    db.execute(DROP, {"rule_id": rule_id})
    audit_log.record(db, viewer, "delete", "content_rule", now=now, target_id=rule_id, target_name=rule.name)


def switch(db: Connection, *, now: int, viewer: Viewer, rule_id: int, active: bool) -> None:
    """Switch a rule on or off. Raises NotFound, and Invalid unless it was tried as it stands, to its end."""
    permissions.check(viewer, PERMISSION)
    rule = found(db, rule_id)
    trial = trial_of(rule)
    tried = trial is not None and trial.done
    values = {"active": active, "account_id": viewer.account_id}
    if (active and not tried) or not _change_as_read(db, rule, values):
        raise Invalid(_("Please try the rule first: it can be switched on once you see what it would have found."))
    action = "enable" if active else "disable"
    audit_log.record(db, viewer, action, "content_rule", now=now, target_id=rule_id, target_name=rule.name)


def try_out(db: Connection, *, now: int, viewer: Viewer, rule_id: int) -> None:
    """Have a task find out what a rule would have found in the last 30 days. Raises NotFound when there is none."""
    permissions.check(viewer, PERMISSION)
    rule = found(db, rule_id)
    trial = Trial(started_at=now, before_id=ids.first_at(now + 1))
    _keep(db, rule, trial)
    outbox.add(db, TRY, now=now, account_id=viewer.account_id, rule_id=rule_id, started_at=now)
    audit_log.record(db, viewer, "try", "content_rule", now=now, target_id=rule_id, target_name=rule.name)


def go_on(db: Connection, *, now: int, rule_id: int, started_at: int, account_id: int | None) -> None:
    """Try a rule on the next of the earlier posts; does nothing when it has been changed or is tried anew."""
    rule = queries.get(db, rule_id)
    trial = trial_of(rule) if rule is not None else None
    if rule is None or trial is None or trial.done or trial.started_at != started_at:
        return
    posts = queries.earlier(
        db,
        first_id=ids.first_at(trial.started_at - TRIED_DAYS * clock.DAY),
        before_id=trial.before_id,
        exempt_roles=permissions.roles_with(EXEMPT),
        most=AT_ONCE,
    )
    trial = _counted(trial, posts, _found_in(db, rule.decoded(), posts))
    if _keep(db, rule, trial) and not trial.done:
        outbox.add(db, TRY, now=now, account_id=account_id, rule_id=rule_id, started_at=started_at)


def report_found(db: Connection, *, now: int, rule_ids: Sequence[int], post_ids: Sequence[int], author_id: int) -> None:
    """Report posts that rules found, each in the name of whoever switched the rule on, or of an administrator.

    Does nothing when their author is gone meanwhile.
    """
    if accounts.get(db, author_id) is None:
        return
    administrators = [one.account_id for one in credentials.with_role(db, ["admin"])]
    for rule in (queries.get(db, id) for id in rule_ids):
        reporter_id = next(iter([rule.account_id] if rule and rule.account_id else administrators), None)
        if rule is None or reporter_id is None:
            continue
        comment = _("Found by the rule for content “%(name)s”.", name=rule.name)
        draft = ReportDraft(target_id=author_id, post_ids=tuple(post_ids), comment=comment, found=True)
        reports.file(db, now=now, account_id=reporter_id, draft=draft)


def found(db: Connection, rule_id: int) -> ContentRule:
    """Return a rule. Raises NotFound when there is none."""
    rule = queries.get(db, rule_id)
    if rule is None:
        raise NotFound(_("There is no such rule."))
    return rule


def _keep(db: Connection, rule: ContentRule, trial: Trial) -> bool:
    return _change_as_read(db, rule, {"trial": msgspec.json.encode(trial).decode()})


def _change_as_read(db: Connection, rule: ContentRule, values: Mapping[str, object]) -> bool:
    """Change a rule unless somebody else has changed or removed it since it was read; say whether it was changed."""
    parameters = {"rule_id": rule.id, "read_as_of": rule.changed_at}
    return bool(db.execute(CHANGE_AS_READ.values(dict(values)), parameters).rowcount)


def _found_in(db: Connection, conditions: Conditions, posts: Sequence[Earlier]) -> list[Earlier]:
    """Return the posts that a rule finds something in, by no more statements than it has conditions."""
    said = {post.id: content_rules.says(_texts(post)) for post in posts}
    names = frozenset[str]().union(*(one.linked_domains for one in said.values()))
    listed = queries.listed(db, names) if conditions.list_ids else []
    matching = [post for post in posts if _fits(conditions, post, said[post.id], listed)]
    kept_ids = {post.id for post in matching}
    if conditions.names_strangers and kept_ids:
        kept_ids &= queries.to_strangers(db, kept_ids)
    if conditions.max_posts and kept_ids:
        kept_ids &= queries.often(db, kept_ids, max_posts=conditions.max_posts, minutes=conditions.minutes or 0)
    return [post for post in matching if post.id in kept_ids]


def _fits(conditions: Conditions, post: Earlier, said: Says, listed: Sequence[tuple[int, str]]) -> bool:
    age_ms = ids.created_at(post.id) - ids.created_at(post.account_id)
    if conditions.max_age_days and age_ms >= conditions.max_age_days * clock.DAY:
        return False
    own = [(list_id, domain) for list_id, domain in listed if domain in said.linked_domains]
    return bool(content_rules.finds(conditions, said, own))


def _texts(post: Earlier) -> list[str]:
    descriptions = [attachment.description for attachment in post_details.decode(post.details).media]
    options = msgspec.json.decode(post.poll_options, type=list[tuple[str, int]]) if post.poll_options else []
    return [post.text, post.spoiler_text, *descriptions, *(title for title, _votes in options)]


def _counted(trial: Trial, posts: Sequence[Earlier], found_posts: Sequence[Earlier]) -> Trial:
    """Return a trial that has looked at some more posts."""
    authors = dict(trial.authors)
    for post in found_posts:
        if post.account_id in authors or len(authors) < MAX_AUTHORS:
            authors[post.account_id] = authors.get(post.account_id, 0) + 1
    seen = trial.seen + len(posts)
    ended = len(posts) < AT_ONCE
    return msgspec.structs.replace(
        trial,
        before_id=posts[-1].id if posts else trial.before_id,
        done=ended or seen >= MAX_TRIED,
        whole=ended or seen < MAX_TRIED,
        seen=seen,
        found=trial.found + len(found_posts),
        examples=(*trial.examples, *(post.id for post in found_posts))[:MAX_EXAMPLES],
        authors=authors,
    )


def _checked(db: Connection, draft: RuleDraft) -> dict[str, str]:
    """Return a rule's columns. Raises Invalid with all that is wrong."""
    name, explanation = text.clean_line(draft.name), text.clean(draft.explanation)
    wanted = _cleaned(db, draft.conditions)
    words, names = wanted.words, wanted.domains

    def checked_names() -> None:
        for one in names:
            try:
                checked_domain(one)
            except Invalid as error:
                sentence = _("This is no domain: %(name)s", name=one[:80])
                raise Invalid(sentence, {"domains": [("ERR_INVALID", sentence)]}) from error

    check_all(
        lambda: _require("name", bool(name), _("Please give the rule a name.")),
        lambda: _require("name", len(name) <= MAX_NAME_LENGTH, _("This name is too long.")),
        lambda: _require("action", draft.action in ACTIONS, _("Please choose what happens to such posts.")),
        lambda: _require("explanation", len(explanation) <= MAX_EXPLANATION_LENGTH, _("This explanation is too long.")),
        lambda: _require(
            "words",
            len(words) <= MAX_WORDS and all(len(word) <= MAX_WORD_LENGTH for word in words),
            _(
                "There can be at most %(count)s words, of %(length)s characters each.",
                count=MAX_WORDS,
                length=MAX_WORD_LENGTH,
            ),
        ),
        lambda: _require("pattern", len(wanted.pattern) <= MAX_PATTERN_LENGTH, _("This pattern is too long.")),
        lambda: content_rules.check_pattern(wanted.pattern) if wanted.pattern else None,
        lambda: _require("domains", len(names) <= MAX_WORDS, _("Please put so many domains into a list.")),
        checked_names,
        lambda: _check_numbers(wanted),
        lambda: _require("", wanted.any, _("Please say what the rule looks for: at least one of the conditions.")),
    )
    conditions = msgspec.structs.replace(wanted, domains=tuple(checked_domain(one) for one in names))
    return {
        "name": name,
        "action": draft.action,
        "explanation": explanation,
        "conditions": msgspec.json.encode(conditions).decode(),
    }


def _cleaned(db: Connection, given: Conditions) -> Conditions:
    """Return conditions without what says nothing, such as empty lines: a rule with nothing else finds every post."""
    given_words = [text.clean_line(word) for word in given.words]
    return msgspec.structs.replace(
        given,
        words=tuple(dict.fromkeys(word for word in given_words if word)),
        domains=tuple(dict.fromkeys(name for name in given.domains if name.strip())),
        list_ids=tuple(sorted(queries.existing_lists(db, given.list_ids))) if given.list_ids else (),
    )


def _check_numbers(wanted: Conditions) -> None:
    days, posts, minutes = wanted.max_age_days, wanted.max_posts, wanted.minutes
    _require(
        "max_age_days",
        days is None or 1 <= days <= MAX_DAYS,
        _("Please give a number from 1 to %(most)s.", most=MAX_DAYS),
    )
    _require(
        "max_posts",
        posts is None or 1 <= posts <= MAX_POSTS,
        _("Please give a number from 1 to %(most)s.", most=MAX_POSTS),
    )
    _require(
        "minutes",
        (posts is None) == (minutes is None) and (minutes is None or 1 <= minutes <= MAX_MINUTES),
        _("Please give both: how many posts, and within how many minutes, up to %(most)s.", most=MAX_MINUTES),
    )


def _require(field: str, fits: bool, sentence: str) -> None:
    if not fits:
        raise Invalid(sentence, {field: [("ERR_INVALID", sentence)]})
