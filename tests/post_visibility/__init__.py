"""Who sees which post: the cast, the posts, and the few lines that say who may see what."""
