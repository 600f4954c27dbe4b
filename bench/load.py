"""Driving a server with wrk, and reading what it measured."""

import re
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
import workloads

_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


class Measured(msgspec.Struct, frozen=True):
    """What a workload reached: answers a second, and within how many milliseconds half and 99 of 100 came."""

    rate: float
    p50_ms: float
    p99_ms: float
    errors: str


def drive(
    base: str, schedule: Sequence[workloads.Workload], seconds: int, connections: int, rate: float | None = None
) -> Measured:
    """Send requests for some seconds over some connections, each of the next workload of a schedule that goes round.

    With a `rate` each connection waits between requests, at random, so that about so many are sent a second.
    """
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "requests.lua"
        script.write_text(_script(schedule) + (_pauses(connections / rate) if rate else ""))
        options = [f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script)]
        command = ["wrk", "-t1", *options, base]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if rate is None:
        raise SystemExit(f"wrk measured nothing:\n{output}")
    errors = "; ".join(re.findall(r"Non-2xx.*|Socket errors.*", output))
    return Measured(float(rate[1]), _percentile(output, 50), _percentile(output, 99), errors)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def _percentile(output: str, percent: int) -> float:
    found = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", output)
    return float(found[1]) * _MILLISECONDS[found[2]] if found else 0.0


def _script(schedule: Sequence[workloads.Workload]) -> str:
    distinct = list({workload.name: workload for workload in schedule}.values())
    places = {workload.name: place for place, workload in enumerate(distinct, start=1)}
    return f"""
local workloads = {{{", ".join(_requests(workload) for workload in distinct)}}}
local schedule = {{{", ".join(str(places[workload.name]) for workload in schedule)}}}
local n = 0
request = function()
  n = n + 1
  local one = workloads[schedule[n % #schedule + 1]]
  one.sent = one.sent + 1
  local path, token = one.paths[one.sent % #one.paths + 1], one.tokens[one.sent % #one.tokens + 1]
  one.headers["Authorization"] = token and "Bearer " .. token
  return wrk.format(one.method, path, one.headers, one.body)
end
"""


def _pauses(interval_seconds: float) -> str:
    """Return the part of a script that has a connection wait; an answer takes some of the interval itself."""
    return f"function delay() return math.random() * {2000 * interval_seconds:.3f} end\n"


def _requests(workload: workloads.Workload) -> str:
    headers = [f'["Accept"]="{workload.accept}"', '["User-Agent"]="bench"']
    if workload.body:
        headers.append('["Content-Type"]="application/json"')
    body = f"'{workload.body}'" if workload.body else "nil"
    return (
        f'{{sent=0, method="{workload.method}", headers={{{", ".join(headers)}}}, body={body}, '
        f"paths={_list(workload.paths)}, tokens={_list(workload.tokens)}}}"
    )


def _list(values: list[str]) -> str:
    return "{" + ",".join(f'"{value}"' for value in values) + "}"
