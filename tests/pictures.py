"""Pictures to be uploaded."""

import io

from PIL import Image


def picture(size: tuple[int, int] = (300, 200)) -> bytes:
    """Return a PNG file."""
    written = io.BytesIO()
    Image.new("RGB", size, (40, 90, 160)).save(written, "PNG")
    return written.getvalue()
