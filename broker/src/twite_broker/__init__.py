"""How an id reaches the task manager, whatever broker an installation has."""
