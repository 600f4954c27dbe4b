"""Backups: a whole site in one file, and a site made from one."""
