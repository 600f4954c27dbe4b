"""Writes: what each action means: its rules, its rows, its counts and its events.

A service does not commit; whoever opened the transaction does.
"""
