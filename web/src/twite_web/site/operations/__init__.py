"""Operations: what keeps the site running, and statistics."""
