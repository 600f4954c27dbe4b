"""Computing once what many request at the same time."""

from collections.abc import Callable
from functools import update_wrapper
from threading import Lock
from typing import Generic, ParamSpec, TypeVar

Given = ParamSpec("Given")
Value = TypeVar("Value")


class made_once(Generic[Given, Value]):  # noqa: N801 - a decorator
    """Has a function make each value once, also when several threads want it, of whom all but one wait.

    `functools.cache` would let each of them make it. For few values that take long.
    """

    def __init__(self, make: Callable[Given, Value]) -> None:
        self._make = make
        self._values: dict[object, Value] = {}
        self._lock = Lock()
        update_wrapper(self, make)

    def __call__(self, *args: Given.args, **kwargs: Given.kwargs) -> Value:
        """Return a value, which is made if it isn't there yet."""
        key = _key(args, kwargs)
        if key not in self._values:
            with self._lock:
                if key not in self._values:
                    self._values[key] = self._make(*args, **kwargs)
        return self._values[key]

    def present(self, *args: Given.args, **kwargs: Given.kwargs) -> Value | None:
        """Return a value that is there, at once; None where it would have to be made."""
        return self._values.get(_key(args, kwargs))


def _key(args: tuple[object, ...], kwargs: dict[str, object]) -> object:
    return args, tuple(sorted(kwargs.items()))
