"""The task manager: what happens after a response was sent."""

from pathlib import Path

from twite_common import translations

translations.register(Path(__file__).parent / "locale")
