"""What goes on after staff decided something."""
