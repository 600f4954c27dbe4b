"""Identity: signing up, logging in, and authorizing applications."""
