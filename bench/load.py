"""Driving a server with wrk, and reading what it measured."""

import re
import socket
import subprocess
import tempfile
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


def drive(base: str, workload: workloads.Workload, seconds: int, connections: int) -> Measured:
    """Send a workload's requests for some seconds over some connections."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "requests.lua"
        script.write_text(_script(workload))
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


def _script(workload: workloads.Workload) -> str:
    fields = [f'["Accept"]="{workload.accept}"', '["User-Agent"]="bench"']
    if workload.tokens:
        fields.append('["Authorization"]="Bearer "..tokens[n % #tokens + 1]')
    if workload.body:
        fields.append('["Content-Type"]="application/json"')
    body = f"'{workload.body}'" if workload.body else "nil"
    return f"""
local paths = {_list(workload.paths)}
local tokens = {_list(workload.tokens)}
local n = 0
request = function()
  n = n + 1
  return wrk.format("{workload.method}", paths[n % #paths + 1], {{{", ".join(fields)}}}, {body})
end
"""


def _list(values: list[str]) -> str:
    return "{" + ",".join(f'"{value}"' for value in values) + "}"
