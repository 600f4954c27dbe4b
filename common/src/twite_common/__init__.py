"""Twite's data: tables, rules, queries and events, shared by every service that uses the database."""

__version__ = "0.1.0"
