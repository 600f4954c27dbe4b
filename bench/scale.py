"""Measures whether a large site answers as soon as a small one: `make bench-scale`.

Builds sites of 1,000, 10,000 and 100,000 accounts with what these write, on SQLite and on PostgreSQL, and prints for
each request the milliseconds that half of the answers took, with one client, in the best of three rounds of reads, and
the largest site's as a multiple of the smallest one's. `--database` names a server of PostgreSQL, on which databases
are made and removed again.
"""

import argparse
import http.client
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit

import click
import large_site
import memory
import msgspec
import psycopg
import workloads
from psycopg import sql
from workloads import Data, Workload

import run
from twite_common import settings
from twite_common.database import connect

SIZES = (1_000, 10_000, 100_000)
REQUESTS, WARM_UP = 60, 10
ROUNDS = 3
"""How often everything that is read is measured, some time apart; what else the machine does slows some of them."""


def main() -> None:
    """Print the table of each database."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=_sizes, default=SIZES, help="numbers of accounts, with commas between them")
    parser.add_argument("--database", default="", help="a PostgreSQL address; without it only SQLite is measured")
    options = parser.parse_args()
    for database in dict.fromkeys(("", options.database)):
        taken = {accounts: _measured(accounts, database) for accounts in options.sizes}
        print("\n".join(["", "PostgreSQL" if database else "SQLite", *table(taken)]), flush=True)


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _measured(accounts: int, server: str) -> dict[str, float]:
    """Return how many milliseconds each workload takes on a site with so many accounts."""
    name = f"twite_scale_{accounts}"
    with (
        tempfile.TemporaryDirectory(prefix="twite-scale-") as folder,
        _made(server, name) if server else nullcontext("") as database,
    ):
        environment = {"TWITE_DATABASE": database} if database else {}
        opened = connect(settings.load(Path(folder) / "data", environment))
        data = large_site.build(opened, accounts, _with_bar)
        opened.close()
        with run.twite(Path(folder), database) as (base, process):
            memory.wait_until_idle(process.pid, name if server else "")
            reads = [one for one in asked(data) if one.method == "GET"]
            rounds = [{one.name: _median_ms(base, one) for one in reads} for _ in range(ROUNDS)]
            lowest = {one.name: min(taken[one.name] for taken in rounds) for one in reads}
            return lowest | {one.name: _median_ms(base, one) for one in asked(data) if one.method != "GET"}


@contextmanager
def _made(server: str, name: str) -> Iterator[str]:
    """Make a database and give its address; remove it in the end."""
    identifier = sql.Identifier(name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(identifier))
        connection.execute(sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(identifier))
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))


def _with_bar(rows: large_site.Rows, number: int, table: str) -> large_site.Rows:
    with click.progressbar(rows, length=number, label=f"{table:14}") as bar:
        yield from bar


def asked(data: Data) -> list[Workload]:
    """Return what is asked of each site: what `make bench` reads, and what grows with a site; writes last."""
    v1, pages = "/api/v1", range(REQUESTS + WARM_UP)
    writes = {one.name: one for one in workloads.all_of(data) if one.method == "POST"}
    search = "/api/v2/search?limit=20&type="
    return [
        *(one for one in workloads.all_of(data) if one.method == "GET" and one.tokens),
        Workload("tag", [f"{v1}/timelines/tag/birds?limit=20"], data.tokens),
        Workload("search common", [f"{search}statuses&q=finch+winter"], data.tokens),
        Workload("search rare", [f"{search}statuses&q={large_site.RARE}"], data.tokens),
        Workload("search phrase", [f"{search}statuses&q=%22small+birds%22"], data.tokens),
        Workload("search people", [f"{search}accounts&q=person+{n}" for n in range(1, 60)], data.tokens),
        Workload("name begins", [f"{v1}/accounts/search?q=user{n}&limit=10" for n in range(1, 60)], data.tokens),
        Workload("suggestions", ["/api/v2/suggestions?limit=20"], data.tokens),
        Workload("directory", [f"{v1}/directory?order=active&limit=40"], data.tokens),
        Workload("favourites", [f"{v1}/favourites?limit=20"], data.tokens),
        Workload("followers", [f"{v1}/accounts/{data.ids[0]}/followers?limit=40"], data.tokens),
        # Each address is another one, so that nothing is shown that was kept for a second.
        Workload("instance", [f"/api/v2/instance?n={n}" for n in pages], []),
        Workload("front page", [f"/?n={n}" for n in pages], [], accept="text/html"),
        Workload("profile page", [f"/@{data.names[n % len(data.names)]}?n={n}" for n in pages], [], accept="text/html"),
        *writes.values(),
        msgspec.structs.replace(writes["posting"], name="most followed", tokens=data.tokens[:1]),
    ]


def _median_ms(base: str, workload: Workload) -> float:
    """Ask with one connection, one request after the other."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
    taken = []
    for number in range(REQUESTS + WARM_UP):
        headers = {"Accept": workload.accept, "Content-Type": "application/json"}
        if workload.tokens:
            headers["Authorization"] = f"Bearer {workload.tokens[number % len(workload.tokens)]}"
        started = time.perf_counter()
        path = workload.paths[number % len(workload.paths)]
        connection.request(workload.method, path, workload.body or None, headers)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise SystemExit(f"{workload.name}: {workload.method} {path} answers {response.status}")
        taken.append((time.perf_counter() - started) * 1000)
    connection.close()
    return statistics.median(taken[WARM_UP:])


def table(taken: dict[int, dict[str, float]]) -> list[str]:
    """Return the lines of a database's table: the sites' sizes as columns, in milliseconds."""
    small, large = min(taken), max(taken)
    lines = [f"{'accounts':16}" + "".join(f"{accounts:>10,}" for accounts in taken) + f"{'times':>8}"]
    for name in taken[small]:
        values = "".join(f"{measured[name]:10.1f}" for measured in taken.values())
        lines.append(f"{name:16}{values}{taken[large][name] / taken[small][name]:8.1f}")
    return lines


if __name__ == "__main__":
    main()
