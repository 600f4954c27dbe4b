"""Notifications: what people are told, on pages, by mail and by push."""
