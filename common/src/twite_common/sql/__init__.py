"""SQL that more than one domain writes, and all that differs between SQLite and PostgreSQL."""
