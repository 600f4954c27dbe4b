"""Middleware: what every request passes before its handler, and every response after it."""
