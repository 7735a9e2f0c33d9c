"""A real Chromium without a window, driven by its DevTools protocol over two pipes: no driver, no further package."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from select import select
from typing import Any

CHROMIUM = Path("/usr/bin/chromium")
SECONDS = 20.0
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
_ABOVE = 50
Answered = Callable[[str, str], tuple[int, Any] | None]


class Browser:
    """One Chromium: it reads commands from its descriptor 3 and writes answers and events to 4, a NUL after each."""

    def __init__(self, folder: Path) -> None:
        theirs, mine = os.pipe()
        self._out, self._in = _aside(mine), -1
        mine_in, theirs_out = os.pipe()
        self._in = _aside(mine_in)
        ends = [_aside(theirs), _aside(theirs_out)]
        arguments = [str(CHROMIUM), *_FLAGS, f"--user-data-dir={folder / 'profile'}", "about:blank"]
        log = os.open(folder / "chromium.log", os.O_CREAT | os.O_WRONLY, 0o600)
        actions = [(os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)]
        actions += [(os.POSIX_SPAWN_DUP2, end, 3 + number) for number, end in enumerate(ends)]
        environment = os.environ | {"HOME": str(folder)}
        self.pid = os.posix_spawn(CHROMIUM, arguments, environment, file_actions=actions, setpgroup=0)
        for end in (*ends, log):
            os.close(end)
        self._numbers, self._pending = 0, b""
        self.events: list[dict[str, Any]] = []
        self.on_event: Callable[[dict[str, Any]], None] = self.events.append

    def send(self, method: str, session: str | None = None, **params: Any) -> Any:
        """Give a command and wait for what it gives back; events that come meanwhile are handed on."""
        number = self.post(method, session, **params)
        while True:
            message = self._receive(time.monotonic() + SECONDS)
            assert message is not None, f"no answer to {method}"
            if message.get("id") == number:
                assert "error" not in message, f"{method}: {message['error']}"
                return message["result"]
            if "method" in message:
                self.on_event(message)

    def post(self, method: str, session: str | None = None, **params: Any) -> int:
        """Give a command and wait for nothing."""
        self._numbers += 1
        message = {"id": self._numbers, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        return self._numbers

    def listen(self, seconds: float) -> None:
        """Hand on the events of the next `seconds`."""
        deadline = time.monotonic() + seconds
        while (message := self._receive(deadline)) is not None:
            if "method" in message:
                self.on_event(message)

    def end(self) -> None:
        os.close(self._out)
        os.close(self._in)
        os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def _receive(self, deadline: float) -> dict[str, Any] | None:
        while b"\0" not in self._pending:
            there, _, _ = select([self._in], [], [], max(0.0, deadline - time.monotonic()))
            if not there:
                return None
            data = os.read(self._in, 1 << 16)
            assert data, "the browser is gone"
            self._pending += data
        whole, _, self._pending = self._pending.partition(b"\0")
        return json.loads(whole)


@dataclass
class Page:
    """One tab in a profile of its own.

    Attributes
    ----------
    told : lines of the console, failures of scripts and breaches of the content security policy.
    answered : what is answered in a server's place: the status and the body, as JSON unless it is bytes, by method
        and address; a status of 0 breaks the connection, -1 lets the page wait for ever, None asks the server.
    sent : bodies of requests that `answered` answered, by address.
    """

    browser: Browser
    session: str
    told: list[str] = field(default_factory=list)
    answered: Answered | None = None
    sent: list[tuple[str, Any]] = field(default_factory=list)

    def send(self, method: str, **params: Any) -> Any:
        return self.browser.send(method, self.session, **params)

    def on_event(self, message: Mapping[str, Any]) -> None:
        if message.get("sessionId") != self.session:
            return
        name, params = message["method"], message["params"]
        if name == "Runtime.consoleAPICalled":
            self.told.append(" ".join(str(value.get("value", "")) for value in params["args"]))
        elif name == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.told.append(details.get("exception", {}).get("description") or details["text"])
        elif name == "Log.entryAdded" and params["entry"]["source"] != "network":
            self.told.append(params["entry"]["text"])
        elif name == "Fetch.requestPaused":
            self._answer(params)

    def open(self, url: str) -> None:
        """Go there and wait until it is loaded."""
        self.value("window.before = true")
        self.send("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && !window.before")

    def value(self, expression: str) -> Any:
        """What an expression of JavaScript gives, a promise's value where it is one."""
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def until(self, expression: str, seconds: float = SECONDS) -> Any:
        """Wait until the expression is true; gives its value."""
        deadline = time.monotonic() + seconds
        while not (value := self.value(f"(value => value instanceof Node || value)({expression})")):
            assert time.monotonic() < deadline, f"never true: {expression}\n{self.told}"
            self.browser.listen(0.05)
        return value

    def answer(self, answered: Answered, *patterns: str) -> None:
        """Answer requests of these addresses (`*` stands for anything) in the server's place."""
        self.answered = answered
        self.send("Fetch.enable", patterns=[{"urlPattern": pattern} for pattern in patterns])

    def picture(self, path: Path, width: int, height: int, *, dark: bool = False) -> None:
        """A PNG of the page at that size."""
        self.size(width, height, dark=dark)
        self.browser.listen(0.3)
        data = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=False)["data"]
        path.write_bytes(base64.b64decode(data))

    def size(self, width: int, height: int, *, dark: bool = False) -> None:
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def _answer(self, params: Mapping[str, Any]) -> None:
        asked, number = params["request"], params["requestId"]
        answer = self.answered(asked["method"], asked["url"]) if self.answered else None
        if asked["method"] == "OPTIONS":  # leave to ask is the server's to give
            answer = None
        if answer is None:
            self.browser.post("Fetch.continueRequest", self.session, requestId=number)
            return
        self.sent.append((asked["url"], json.loads(asked.get("postData") or "null")))
        status, body = answer
        if status < 0:
            return
        if status == 0:
            self.browser.post("Fetch.failRequest", self.session, requestId=number, errorReason="ConnectionRefused")
            return
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "image/svg+xml" if isinstance(body, bytes) else "application/json"
        headers = [{"name": "Content-Type", "value": kind}, {"name": "Access-Control-Allow-Origin", "value": "*"}]
        told = {"requestId": number, "responseCode": status, "responseHeaders": headers}
        self.browser.post("Fetch.fulfillRequest", self.session, **told, body=base64.b64encode(data).decode())


@contextmanager
def started() -> Iterator[Browser]:
    """A browser with an empty profile, ended with all that it started."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(Path(folder))
        try:
            yield browser
        finally:
            browser.end()


@contextmanager
def opened(browser: Browser) -> Iterator[Page]:
    """A tab whose storage nobody shares."""
    context = browser.send("Target.createBrowserContext")["browserContextId"]
    target = browser.send("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
    session = browser.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    page = Page(browser, session)
    browser.on_event = page.on_event
    for domain in ("Page", "Runtime", "Log"):
        page.send(f"{domain}.enable")
    page.size(1280, 900)
    try:
        yield page
    finally:
        browser.send("Target.disposeBrowserContext", browserContextId=context)


def version() -> str:
    """What the browser calls itself."""
    done = subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _aside(descriptor: int) -> int:
    """The descriptor under a number that stands in no other's way."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _ABOVE)
    os.close(descriptor)
    return moved
