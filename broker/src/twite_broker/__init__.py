"""How an id reaches the task manager, whichever broker is configured."""
