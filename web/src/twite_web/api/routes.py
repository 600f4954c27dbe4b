"""Every route of the API."""

from litestar import Router

from twite_web.api import (
    accounts,
    announcements,
    apps,
    conversations,
    description,
    discovery,
    domain_blocks,
    empty,
    endorsements,
    filters,
    follows,
    grouped_notifications,
    instance,
    interactions,
    keyword_filters,
    lists,
    markers,
    media,
    notification_policies,
    notifications,
    oembed,
    polls,
    profile,
    push,
    quotes,
    registrations,
    reports,
    rules,
    saved,
    scheduled_statuses,
    search,
    site_texts,
    statistics,
    statuses,
    suggestions,
    tags,
    timelines,
    translations,
    trends,
    unoffered,
)
from twite_web.api.admin import accounts as admin_accounts
from twite_web.api.admin import blocks as admin_blocks
from twite_web.api.admin import domains as admin_domains
from twite_web.api.admin import measures as admin_measures
from twite_web.api.admin import reports as admin_reports
from twite_web.api.admin import trends as admin_trends
from twite_web.oauth import tokens

first_version = Router(
    "/api/v1",
    route_handlers=[
        announcements.router,
        apps.router,
        conversations.router,
        profile.router,
        push.router,
        registrations.router,
        reports.router,
        accounts.router,
        domain_blocks.router,
        endorsements.router,
        follows.router,
        interactions.router,
        keyword_filters.router,
        lists.router,
        markers.router,
        polls.router,
        quotes.router,
        rules.router,
        saved.router,
        scheduled_statuses.router,
        site_texts.router,
        statistics.router,
        statuses.router,
        tags.router,
        timelines.router,
        translations.router,
        trends.router,
    ],
)

router = Router(
    "/",
    route_handlers=[
        first_version,
        Router("/api/v2", route_handlers=[filters.router]),
        Router(
            "/api",
            route_handlers=[
                admin_accounts.router,
                admin_reports.router,
                admin_blocks.router,
                admin_domains.router,
                admin_measures.router,
                admin_trends.router,
                media.router,
                notification_policies.router,
                notifications.router,
                grouped_notifications.router,
            ],
        ),
        description.router,
        discovery.router,
        empty.router,
        instance.router,
        oembed.router,
        search.router,
        suggestions.router,
        tokens.router,
        unoffered.router,
    ],
)
