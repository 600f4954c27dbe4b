"""The client API, as Mastodon's clients speak it."""
