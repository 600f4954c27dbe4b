"""Pictures to be uploaded."""

import io

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()


def picture(size: tuple[int, int] = (300, 200), kind: str = "PNG") -> bytes:
    """Return a file of one colour; `kind` is Pillow's name of its format."""
    written = io.BytesIO()
    Image.new("RGB", size, (40, 90, 160)).save(written, kind)
    return written.getvalue()


PICTURE = ("a.png", picture(), "image/png")
TEXT = ("a.txt", b"just text", "text/plain")
"""Files to be sent with a form: one that is a picture, and one that isn't."""
