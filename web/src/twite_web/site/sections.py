"""The menus beside pages of the administration and of the settings, which lead from one of them to the others."""

import msgspec

from twite_common import permissions
from twite_common.queries.viewers import Viewer
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.site.settings_pages import GROUPS, is_for

ADMINISTRATION = (
    ("/admin", "home", marked("Overview"), "view_dashboard"),
    ("/admin/reports", "flag", marked("Reports"), "manage_reports"),
    ("/admin/held", "eye", marked("Held posts"), "manage_reports"),
    ("/admin/waiting", "clock", marked("Pending accounts"), "manage_users"),
    ("/admin/accounts", "people", marked("Accounts"), "manage_users"),
    ("/admin/appeals", "reply", marked("Appeals"), "manage_appeals"),
    ("/admin/trends", "chart", marked("Trends"), "manage_taxonomies"),
    ("/admin/blocks", "block", marked("Blocks"), "manage_blocks"),
    ("/admin/sign-ups", "people", marked("Sign-ups"), "manage_blocks"),
    ("/admin/servers", "globe", marked("Other servers"), "manage_federation"),
    ("/admin/audit", "list", marked("Audit log"), "view_audit_log"),
    ("/admin/mails", "envelope", marked("E-mail"), "view_devops"),
    ("/admin/events", "warning", marked("Failed tasks"), "view_devops"),
    ("/admin/announcements", "bell", marked("Announcements"), "manage_announcements"),
    ("/admin/rules", "check", marked("Rules"), "manage_rules"),
    ("/admin/content-rules", "filter", marked("Rules for content"), "manage_rules"),
    ("/admin/domain-lists", "globe", marked("Lists of domains"), "manage_rules"),
    ("/admin/texts", "pencil", marked("Site texts"), "manage_settings"),
    ("/admin/picture", "picture", marked("The site's picture"), "manage_settings"),
    ("/admin/warning-presets", "quote", marked("Warning presets"), "manage_settings"),
    ("/admin/emojis", "smile", marked("Custom emoji"), "manage_custom_emojis"),
)
"""Pages of the administration, what is used most first: address, icon, name and the permission that they need."""


class Section(msgspec.Struct, frozen=True, gc=False):
    """A page in a menu; `current` is whether it, or a page below it, is being shown."""

    path: str
    icon: str
    label: str
    current: bool


class Sections(msgspec.Struct, frozen=True):
    """A menu: `kind` is the first part of its pages' addresses."""

    kind: str
    title: str
    links: list[Section]


def beside(path: str, viewer: Viewer | None, *, registration: str) -> Sections | None:
    """Return the menu that belongs to a page; None for most pages."""
    if viewer is None:
        return None
    if viewer.role and (path == "/admin" or path.startswith("/admin/")):
        return Sections("admin", _("Administration"), _administration(path, viewer.role))
    if path.startswith("/settings/"):
        return Sections("settings", _("Settings"), _settings(path, viewer, registration))
    return None


def _administration(path: str, role: str) -> list[Section]:
    return [
        Section(link, icon, _(label), path == link or (link != "/admin" and path.startswith(f"{link}/")))
        for link, icon, label, permission in ADMINISTRATION
        if permissions.may(role, permission)
    ]


def _settings(path: str, viewer: Viewer, registration: str) -> list[Section]:
    return [
        Section(entry.path, entry.icon, _(entry.label), path == entry.path or path.startswith(f"{entry.path}/"))
        for group in GROUPS
        for entry in group.entries
        if is_for(entry, viewer, registration=registration)
    ]
