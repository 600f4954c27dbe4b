"""A made-up town for trying a site out: people, pictures, posts and what happens around them."""
