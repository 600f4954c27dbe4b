"""Writes: what each action means, with its rules, rows, counts and events.

A service does not commit; whoever opened the transaction does.
"""
