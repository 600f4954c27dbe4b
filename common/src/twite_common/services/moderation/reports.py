"""Reporting accounts, and resolving reports. What staff do with them is audited."""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, insert, update

from twite_common import ids, permissions, text
from twite_common.errors import Invalid, NotFound
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.accounts import credentials
from twite_common.queries.moderation import reports as queries
from twite_common.queries.moderation import rules
from twite_common.queries.moderation.reports import Report
from twite_common.queries.posts import posts
from twite_common.queries.posts.posts import Post
from twite_common.queries.viewers import Viewer
from twite_common.services import audit_log
from twite_common.services.notifications import notifications
from twite_common.tables import report
from twite_common.translations import gettext as _

CATEGORIES = ("spam", "legal", "violation", "other")
MAX_COMMENT_LENGTH = 1000
MAX_POSTS = 100

ADD = insert(report)
CHANGE = update(report).where(report.c.id == bindparam("the_report_id", type_=BigInteger))


class ReportDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody reports: an account, some of its posts, and why."""

    target_id: int
    post_ids: tuple[int, ...] = ()
    rule_ids: tuple[int, ...] = ()
    comment: str = ""
    category: str = "other"
    found: bool = False
    """Whether a rule for content has found the posts, so that it doesn't matter who may see them."""


def file(db: Connection, *, now: int, account_id: int, draft: ReportDraft) -> int:
    """Report an account to the site's staff, tell them, and return the report's id.

    Posts that aren't the account's, or that the reporter can't see, are left out, and so are unknown rules. Raises
    NotFound when there is no such account, Invalid for a comment or category that can't be.
    """
    target = account_queries.get(db, draft.target_id)
    if target is None:
        raise NotFound(_("There is no such account."))
    comment = text.clean(draft.comment)
    if beyond := text.excess(comment, MAX_COMMENT_LENGTH):
        sentence = _("Validation failed: Comment is too long (maximum is %(limit)s)", limit=beyond)
        raise Invalid(
            sentence, {"comment": [("ERR_TOO_LONG", _("The comment can have at most %(limit)s.", limit=beyond))]}
        )
    rule_ids = _rules(db, draft.rule_ids)
    id = ids.new(now)
    row = {
        "id": id,
        "account_id": account_id,
        "target_id": target.id,
        "category": _category("violation" if rule_ids else draft.category),
        "comment": comment,
        "post_ids": _encoded(_posts(db, draft, account_id, now)),
        "rule_ids": _encoded(rule_ids),
        "updated_at": now,
    }
    db.execute(ADD, row)
    moderators = credentials.with_role(db, permissions.roles_with("manage_reports"))
    notifications.notify(
        db,
        [moderator.account_id for moderator in moderators],
        "report",
        now=now,
        from_account_id=account_id,
        report_id=id,
        to_oneself=draft.found,
    )
    return id


def change(
    db: Connection,
    *,
    now: int,
    viewer: Viewer,
    report_id: int,
    category: str | None = None,
    rule_ids: Sequence[int] | None = None,
) -> None:
    """Say better what a report is about. Raises NotAllowed, NotFound, and Invalid for an unknown category."""
    _found(db, viewer, report_id)
    values: dict[str, object] = {}
    if category is not None:
        values["category"] = _category(category)
    if rule_ids is not None:
        values["rule_ids"] = _encoded(_rules(db, rule_ids))
    _change(db, now, viewer, "update", report_id, values)


def assign(db: Connection, *, now: int, viewer: Viewer, report_id: int, to_oneself: bool) -> None:
    """Take a report on, or leave it to others. Raises NotAllowed without the permission, NotFound for no report."""
    _found(db, viewer, report_id)
    assigned = viewer.account_id if to_oneself else None
    _change(db, now, viewer, "assign" if to_oneself else "unassign", report_id, {"assigned_id": assigned})


def settle(db: Connection, *, now: int, viewer: Viewer, report_id: int, resolved: bool) -> None:
    """Close a report, or open it again. Raises NotAllowed without the permission, NotFound when there is none."""
    _found(db, viewer, report_id)
    values = {"resolved_at": now if resolved else None, "resolved_by_id": viewer.account_id if resolved else None}
    _change(db, now, viewer, "resolve" if resolved else "reopen", report_id, values)


def resolve_several(db: Connection, *, now: int, viewer: Viewer, report_ids: Sequence[int]) -> int:
    """Close several reports; return how many. Those that are closed already are left out.

    Raises NotAllowed without the permission.
    """
    permissions.check(viewer, "manage_reports")
    open_ids = [report.id for report in queries.load(db, report_ids).values() if report.resolved_at is None]
    for id in open_ids:
        settle(db, now=now, viewer=viewer, report_id=id, resolved=True)
    return len(open_ids)


def settle_about(
    db: Connection, *, now: int, viewer: Viewer, target_id: int, report_id: int | None, all_open: bool
) -> list[int]:
    """Close a report of an account about which something was done, and with `all_open` all others too.

    Returns the posts that it names. Raises NotAllowed without the permission, NotFound when it isn't of the account.
    """
    report = _found(db, viewer, report_id) if report_id is not None else None
    if report is not None and report.target_id != target_id:
        raise NotFound(_("There is no such report about this account."))
    report_ids = set(queries.open_about(db, target_id)) if all_open else set()
    for id in sorted(report_ids | ({report.id} if report else set())):
        settle(db, now=now, viewer=viewer, report_id=id, resolved=True)
    return report.posts() if report else []


def posts_of(db: Connection, reports: Sequence[Report], *, viewer: Viewer, now: int) -> dict[int, Post]:
    """Return the posts that reports name, whomever they were for, by id. Raises NotAllowed without the permission."""
    permissions.check(viewer, "manage_reports")
    return posts.load_reported(
        db,
        {id for report in reports for id in report.posts()},
        viewer_id=viewer.account_id,
        now=now,
        judging_roles=permissions.roles_with("manage_reports"),
    )


def _found(db: Connection, viewer: Viewer, report_id: int) -> Report:
    permissions.check(viewer, "manage_reports")
    report = queries.get(db, report_id)
    if report is None:
        raise NotFound(_("There is no such report."))
    return report


def _change(
    db: Connection, now: int, viewer: Viewer, action: str, report_id: int, values: Mapping[str, object]
) -> None:
    db.execute(CHANGE.values(**values, updated_at=now), {"the_report_id": report_id})
    audit_log.record(db, viewer, action, "report", now=now, target_id=report_id, target_name="")


def _posts(db: Connection, draft: ReportDraft, account_id: int, now: int) -> list[int]:
    post_ids = list(dict.fromkeys(draft.post_ids))[:MAX_POSTS]
    if draft.found:
        return post_ids
    visible_posts = posts.load(db, post_ids, viewer_id=account_id, now=now)
    own_ids = {
        id for id, post in visible_posts.items() if post.account_id == draft.target_id and post.boost_of_id is None
    }
    return [id for id in post_ids if id in own_ids]


def _rules(db: Connection, rule_ids: Sequence[int]) -> list[int]:
    rules_by_id = rules.load(db, rule_ids)
    return [id for id in dict.fromkeys(rule_ids) if id in rules_by_id]


def _category(category: str) -> str:
    if category not in CATEGORIES:
        sentence = _("Validation failed: Category must be one of %(categories)s", categories=", ".join(CATEGORIES))
        raise Invalid(sentence, {"category": [("ERR_INCLUSION", _("There is no such category."))]})
    return category


def _encoded(numbers: Sequence[int]) -> str:
    return msgspec.json.encode(list(numbers)).decode()
