"""The API's schemas: its responses, with Mastodon's names."""
