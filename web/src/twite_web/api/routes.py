"""Every route of the API."""

from twite_web.api import openapi
from twite_web.api.accounts import accounts, credentials, domain_blocks, endorsements, relationships, suggestions
from twite_web.api.identity import applications, archives, imports, private_feeds, registrations, tokens, webhooks
from twite_web.api.moderation import accounts as admin_accounts
from twite_web.api.moderation import admin_reports, announcements, reports, rules, site_texts
from twite_web.api.moderation import domain_decisions as admin_domains
from twite_web.api.moderation import sign_up_blocks as admin_blocks
from twite_web.api.moderation import trend_reviews as admin_trends
from twite_web.api.notifications import grouped_notifications, notifications, policies, push
from twite_web.api.operations import discovery, instance, statistics, unoffered
from twite_web.api.operations import measures as admin_measures
from twite_web.api.posts import (
    bookmark_folders,
    emojis,
    interactions,
    kept_drafts,
    media,
    oembed,
    polls,
    post_deletion_rules,
    posts,
    quotes,
    scheduled_posts,
    threads,
    translations,
)
from twite_web.api.timelines import (
    catch_up,
    conversations,
    filters,
    keyword_filters,
    lists,
    markers,
    search,
    search_suggestions,
    tags,
    timelines,
    trends,
)
from twite_web.routing import Router

first_version = Router(
    "/api/v1",
    route_handlers=[
        announcements.router,
        applications.router,
        archives.router,
        imports.router,
        private_feeds.router,
        bookmark_folders.router,
        catch_up.router,
        emojis.custom_emojis,
        conversations.router,
        credentials.router,
        push.router,
        registrations.router,
        reports.router,
        accounts.router,
        domain_blocks.router,
        endorsements.router,
        relationships.router,
        interactions.router,
        kept_drafts.router,
        keyword_filters.router,
        lists.router,
        markers.router,
        polls.router,
        post_deletion_rules.router,
        quotes.router,
        rules.router,
        scheduled_posts.router,
        search_suggestions.router,
        site_texts.router,
        statistics.router,
        posts.router,
        tags.router,
        threads.router,
        timelines.router,
        translations.router,
        trends.router,
        webhooks.router,
    ],
)

_described = (
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
            policies.router,
            notifications.router,
            grouped_notifications.router,
        ],
    ),
    discovery.router,
    instance.router,
    oembed.router,
    search.router,
    suggestions.router,
    tokens.router,
    unoffered.router,
)

routers = (*_described, openapi.router(_described))
