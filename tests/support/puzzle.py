"""Solves the puzzle of a sign-up as the site's script does."""

import hashlib
from itertools import count


def solved(challenge: str) -> str:
    """Return a challenge with the number that solves it."""
    bits = int(challenge.split(".")[1])
    return next(
        solution
        for solution in (f"{challenge}.{number}" for number in count())
        if int.from_bytes(hashlib.sha256(solution.encode()).digest()) >> (256 - bits) == 0
    )
