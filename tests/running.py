"""A real `goeswith serve` in a process of its own, for tests and benchmarks."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GOESWITH = str(Path(sys.executable).with_name("goeswith"))
TYPED = (GOESWITH,)
READY_SECONDS = 30.0


@dataclass(frozen=True)
class Reply:
    """An answer: its status, headers and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Running:
    """A service that runs: its process, its address, and the file of its log."""

    process: subprocess.Popen[str]
    url: str
    log: Path

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def ask(
        self, path: str, body: Any = None, headers: Mapping[str, str] | None = None, method: str | None = None
    ) -> Reply:
        """Send one request; a body that is not bytes is sent as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        for name, value in ({"Content-Type": "application/json"} | dict(headers or {})).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                return Reply(reply.status, dict(reply.headers), reply.read())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, dict(error.headers), error.read())

    def raw(self, data: bytes, pause: float = 0.0, rest: bytes = b"") -> bytes:
        """Send bytes, perhaps more after a pause, and read until the service closes or says no more."""
        with socket.create_connection(("127.0.0.1", self.port), 20) as connection:
            connection.sendall(data)
            if rest or pause:
                time.sleep(pause)
                connection.sendall(rest)
            connection.shutdown(socket.SHUT_WR)
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
            return received

    def lines(self) -> list[dict[str, Any]]:
        """What was logged until now."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def worker_pids(self) -> list[int]:
        """Processes that gunicorn forked and that live."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]


def environment(**more: str) -> dict[str, str]:
    """This process's environment without what would set up a service."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("GOESWITH", "HOST", "PORT"))}
    return mine | more


@contextmanager
def started(*arguments: str, command: Sequence[str] = TYPED, **env: str) -> Iterator[Running]:
    """A service on a free port, perhaps not ready; it is ended with SIGTERM."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("w") as stderr:
            process = subprocess.Popen(
                [*command, "serve", "--port", "0", *arguments],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env=environment(**env),
            )
        try:
            yield Running(process, "", log)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()


@contextmanager
def running(*arguments: str, command: Sequence[str] = TYPED, **env: str) -> Iterator[Running]:
    """A service on a free port that said `ready`."""
    with started(*arguments, command=command, **env) as service:
        yield Running(service.process, ready_url(service), service.log)


def ready_url(service: Running, seconds: float = READY_SECONDS) -> str:
    """The address in the line `ready URL`; fails where it does not come in time."""
    assert service.process.stdout is not None
    there, _, _ = select.select([service.process.stdout], [], [], seconds)
    line = service.process.stdout.readline() if there else ""
    found = re.fullmatch(r"ready (http://\S+)\n", line)
    assert found, f"no ready line within {seconds} s: {line!r}\n{service.log.read_text()}"
    return found[1]


def eventually(holds: Any, seconds: float = 10.0) -> None:
    """Wait until `holds()` is true; fails where it does not become so in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)
