"""Turning Twite's structs into the API's entities."""
