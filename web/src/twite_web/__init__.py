"""The website and the client API: one ASGI application."""

__version__ = "0.1.0"
