"""A worker that is killed while carts come in loses the requests that it was at, and no other."""

import http.client
import json
import os
import signal
import threading
import time
from pathlib import Path

from running import Running, eventually, running
from tiny_store import publish_tiny

CLIENTS, SECONDS = 6, 3.0
BODY = json.dumps({"items": ["bread"], "k": 2})


class Client(threading.Thread):
    """Asks for one cart after the other; a broken connection is opened anew, and counted."""

    def __init__(self, service: Running, until: float) -> None:
        super().__init__()
        self.port, self.until = service.port, until
        self.answers: list[int] = []
        self.broken = 0

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        while time.monotonic() < self.until:
            try:
                connection.request("POST", "/v1/suggestions", BODY, {"Content-Type": "application/json"})
                reply = connection.getresponse()
                items = [suggestion["item_id"] for suggestion in json.loads(reply.read())["suggestions"]]
                assert items[0] == "butter", items
                self.answers.append(reply.status)
            except (OSError, http.client.HTTPException):
                self.broken += 1
                connection.close()
        connection.close()


def test_the_other_requests_are_answered(tmp_path: Path):
    publish_tiny(tmp_path)
    with running("--store", str(tmp_path), "--workers", "2") as service:
        eventually(lambda: len(service.worker_pids()) == 2)
        clients = [Client(service, time.monotonic() + SECONDS) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        time.sleep(SECONDS / 3)
        victim = service.worker_pids()[0]
        os.kill(victim, signal.SIGKILL)
        for client in clients:
            client.join()
        eventually(lambda: victim not in service.worker_pids() and len(service.worker_pids()) == 2)
        answered = [status for client in clients for status in client.answers]
        assert set(answered) == {200}
        assert len(answered) > 20 * CLIENTS
        assert all(client.answers for client in clients)
        assert max(client.broken for client in clients) <= 1
        assert sum(client.broken for client in clients) < 2 * CLIENTS
        assert service.ask("/readyz").status == 200
