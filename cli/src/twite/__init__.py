"""The `twite` command."""
