"""Moderation: what staff decide about accounts, posts and the site."""
