"""Identity: signing up, logging in, and what applications may do for somebody."""
