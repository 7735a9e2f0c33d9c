"""More connections than a worker holds, or than the system opens files for: those who ask are answered."""

import resource
import socket
from pathlib import Path

import pytest
from running import GOESWITH, TYPED, running
from tiny_store import publish_tiny

MANY = 3_000


@pytest.fixture
def room_for_clients():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2 * MANY:
        pytest.skip(f"this machine opens {hard:,} files at most")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * MANY), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def limited(files, folder):
    """The command under a limit of open files."""
    script = folder / "limited"
    script.write_text(f'#!/bin/sh\nulimit -n {files}\nexec {GOESWITH} "$@"\n')
    script.chmod(0o755)
    return str(script)


@pytest.mark.parametrize("files", [None, 256])
@pytest.mark.parametrize("sent", [b"", b"GET /heal", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_who_asks_is_answered(tmp_path: Path, room_for_clients, files, sent):
    publish_tiny(tmp_path / "store")
    command = (limited(files, tmp_path),) if files else TYPED
    with running("--store", str(tmp_path / "store"), "--workers", "1", command=command) as service:
        held: list[socket.socket] = []
        try:
            for number in range(MANY):
                held.append(socket.create_connection(("127.0.0.1", service.port), 20))
                held[-1].sendall(sent)
                if number % 100 == 0:
                    assert service.ask("/v1/suggestions", {"items": ["bread"]}).status == 200
        finally:
            for connection in held:
                connection.close()
        events = {line["event"] for line in service.lines()}
    assert "connections closed to make room" in events
    assert not [event for event in events if event.startswith(("Exception", "Worker (pid"))]
