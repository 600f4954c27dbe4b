"""Tasks about accounts as their owners have them."""
