"""Where the command `twite` starts: it handles signals before it loads anything."""

import signal
import sys
from types import FrameType


def main() -> None:
    """Run the command. Until it has something to finish, SIGTERM and SIGINT end it at once and in order."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    from twite.main import main as command

    signal.signal(signal.SIGINT, signal.default_int_handler)
    command(prog_name="twite")


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
