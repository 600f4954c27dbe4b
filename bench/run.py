"""Measures Twite: `make bench`.

Starts the whole embedded system on one processor with a fresh data set, drives it from the other, and prints one line a
workload: answers a second, that rate as a share of the limit, how long answers took, and their size. The limit is
what the same server, framework and thread setting reach when a handler answers the same bytes from a constant, measured
in the same run. `day` is the mix of a day (`workloads.day`), which has no limit; what its requests take of a processor
in each part follows. Then come the peak memory of all of Twite's processes together and, on SQLite, where the time of
some requests goes (`stages.py`).
"""

import argparse
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import load
import memory
import msgspec
import psycopg
import seed
import workloads

HERE = Path(__file__).parent
SERVER_PROCESSOR, CLIENT_PROCESSOR = "0", "1"
START_SECONDS = 60
IN_STAGES = ("home", "public", "status", "notifications", "profile_html", "posting")
"""Workloads whose time is looked into."""


def main() -> int:
    """Run the benchmark; with --write keep its table in bench/RESULTS.md."""
    options = _options()
    if shutil.which("wrk") is None or shutil.which("taskset") is None:
        print("The benchmark needs wrk and taskset (Debian: apt-get install wrk util-linux).")
        return 1
    os.sched_setaffinity(0, {int(CLIENT_PROCESSOR)})
    with tempfile.TemporaryDirectory(prefix="twite-bench-") as folder:
        lines = _measured(Path(folder), options)
    if options.write:
        _write(lines)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5, help="how long each workload runs")
    parser.add_argument("--connections", type=int, default=16, help="clients at the same time")
    parser.add_argument("--only", default="", help="names of workloads, with commas between them")
    parser.add_argument("--database", default="", help="a PostgreSQL address; without it SQLite is measured")
    parser.add_argument("--write", action="store_true", help="keep the table in bench/RESULTS.md")
    return parser.parse_args()


def _measured(folder: Path, options: argparse.Namespace) -> list[str]:
    with twite(folder, options.database) as (base, process), memory.Watch(process.pid) as watch:
        started = time.monotonic()
        data = seed.seed(base, folder, options.database)
        made = time.monotonic()
        database = urlsplit(options.database).path.lstrip("/")
        memory.wait_until_idle(process.pid, database)
        if options.database:
            # PostgreSQL does so by itself, but only after a minute.
            with psycopg.connect(options.database, autocommit=True) as connection:
                connection.execute("ANALYZE")
        settled = time.monotonic()
        lines = [
            f"data set made through the API in {made - started:.0f} s, its tasks done {settled - made:.0f} s later",
            _header(),
        ]
        _show(lines)
        chosen = [one for one in workloads.all_of(data) if not options.only or one.name in options.only.split(",")]
        if chosen:
            lines += _of_limit(folder, base, chosen, options)
        if not options.only or "day" in options.only.split(","):
            before = memory.processor_seconds(process.pid, database)
            measured = load.drive(base, workloads.day(data), options.seconds, options.connections)
            after = memory.processor_seconds(process.pid, database)
            costs = {part: (after[part] - before[part]) / (measured.rate * options.seconds) for part in after}
            lines += [_line("day", measured), _costs(costs)]
            _show(lines[-2:])
        lines.append(f"peak memory of all of Twite's processes: {watch.peak_mib():.0f} MiB (proportional set size)")
        _show(lines[-1:])
    if not options.only and not options.database:
        stages = _stages(folder, data)
        lines += ["", *stages]
        _show(["", *stages])
    return lines


