"""Streaming: sending events to listening applications as they happen."""
