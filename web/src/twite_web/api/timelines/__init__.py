"""Timelines: what people read, in which order, and what leads to it."""
