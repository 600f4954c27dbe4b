"""Pictures to be uploaded."""

import io

from PIL import Image


def picture() -> bytes:
    """Return a PNG file."""
    written = io.BytesIO()
    Image.new("RGB", (300, 200), (40, 90, 160)).save(written, "PNG")
    return written.getvalue()
