"""`manage.py demo` serves from real processes, and whatever ends it leaves none of them behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ems_supply.processes import ChildEnded, StopRequested, Supervisor
from tests.conftest import ROOT, free_port, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.embedded]


def processes_of(folder: Path) -> dict[int, str]:
    """Every living process that was started for this folder's data, by its environment."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and f"EMS_VAR={folder}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


class Demo:
    """A demo in a folder of its own, on a free port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.output = folder / "output.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        without = {"REDIS_URL", "EMS_ENV", "DATABASE_URL"}
        environment = {name: value for name, value in os.environ.items() if name not in without}
        environment |= {"EMS_VAR": str(self.folder), "DJANGO_SETTINGS_MODULE": "tests.small_demo.settings"}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo", "--port", str(self.port), *arguments],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        return self.process

    def said(self) -> str:
        return self.output.read_text()

    def wait_until_served(self) -> None:
        """Return once it has printed everything; fail with its output when it ends before."""
        assert self.process is not None
        is_over = self.process.poll
        wait_until(
            lambda: "Ctrl-C stops" in self.said() or is_over() is not None, "the demo", seconds=90, log=self.output
        )
        assert is_over() is None, self.said()

    def wait_until_nothing_is_left(self) -> None:
        wait_until(lambda: processes_of(self.folder) == {}, f"these to end: {processes_of(self.folder)}")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path)
    yield demo
    for number in processes_of(tmp_path):
        os.kill(number, signal.SIGKILL)
    if demo.process is not None:
        demo.process.wait()


def test_the_demo_serves_stops_cleanly_keeps_its_data_and_tells_when_a_part_ends(demo):
    first = demo.start()
    demo.wait_until_served()
    assert "loaded" in demo.said()
    assert f"http://127.0.0.1:{demo.port}" in demo.said()
    for role in ("officer", "logistics", "driver", "chief", "auditor"):
        assert f"demo-{role}" in demo.said()
    with urllib.request.urlopen(f"http://127.0.0.1:{demo.port}/readyz") as answer:
        assert json.load(answer)["status"] == "ok"

    second = Demo(demo.folder)
    second.output = demo.folder / "second.txt"
    assert second.start().wait(timeout=30) == 1
    assert "already runs from this folder" in second.said()

    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=40) == 0
    assert "Stopped. The data is kept" in demo.said()
    demo.wait_until_nothing_is_left()

    again = demo.start()
    demo.wait_until_served()
    assert "kept" in demo.said()
    worker = min(number for number, command in processes_of(demo.folder).items() if " worker " in command)
    os.kill(worker, signal.SIGKILL)
    assert again.wait(timeout=40) == 1
    assert "The demo has stopped: worker ended with code -9. Its log:" in demo.said()
    demo.wait_until_nothing_is_left()


def test_a_demo_that_is_killed_takes_its_processes_along_and_reset_starts_over(demo):
    killed = demo.start()
    demo.wait_until_served()
    killed.kill()
    killed.wait()
    demo.wait_until_nothing_is_left()

    again = demo.start("--reset")
    demo.wait_until_served()
    assert "loaded" in demo.said()
    again.terminate()
    assert again.wait(timeout=40) == 0
    demo.wait_until_nothing_is_left()


def test_a_taken_port_is_refused_before_anything_starts(demo):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", demo.port))
        taken.listen()
        ended = demo.start().wait(timeout=30)

    assert ended == 1
    assert f"Port {demo.port} cannot be used" in demo.said()
    assert "make demo PORT=8001" in demo.said()
    assert not (demo.folder / "ems_supply.sqlite3").exists()


SUPERVISED = """
import sys
from pathlib import Path
from ems_supply.processes import *
try:
    with Supervisor({}, Path(sys.argv[1])) as supervisor:
        supervisor.start("child", [sys.executable, "-c", sys.argv[2]])
        print("started", flush=True)
        while True:
            supervisor.listen()
except (StopRequested, ChildEnded) as why:
    print(type(why).__name__, why)
"""
STUBBORN = "import os, signal, time; signal.signal(15, signal.SIG_IGN); os.fork(); time.sleep(600)"


def supervise(folder: Path, child: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, str(folder), child], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def test_a_child_that_refuses_to_end_is_ended_with_its_own_children(tmp_path):
    supervisor = supervise(tmp_path, STUBBORN)
    assert supervisor.stdout is not None
    supervisor.stdout.readline()
    children = Path(f"/proc/{supervisor.pid}/task/{supervisor.pid}/children")
    wait_until(lambda: children.read_text().split(), "the child")
    group = int(children.read_text().split()[0])

    supervisor.terminate()
    said, _ = supervisor.communicate(timeout=30)

    assert supervisor.returncode == 0
    assert said.startswith(StopRequested.__name__)
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)


def test_a_child_that_ends_is_named_with_its_log(tmp_path):
    supervisor = supervise(tmp_path, "raise SystemExit(3)")

    said, _ = supervisor.communicate(timeout=30)

    assert f"{ChildEnded.__name__} child ended with code 3. Its log: {tmp_path / 'child.log'}" in said


def test_a_command_runs_to_its_end(tmp_path):
    with Supervisor(os.environ, tmp_path) as supervisor:
        assert supervisor.run([sys.executable, "-c", "raise SystemExit(5)"]) == 5
