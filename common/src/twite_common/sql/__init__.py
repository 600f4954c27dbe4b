"""SQL that several domains use, and everything that differs between SQLite and PostgreSQL."""
