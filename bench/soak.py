"""Looks for what grows while a site runs: `make soak`.

Starts the whole embedded system on one processor with a fresh data set, finds out the top rate of a day's mix
(`workloads.day`), then sends the mix at half that rate for an hour and prints a line a minute: answers a second, within
how many milliseconds half and 99 of 100 came, the memory of all of Twite's processes, how many files they have open,
and the size of the database. With --write the chart is kept in bench/soak.svg and what it shows in bench/SOAK.md.
"""

import argparse
import os
import platform
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import line_charts
import load
import memory
import msgspec
import psycopg
import seed
import workloads
from line_charts import Line

import run

MIB = 1024 * 1024
TOP_SECONDS = 20
SHARE = 0.5
"""How much of the top rate is sent."""
QUARTER = 4
HEADER = f"{'minute':>6}{'per s':>8}{'p50 ms':>9}{'p99 ms':>9}{'MiB':>7}{'files':>7}{'database MiB':>14}"


class Minute(msgspec.Struct, frozen=True):
    """What was seen in one step, a minute as a rule."""

    measured: load.Measured
    memory_mib: float
    open_files: int
    database_mib: float


def main() -> int:
    """Run the site and watch it; return the exit status: 1 where a request failed."""
    options = _options()
    os.sched_setaffinity(0, {int(run.CLIENT_PROCESSOR)})
    with tempfile.TemporaryDirectory(prefix="twite-soak-") as folder:
        top, minutes = _watched(Path(folder), options)
    if options.write:
        _write(top, minutes, options)
    return int(any(minute.measured.errors for minute in minutes))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=int, default=60, help="how many steps there are")
    parser.add_argument("--step", type=int, default=60, help="seconds that each of them takes")
    parser.add_argument("--connections", type=int, default=16, help="clients at the same time")
    parser.add_argument("--database", default="", help="a PostgreSQL address; without it SQLite is used")
    parser.add_argument("--write", action="store_true", help="keep the chart and what it shows in bench/")
    return parser.parse_args()


def _watched(folder: Path, options: argparse.Namespace) -> tuple[float, list[Minute]]:
    """Return the top rate in answers a second, and what was seen minute by minute at half of it."""
    with run.twite(folder, options.database) as (base, process):
        data = seed.seed(base, folder, options.database)
        memory.wait_until_idle(process.pid)
        schedule = workloads.day(data)
        top = load.drive(base, schedule, TOP_SECONDS, options.connections).rate
        print(f"top rate {top:.0f}/s\n{HEADER}", flush=True)
        minutes = []
        for number in range(1, options.minutes + 1):
            measured = load.drive(base, schedule, options.step, options.connections, rate=top * SHARE)
            pids = memory.family(process.pid)
            size = _database_bytes(folder, options.database) / MIB
            minutes.append(Minute(measured, memory.proportional_mib(pids), memory.open_files(pids), size))
            print(_line(number, minutes[-1]), flush=True)
    return top, minutes


def _database_bytes(folder: Path, database: str) -> int:
    """Return the size of SQLite's file, without what waits in its log, or that of PostgreSQL's database."""
    if not database:
        return (folder / "data" / "twite.sqlite").stat().st_size
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT pg_database_size(%s)", [urlsplit(database).path.lstrip("/")]).fetchone()
    return int(row[0]) if row else 0


def _line(number: int, minute: Minute) -> str:
    measured = minute.measured
    return (
        f"{number:6}{measured.rate:8.0f}{measured.p50_ms:9.2f}{measured.p99_ms:9.2f}{minute.memory_mib:7.0f}"
        f"{minute.open_files:7}{minute.database_mib:14.1f}  {measured.errors or ''}".rstrip()
    )


def _write(top: float, minutes: list[Minute], options: argparse.Namespace) -> None:
    lines = [
        Line("p99, ms", [minute.measured.p99_ms for minute in minutes]),
        Line("memory, MiB", [minute.memory_mib for minute in minutes]),
        Line("open files", [minute.open_files for minute in minutes]),
        Line("database, MiB", [minute.database_mib for minute in minutes]),
    ]
    here = Path(__file__).parent
    (here / "soak.svg").write_text(line_charts.drawn(lines, "minutes"))
    (here / "SOAK.md").write_text(_report(top, minutes, lines, options))


def _report(top: float, minutes: list[Minute], lines: list[Line], options: argparse.Namespace) -> str:
    """Return the page that says how the first and the last quarter compare."""
    part = max(1, len(minutes) // QUARTER)
    rows = [
        f"| {line.name} | {_mean(line.values[:part]):.1f} | {_mean(line.values[-part:]):.1f} | {max(line.values):.1f} |"
        for line in lines
    ]
    kind = "PostgreSQL" if options.database else "SQLite"
    sent = sum(minute.measured.rate for minute in minutes) * options.step
    failed = sum(bool(minute.measured.errors) for minute in minutes)
    return (
        "# The last soak\n\n"
        "Made by `make soak ARGS=--write`: a day's mix at half the top rate, the whole system on one processor.\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} processors, Python {platform.python_version()}, {kind}. "
        f"Top rate {top:.0f} requests a second; about {sent:,.0f} requests were sent in "
        f"{len(minutes) * options.step / 60:.0f} minutes, with failures in {failed} of the {len(minutes)} steps.\n\n"
        "| | mean of the first quarter | of the last | most |\n| --- | ---: | ---: | ---: |\n"
        + "\n".join(rows)
        + "\n\nThe database grows by what is written: posts, favourites, follows and the notifications of them.\n\n"
        "![How each went on, minute by minute](soak.svg)\n"
    )


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    started = time.monotonic()
    status = main()
    print(f"took {(time.monotonic() - started) / 60:.0f} min")
    raise SystemExit(status)
