"""Notifications as pages show them: in groups, each a sentence with faces and what it is about."""

from collections.abc import Mapping, Sequence

import msgspec
from markupsafe import Markup, escape

from twite_common import ids
from twite_common.queries.moderation import warnings
from twite_common.queries.moderation.warnings import AccountWarning
from twite_common.queries.notifications.notifications import Notification
from twite_common.translations import gettext as _
from twite_common.translations import marked, ngettext
from twite_web.site.access import Visit
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models import times
from twite_web.site.view_models.accounts import AccountView
from twite_web.site.view_models.posts import PostView

FACES = 8
QUOTE_CHARACTERS = 160
SENTENCES = {
    "mention": marked("%(name)s mentioned you"),
    "follow": marked("%(name)s followed you"),
    "follow_request": marked("%(name)s would like to follow you"),
    "favourite": marked("%(name)s favourited your post"),
    "boost": marked("%(name)s boosted your post"),
    "post": marked("%(name)s posted"),
    "poll": marked("%(name)s ran a poll that has ended"),
    "update": marked("%(name)s edited a post you boosted"),
    "quote": marked("%(name)s quoted your post"),
    "quoted_update": marked("%(name)s edited a post you quoted"),
    "report": marked("%(name)s reported someone"),
    "signup": marked("%(name)s signed up"),
    "warning": marked("The site's staff warned you"),
}
"""What happened, by kinds of notifications; `name` is who did it."""
WARNED = {
    "none": SENTENCES["warning"],
    "sensitive": marked("The site's staff hid your media behind a warning"),
    "silence": marked("The site's staff took your posts out of public timelines"),
    "disable": marked("The site's staff closed your account to logins"),
    "suspend": marked("The site's staff hid your account and your posts"),
}
"""What was done about the visitor, by what staff decided."""
PAIRS = {
    "follow": marked("%(name)s and %(other)s followed you"),
    "favourite": marked("%(name)s and %(other)s favourited your post"),
    "boost": marked("%(name)s and %(other)s boosted your post"),
    "signup": marked("%(name)s and %(other)s signed up"),
}
"""The same of two."""
ICONS = {
    "mention": "reply",
    "follow": "person",
    "follow_request": "person",
    "favourite": "star",
    "boost": "boost",
    "post": "bell",
    "poll": "poll",
    "update": "pencil",
    "quote": "quote",
    "quoted_update": "pencil",
    "report": "flag",
    "signup": "person",
    "warning": "warning",
}
WHOLE = frozenset({"mention", "post", "quote"})
"""Kinds that are told with the whole post, to be answered; others with its beginning."""


class NotificationView(msgspec.Struct, frozen=True):
    """A group of notifications. `sentence` has links to people, `label` is the same as plain text.

    There is a whole `post`, or a `quote` of it with its page. `path` leads to a report, `strike` to what was done about
    the visitor; `warning` is what they are told about that.
    """

    key: str
    kind: str
    sentence: Markup
    label: str
    icon: str
    faces: list[AccountView]
    post: PostView | None
    quote: str
    path: str
    warning: str
    strike: str
    created_at: str
    age: str
    date: str
    unread: bool


def groups(
    visit: Visit, notifications: Mapping[str, Sequence[Notification]], last_read_id: int
) -> list[NotificationView]:
    """Return groups of notifications, in order; what came after `last_read_id` is unread."""
    account_ids = {
        key: list(dict.fromkeys(one.from_account_id for one in group)) for key, group in notifications.items()
    }
    shown_ids = dict.fromkeys(id for several in account_ids.values() for id in several[:FACES])
    accounts = {account.id: account for account in account_view_models.accounts(visit, list(shown_ids))}
    latest = [group[0] for group in notifications.values()]
    post_ids = list(dict.fromkeys(one.post_id for one in latest if one.post_id))
    posts = {post.id: post for post in post_view_models.posts(visit, post_ids, context="notifications")}
    warning_ids = {one.warning_id for one in latest if one.warning_id}
    own_warnings = warnings.own(visit.db, warning_ids, viewer_id=visit.account_id)
    views = []
    for key, group in notifications.items():
        people = [accounts[id] for id in account_ids[key][:FACES] if id in accounts]
        # What may not be seen isn't among them: a post that is missing is hidden by a filter.
        if people and (group[0].post_id is None or group[0].post_id in posts):
            view = _group(visit, key, group[0], people, len(account_ids[key]), posts, last_read_id)
            warning = own_warnings.get(group[0].warning_id or 0)
            views.append(_warned(view, warning) if warning else view)
    return views


def _warned(view: NotificationView, warning: AccountWarning) -> NotificationView:
    """Return a notification of something that staff did, told to whom it was done."""
    said = _(WARNED[warning.action])
    return msgspec.structs.replace(view, sentence=escape(said), label=said, warning=warning.text)


def _group(
    visit: Visit,
    key: str,
    latest: Notification,
    people: list[AccountView],
    count: int,
    posts: Mapping[int, PostView],
    last_read_id: int,
) -> NotificationView:
    created_at = ids.created_at(latest.id)
    post = posts.get(latest.post_id or 0)
    whole = latest.kind in WHOLE
    links = [Markup('<a class="name" href="{}">{}</a>').format(person.path, person.name_html) for person in people[:2]]
    return NotificationView(
        key=key,
        kind=latest.kind,
        sentence=Markup(sentence(latest.kind, links, count)),  # noqa: S704 - our own text around escaped names
        label=sentence(latest.kind, [person.name for person in people[:2]], count),
        icon=ICONS[latest.kind],
        faces=people,
        post=post,
        quote=post_view_models.excerpt(post, QUOTE_CHARACTERS) if post and not whole and not post.filtered else "",
        path=f"/admin/reports/{latest.report_id}" if latest.report_id else "",
        warning="",
        strike=f"/strikes/{latest.warning_id}" if latest.warning_id else "",
        created_at=times.iso(created_at),
        age=times.ago(created_at, visit.now),
        date=times.date(created_at),
        unread=latest.id > last_read_id + ids.NEAR,
    )


def sentence(kind: str, names: Sequence[str], count: int) -> str:
    """Return what so many people did, of whom the first have these names."""
    if count < 2 or len(names) < 2 or kind not in PAIRS:
        return _(SENTENCES[kind], name=names[0])
    if count == 2:
        return _(PAIRS[kind], name=names[0], other=names[1])
    return _crowd(kind, count - 2, *names[:2])


def _crowd(kind: str, count: int, name: str, other: str) -> str:
    """Return what two and so many others did."""
    match kind:
        case "follow":
            return ngettext(
                "%(name)s, %(other)s and %(count)s other followed you",
                "%(name)s, %(other)s and %(count)s others followed you",
                count,
                name=name,
                other=other,
            )
        case "favourite":
            return ngettext(
                "%(name)s, %(other)s and %(count)s other favourited your post",
                "%(name)s, %(other)s and %(count)s others favourited your post",
                count,
                name=name,
                other=other,
            )
        case "boost":
            return ngettext(
                "%(name)s, %(other)s and %(count)s other boosted your post",
                "%(name)s, %(other)s and %(count)s others boosted your post",
                count,
                name=name,
                other=other,
            )
        case _:
            return ngettext(
                "%(name)s, %(other)s and %(count)s other signed up",
                "%(name)s, %(other)s and %(count)s others signed up",
                count,
                name=name,
                other=other,
            )
