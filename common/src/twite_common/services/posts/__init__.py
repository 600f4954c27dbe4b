"""Posts: writing them, what they contain, and how people react to them."""
