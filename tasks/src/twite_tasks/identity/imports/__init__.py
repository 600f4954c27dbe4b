"""Bringing along what somebody had elsewhere."""
