"""Notifications: on pages, by mail and by push."""
