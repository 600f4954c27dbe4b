"""URLs as pages write them."""

from urllib.parse import urljoin


def joined(url: str, link: str) -> str:
    """Return the address that a link on a page means, or "" where it is none."""
    try:
        return urljoin(url, link)
    except ValueError:
        return ""
