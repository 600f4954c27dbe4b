"""Programs under limits. Each is a real process."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.site_under_test import wait_for
from twite_common.processes import resource_limits

pytestmark = pytest.mark.usefixtures("integration")

MIB = 1024 * 1024


def ran(code, **limits):
    """Run Python code under limits and return how it ended."""
    wide = {"cpu_seconds": 60, "memory_bytes": 1024 * MIB, "file_bytes": 1024 * MIB}
    command = resource_limits.command([sys.executable, "-c", code], **{**wide, **limits})
    return subprocess.run(command, capture_output=True, timeout=60, check=False)


def test_who_keeps_within_its_limits_ends_as_it_wants_to():
    done = ran("import os; print(os.nice(0)); raise SystemExit(3)")

    assert (done.returncode, int(done.stdout) >= resource_limits.NICENESS) == (3, True)


def test_its_variables_hold_no_secrets(monkeypatch):
    monkeypatch.setenv("TWITE_SECRET_KEY", "a secret")

    assert "PATH" in resource_limits.environment()
    assert "a secret" not in resource_limits.environment().values()


def test_too_much_time_ends_it():
    assert ran("while True: pass", cpu_seconds=1).returncode == -signal.SIGXCPU


def test_too_much_memory_is_refused():
    assert b"MemoryError" in ran(f"bytearray({400 * MIB})", memory_bytes=200 * MIB).stderr


def test_too_large_a_file_ends_it(tmp_path):
    file = tmp_path / "a"
    # Python ignores the signal unless it is told not to.
    code = (
        f"import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL); open({str(file)!r}, 'wb').write(bytes(2**21))"
    )

    assert ran(code, file_bytes=MIB).returncode == -signal.SIGXFSZ
    assert file.stat().st_size <= MIB


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can end a process with its parent")
def test_it_ends_with_whoever_started_it_however_that_ends(tmp_path: Path):
    note = tmp_path / "pid"
    inner = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    outer = (
        "import subprocess, sys; from twite_common.processes import resource_limits; "
        f"subprocess.run(resource_limits.command([sys.executable, '-c', {inner!r}], "
        f"cpu_seconds=9, memory_bytes={1024 * MIB}, file_bytes={MIB}))"
    )
    parent = subprocess.Popen([sys.executable, "-c", outer])
    pid = wait_for(lambda: note.exists() and note.read_text())
    parent.kill()
    parent.wait()

    wait_for(lambda: not Path(f"/proc/{pid}").exists())
