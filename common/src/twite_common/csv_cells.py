"""Cells of CSV tables that people open in spreadsheets."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How what spreadsheets take for a formula begins (OWASP, "CSV Injection")."""


def harmless(value: str) -> str:
    """Return what somebody wrote as a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if value.startswith(FORMULA) else value
