"""How large pictures may be, and how much work one may cause. All limits on pictures are here."""

AVATAR = (400, 400)
HEADER = (1500, 500)
SHARE_CARD = (1200, 630)
"""Of the picture that other sites show with a link to a post."""
MAX_BYTES = 16 * 1024 * 1024
MAX_EMOJI_BYTES = 256 * 1024
MAX_SIDE = 16_383
"""Width or height in pixels: what a side of WebP, in which pictures are kept, has at most."""
MAX_PIXELS = 100_000_000
MAX_WEBP_PIXELS = 50_000_000
"""Of a WebP picture: its decoder takes 16 bytes a pixel, where those of other formats take 2 to 9."""
MAX_FRAMES_PIXELS = 100_000_000
"""Pixels in all frames of a picture that moves, together: each is decoded."""
MAX_FRAMES = 250
MAX_SCANS = 100
"""Of a JPEG picture: each goes over all of its pixels, of which it needs few bytes. Programs write ten."""
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIF")
MOVING_FORMATS = frozenset({"PNG", "GIF", "WEBP", "AVIF"})
"""Formats in which several pictures of one file are moments of one; in others they are pictures of their own."""
PICTURE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/heic", "image/heif")
ATTACHMENT_PIXELS = 3840 * 2160
"""Pixels of what is kept of a picture, at most."""
PREVIEW_PIXELS = 640 * 360
BLURRED_PIXELS = 32 * 32
EMOJI_PIXELS = 128
"""Width and height of an emoji at most."""

MEMORY_BYTES = 1024 * 1024 * 1024
"""Address space of the process that decodes. What the largest pictures take of it stands in docs/deploy.md."""
CPU_SECONDS = 12
"""Of one picture. The largest that are allowed take 3 to 7 s; others wait for it."""
MAX_SECONDS = 60.0
"""Time on the wall clock after which the process is ended: a machine that is far too busy, not a costly picture."""
PICTURES_A_PROCESS = 100
GROWN_BYTES = 64 * 1024 * 1024
"""A process that holds more than this after a picture doesn't begin another. It starts with 30 MB."""
IDLE_SECONDS = 60.0
"""A process that has had nothing to do for this long ends."""

MAX_WAITING = 16
"""Pictures of one web process or worker that wait for their turn, at most half of a web process's usual threads."""
MAX_WAITING_OF_ONE = 3
"""Of these, of one account: with the one that is being prepared, as many as a post has."""
TIMEOUT_SECONDS = 30.0
