"""The task manager: what happens after a response was sent."""
