"""Timelines: home, public and list timelines, search, trends and filters."""
