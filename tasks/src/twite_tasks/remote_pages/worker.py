"""The process that parses one page: `python -m twite_tasks.remote_pages.worker`, started by `page_process`.

What a hostile page does to it, it does to it alone.
"""

import sys

import msgspec

from twite_tasks.remote_pages import reader


def main() -> None:
    """Read a page from the standard input, and write what it says."""
    page = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=reader.Page)
    sys.stdout.buffer.write(msgspec.msgpack.encode(reader.look(page)))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
