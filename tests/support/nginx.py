"""nginx as `deploy/nginx.conf` configures it, with a test's own folders and ports, for as long as the test runs."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from support.site_under_test import free_port, listens, wait_for

DEPLOY = Path(__file__).parents[2] / "deploy"
STATIC = Path(__file__).parents[2] / "web" / "src" / "twite_web" / "static"


@contextmanager
def started(
    folder: Path, web_ports: Sequence[int], media: Path, changes: dict[str, str] | None = None
) -> Iterator[str]:
    """Run nginx before web processes; give the address at which it answers. What it logs is in the folder.

    `changes` are made to its configuration, such as shorter times.
    """
    port = free_port()
    command = configured(folder, f"127.0.0.1:{port}", [f"127.0.0.1:{web}" for web in web_ports], media, changes)
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    with (folder / "log" / "output.log").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        wait_for(lambda: listens(port), (folder / "log" / "output.log").read_text)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def configured(
    folder: Path, address: str, web: Sequence[str], media: Path, changes: dict[str, str] | None = None
) -> list[str]:
    """Write nginx's configuration into a folder, and return the command that runs it in the foreground."""
    for name in ("log", "cache", "temporary"):
        (folder / name).mkdir(parents=True)
    (folder / "upstream.conf").write_text(_upstream(web))
    (folder / "nginx.conf").write_text(_replaced(_substituted(folder, address, media), changes or {}))
    return [_program(), "-c", f"{folder}/nginx.conf", "-e", f"{folder}/log/start.log", "-g", "daemon off;"]


def access_log(folder: Path) -> list[str]:
    """Return what nginx has logged of requests."""
    return (folder / "log" / "twite.log").read_text().splitlines()


def _program() -> str:
    return shutil.which("nginx") or "/usr/sbin/nginx"


def _upstream(web: Sequence[str]) -> str:
    line = (DEPLOY / "twite-upstream.conf").read_text().splitlines()[1]
    return "\n".join(_replaced(line, {"127.0.0.1:8001": address}) for address in web)


def _substituted(folder: Path, address: str, media: Path) -> str:
    temporary = "".join(
        f"    {name}_temp_path {folder}/temporary/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return _replaced(
        (DEPLOY / "nginx.conf").read_text(),
        {
            # A test's folders are its user's own.
            "user www-data;\n": "user root;\n",
            "worker_processes auto;": "worker_processes 1;",
            "worker_rlimit_nofile 16384;\n": "",
            "/run/nginx.pid": f"{folder}/nginx.pid",
            "/var/log/nginx": f"{folder}/log",
            "/var/cache/nginx/twite": f"{folder}/cache",
            "/etc/nginx/twite-upstream.conf": f"{folder}/upstream.conf",
            "listen 80 default_server so_keepalive=30s:10s:3;": f"listen {address} default_server;",
            "        listen [::]:80 default_server so_keepalive=30s:10s:3;\n": "",
            "/opt/twite/web/src/twite_web/static": str(STATIC),
            "/srv/twite/media": str(media),
            "http {\n": f"http {{\n{temporary}",
        },
    )


def _replaced(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, f"The configuration has no {old!r} any more."
        text = text.replace(old, new)
    return text
