"""Operations: what keeps the site running and counts what happens on it."""
