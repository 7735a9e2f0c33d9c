"""Says `ready` once the service really answers."""

from __future__ import annotations

import http.client
import os
import socket
import sys
import time

_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5


def announce_when_ready(listener: socket.socket, url: str) -> None:
    """Print ``ready URL`` on standard output as soon as `/readyz` answers 200, from a small process of its own.

    It ends with its parent. The parent must not have started threads.
    """
    host, port = listener.getsockname()[:2]
    parent = os.getpid()
    if os.fork() != 0:
        return
    try:
        listener.close()
        if _wait(_reachable(str(host)), int(port), parent):
            sys.stdout.write(f"ready {url}\n")
            sys.stdout.flush()
    except (KeyboardInterrupt, OSError):
        pass
    finally:
        os._exit(0)


def url_of(host: str, port: int) -> str:
    """The address of the service.

    >>> url_of("127.0.0.1", 8000), url_of("::1", 80)
    ('http://127.0.0.1:8000', 'http://[::1]:80')
    """
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared, not bound


def _wait(host: str, port: int, parent: int) -> bool:
    pause = _FIRST_PAUSE
    while os.getppid() == parent:
        if _is_ready(host, port):
            return True
        time.sleep(pause)
        pause = min(1.1 * pause, _LONGEST_PAUSE)
    return False


def _is_ready(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
