"""The task manager: what happens after a request was answered."""
