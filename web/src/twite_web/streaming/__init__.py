"""Streaming: telling applications that listen what happens, as it happens."""
