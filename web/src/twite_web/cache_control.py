"""How long answers may be kept, and by whom: the values of Cache-Control (RFC 9111, section 5.2.2)."""

PRIVATE = "private, no-store"
"""For what is one person's own."""
PUBLIC = "public, max-age=0, s-maxage=1, stale-while-revalidate=1"
"""For what strangers are shown alike: a proxy may keep it for a second, and for another one while it fetches the next;
browsers ask each time."""
ASKED_EACH_TIME = "public, max-age=0"
MINUTE = "public, max-age=60"
FIVE_MINUTES = "public, max-age=300"
HOUR = "public, max-age=3600"
DAY = "public, max-age=86400"
FOREVER = "public, max-age=31536000, immutable"
"""For what is at an address that names its content."""