def _of_limit(folder: Path, base: str, chosen: list[workloads.Workload], options: argparse.Namespace) -> list[str]:
    """Return a line for each workload, and print it; each is measured next to its limit."""
    lines = []
    answers = {one.name: _answer(base, one) for one in chosen}
    with limit(folder, answers) as limit_base:
        for one in chosen:
            measured = load.drive(base, [one], options.seconds, options.connections)
            constant = workloads.constant(one)
            reached = load.drive(limit_base, [constant], max(2, options.seconds // 2), options.connections)
            lines.append(_line(one.name, measured, f"{measured.rate / reached.rate:.1%}", len(answers[one.name])))
            _show(lines[-1:])
    return lines


@contextmanager
def twite(folder: Path, database: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run the whole system on the server's processor; give its address and process."""
    port = load.free_port()
    environment = {
        **os.environ,
        "TWITE_PORT": str(port),
        "TWITE_BASE_URL": f"http://127.0.0.1:{port}",
        "TWITE_RATE_LIMITS": "off",
    }
    if database:
        environment["TWITE_DATABASE"] = database
    command = [_twite(), "run", "--data", str(folder / "data")]
    with _running(command, environment, folder / "twite.log") as process:
        base = f"http://127.0.0.1:{port}"
        _wait(f"{base}/health", process, folder / "twite.log")
        yield base, process


@contextmanager
def limit(folder: Path, answers: dict[str, bytes]) -> Iterator[str]:
    """Run the constant answers on the server's processor; give their address."""
    for name, answer in answers.items():
        (folder / f"{name}.answer").write_bytes(answer)
    port = load.free_port()
    command = [sys.executable, str(HERE / "limit.py"), str(folder), str(port)]
    with _running(command, dict(os.environ), folder / "limit.log") as process:
        base = f"http://127.0.0.1:{port}"
        _wait(f"{base}/{next(iter(answers))}", process, folder / "limit.log")
        yield base


@contextmanager
def _running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    pinned = ["taskset", "-c", SERVER_PROCESSOR, *command]
    with log.open("wb") as output:
        process = subprocess.Popen(pinned, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"The server didn't start:\n{log.read_text(errors='replace')[-4000:]}")


def _twite() -> str:
    return str(Path(sys.executable).with_name("twite"))


def _answer(base: str, workload: workloads.Workload) -> bytes:
    request = workload.first(base)
    with urllib.request.urlopen(request, timeout=20) as response:
        body: bytes = response.read()
    return body


def _header() -> str:
    return f"{'workload':16}{'per s':>8}{'of limit':>10}{'p50 ms':>9}{'p99 ms':>9}{'bytes':>9}  errors"


def _line(name: str, measured: load.Measured, share: str = "", size: int | str = "") -> str:
    return (
        f"{name:16}{measured.rate:8.0f}{share:>10}{measured.p50_ms:9.2f}{measured.p99_ms:9.2f}{size:>9}"
        f"  {measured.errors or '-'}"
    )


def _costs(costs: dict[str, float]) -> str:
    """Return what a request of the day's mix costs each part, given in seconds."""
    return "a request of the day takes, in ms of a processor: " + ", ".join(
        f"{part} {seconds * 1000:.2f}" for part, seconds in costs.items()
    )


def _stages(folder: Path, data: workloads.Data) -> list[str]:
    """Return the table of where the time of requests goes, once no other process of the site runs."""
    (folder / "data.json").write_bytes(msgspec.json.encode(data))
    command = ["taskset", "-c", SERVER_PROCESSOR, sys.executable, str(HERE / "stages.py"), str(folder), *IN_STAGES]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def _show(lines: list[str]) -> None:
    for line in lines:
        print(line, flush=True)


def _write(lines: list[str]) -> None:
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    text = (
        "# The last benchmark\n\n"
        "Made by `make bench ARGS=--write`: the whole embedded system on one processor, 16 clients on the other.\n"
        "What each column means stands at the top of `bench/run.py`.\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} processors ({processor}), "
        f"Python {platform.python_version()}, SQLite with `synchronous=FULL`, one web process.\n\n"
        "```\n" + "\n".join(lines) + "\n```\n"
    )
    (HERE / "RESULTS.md").write_text(text)


if __name__ == "__main__":
    raise SystemExit(main())
