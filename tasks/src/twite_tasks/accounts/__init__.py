"""Accounts: profiles, follows, blocks and mutes."""
