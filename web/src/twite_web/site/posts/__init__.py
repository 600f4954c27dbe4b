"""Posts: writing them, what they show, and what people do with them."""
