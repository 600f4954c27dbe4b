"""Other servers' pages: fetched, and read by a process that may be killed."""
