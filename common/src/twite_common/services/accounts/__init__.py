"""Accounts: profiles, and how accounts stand to each other."""
