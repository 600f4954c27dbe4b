"""Every route of the website."""

from litestar import Router

from twite_web.core import STATIC
from twite_web.site import assets, csrf
from twite_web.site.accounts import aliases, blocks, follows, menu, preferences, profile_settings, profiles, welcome
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
    accounts,
    announcements,
    appeals,
    audit_log,
    domain_decisions,
    pending_accounts,
    reports,
    rules,
    sign_up_blocks,
    site_texts,
    warning_presets,
)
from twite_web.site.notifications import notifications, unsubscribe
from twite_web.site.operations import (
    about,
    account_statistics,
    administration,
    api_docs,
    overview,
    statistics,
    style_guide,
    well_known,
    year_in_review,
)
from twite_web.site.posts import bookmarks, boosts, emojis, favourites, media, pins, polls, posts
from twite_web.site.timelines import search, timelines, trends

router = Router(
    "/",
    route_handlers=[
        assets.router,
        files("/static", STATIC),
        about.router,
        statistics.router,
        account_statistics.router,
        year_in_review.router,
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
        confirmations.router,
        api_docs.router,
        domain_decisions.router,
        posts.router,
        emojis.router,
        favourites.router,
        follows.router,
        invitations.router,
        media.router,
        menu.router,
        account_actions.router,
        accounts.router,
        pending_accounts.router,
        overview.router,
        notifications.router,
        passwords.router,
        pins.router,
        polls.router,
        preferences.router,
        profile_settings.router,
        profiles.router,
        reports.router,
        rules.router,
        search.router,
        sessions.router,
        sign_up_blocks.router,
        registrations.router,
        site_texts.router,
        style_guide.router,
        timelines.router,
        trends.router,
        unsubscribe.router,
        welcome.router,
        warning_presets.router,
        well_known.router,
    ],
    guards=[csrf.require_token],
)
