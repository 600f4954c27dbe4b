"""Server names in two forms: ASCII, as stored and sent, and Unicode, as people read them.

The forms are those of IDNA 2008, after the mapping of UTS 46, which folds case and width.
"""

import re

import idna

MAX_LENGTH = 253
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
"""A server's name in ASCII."""


def to_ascii(name: str) -> str:
    """Return a server's name in ASCII and lower case.

    What was in ASCII already is left as it is otherwise: names were registered before there were rules for them. Raises
    ValueError for what can't be a name.
    """
    if len(name) > MAX_LENGTH:
        raise ValueError("The name is too long.")
    if not name.isascii():
        mapped = idna.uts46_remap(name, std3_rules=False)
        name = ".".join(label if label.isascii() else idna.alabel(label).decode() for label in mapped.split("."))
    name = name.lower()
    if len(name) > MAX_LENGTH or not HOST.fullmatch(name):
        raise ValueError("This isn't a server's name.")
    return name


def readable(address: str) -> str:
    """Return a server's name, or a mail address, in the letters in which people read it."""
    start, at, host = address.rpartition("@")
    return start + at + ".".join(_readable_label(label) for label in host.split("."))


def _readable_label(label: str) -> str:
    if label[:4].lower() != "xn--":
        return label
    try:
        return idna.ulabel(label)
    except idna.IDNAError:
        return label
