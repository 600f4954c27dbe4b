"""The moment at which tests happen, in milliseconds: code is handed the time, so a test's stands still."""

NOW = 1_790_000_000_000
