"""pgbouncer before a test's PostgreSQL: sessions are shared, and given out for one transaction each."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from support.private_postgresql import USER
from support.site_under_test import free_port, listens, wait_for

SESSIONS = 4
"""Fewer than a site has connections."""
CONFIGURATION = """\
[databases]
* = host={server.host} port={server.port} user={server.username}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
max_client_conn = 500
server_login_retry = 0.2
"""


@contextmanager
def before(url: str) -> Iterator[str]:
    """Give the address at which pgbouncer takes connections for a database, for as long as the block lasts."""
    server, port = make_url(url), free_port()
    folder = Path(tempfile.mkdtemp(prefix="twite-pgbouncer-"))
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(CONFIGURATION.format(server=server, port=port, sessions=SESSIONS))
    # It doesn't run as root either.
    user = USER if os.geteuid() == 0 else None
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(["pgbouncer", str(configuration)], stdout=log, stderr=log, user=user)
    try:
        wait_for(lambda: listens(port), (folder / "log").read_text)
        yield server.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder)
