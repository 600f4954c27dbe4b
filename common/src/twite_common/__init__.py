"""Twite's data: tables, rules, queries and events, shared by every service that reaches the database."""

__version__ = "0.1.0"
