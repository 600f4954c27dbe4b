"""Every route of the website."""

from litestar import Router

from twite_web.core import STATIC
from twite_web.site import assets, csrf
from twite_web.site.accounts import aliases, blocks, follows, menu, preferences, profile_settings, profiles
from twite_web.site.files import files
from twite_web.site.identity import (
    account_settings,
    applications,
    authorize,
    confirmations,
    invitations,
    passwords,
    registrations,
    sessions,
)
from twite_web.site.moderation import (
    account_actions,
    announcements,
    appeals,
    audit_log,
    domain_decisions,
    reports,
    rules,
    sign_up_blocks,
    site_texts,
    warning_presets,
)
from twite_web.site.notifications import notifications, unsubscribe
from twite_web.site.operations import about, administration, api_docs, style_guide, well_known
from twite_web.site.posts import (
    bookmarks,
    boosts,
    composing,
    drafts,
    emojis,
    favourites,
    media,
    pins,
    polls,
    posts,
    scheduled_posts,
)
from twite_web.site.timelines import search, timelines, trends

router = Router(
    "/",
    route_handlers=[
        assets.router,
        files("/static", STATIC),
        about.router,
        account_settings.router,
        administration.router,
        aliases.router,
        announcements.router,
        appeals.router,
        applications.router,
        audit_log.router,
        blocks.router,
        bookmarks.router,
        authorize.router,
        boosts.router,
        composing.router,
        confirmations.router,
        api_docs.router,
        domain_decisions.router,
        drafts.router,
        posts.router,
        emojis.router,
        favourites.router,
        follows.router,
        invitations.router,
        media.router,
        menu.router,
        account_actions.router,
        notifications.router,
        passwords.router,
        pins.router,
        polls.router,
        preferences.router,
        profile_settings.router,
        profiles.router,
        reports.router,
        rules.router,
        scheduled_posts.router,
        search.router,
        sessions.router,
        sign_up_blocks.router,
        registrations.router,
        site_texts.router,
        style_guide.router,
        timelines.router,
        trends.router,
        unsubscribe.router,
        warning_presets.router,
        well_known.router,
    ],
    guards=[csrf.require_token],
)
