"""The website and the client API: one ASGI application."""

from pathlib import Path

from twite_common import translations

__version__ = "0.1.0"

translations.register(Path(__file__).parent / "locale")
