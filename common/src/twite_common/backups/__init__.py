"""Backups: a whole site in one file, and restoring it."""
