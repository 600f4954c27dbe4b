"""Computing once what many request at the same time."""

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Made = TypeVar("Made")


def made_once(make: Callable[Given, Made]) -> Callable[Given, Made]:
    """Have a function make each value once, also when several threads want it, of whom all but one wait.

    `functools.cache` would let each of them make it. For few values that take long.
    """
    known: dict[object, Made] = {}
    lock = Lock()

    @wraps(make)
    def made(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        asked = (args, tuple(sorted(kwargs.items())))
        if asked not in known:
            with lock:
                if asked not in known:
                    known[asked] = make(*args, **kwargs)
        return known[asked]

    return made
