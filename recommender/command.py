"""The command `goeswith`: its front door, which loads the room of a command when that is used, and no other.

What this module imports, every command waits for, `serve` before it can begin to read a model.
"""

from __future__ import annotations

import importlib
import io
import os
import resource
import signal
import sys
from contextlib import suppress
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from traceback import clear_frames

import click

from recommender.errors import GoeswithError, UsageError
from recommender.stopping import SIGNALLED, leave, stop_in_order, stopped_by

DEFAULT_STORE = "models/store"
_NO_THREAD = "can't start new thread"
_LEAST_ADDRESSES = 820 << 20
"""Bytes of addresses below which the libraries of training crash, or wait for ever, while they are loaded."""
_OWN = ("models", "policy", "score", "suggest")

store_option = click.option(
    "--store",
    type=click.Path(path_type=Path),
    default=DEFAULT_STORE,
    envvar="GOESWITH_STORE",
    show_default=True,
    show_envvar=True,
    help="Folder of the models.",
)
policy_option = click.option(
    "--policy", type=click.Path(path_type=Path), help="Policy file: what the merchant decides about every answer."
)


class Doors(click.Group):
    """A group whose commands are imported when they are used: the core's own, and those that others register."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_OWN, *(door.name for door in _doors())})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _OWN:
            importlib.import_module("recommender.commands")  # where they are put into this group
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        door = next((door for door in _doors() if door.name == cmd_name), None)
        return None if door is None else _opened(door)


@click.group(cls=Doors, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="goeswith", prog_name="goeswith")
def goeswith() -> None:
    """What goes with a cart, what it is worth to offer it, and why."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command; errors become one line on standard error and their exit code, a closed pipe exits 1 quietly."""
    if arguments is None:
        stop_in_order()
    _write_any_text()
    try:
        goeswith.main(arguments, prog_name="goeswith", standalone_mode=False)
    except SystemExit:
        raise
    except BaseException as error:
        number = stopped_by()
        if number is not None:
            clear_frames(error.__traceback__)  # generators that were left half way undo what they began
            _say("stopped")
            leave(number)
        told = _told(error)
        if told is None:
            raise
        if isinstance(error, OSError):
            _drop_output()
        _say(told[0])
        sys.exit(told[1])


def _say(text: str) -> None:
    """Tell it on standard error; where nobody listens, the exit code tells it."""
    with suppress(OSError):
        click.echo(text, err=True)


def _told(error: BaseException) -> tuple[str, int] | None:
    """What is said of an error, and its exit code; None for a bug, whose place is shown."""
    code = GoeswithError.exit_code
    match error:
        case click.ClickException():
            shown = io.StringIO()
            error.show(shown)
            told, code = shown.getvalue().rstrip("\n"), error.exit_code
        case click.Abort() | KeyboardInterrupt():
            told, code = "stopped", SIGNALLED + signal.SIGINT
        case GoeswithError():
            told, code = f"error: {error}", error.exit_code
        case ModuleNotFoundError():
            told, code = f"error: {_missing(error)}", UsageError.exit_code
        case MemoryError() | ImportError():
            told = f"error: {_no_room(error)}"
        case RuntimeError() if _NO_THREAD in str(error):
            told = f"error: {_no_room(error)}"
        case OSError():
            told = f"error: the system refuses: {error}; give it room or permission and try again"
        case _:
            return None
    return told, code


def _write_any_text() -> None:
    """An id that the terminal's encoding lacks, or that is no text, must not stop an answer."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """What could not be written must not be tried again when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _doors() -> list[EntryPoint]:
    return list(entry_points(group="goeswith.commands"))


def _opened(door: EntryPoint) -> click.Command:
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if door.module == "training.commands" and limit != resource.RLIM_INFINITY and limit < _LEAST_ADDRESSES:
        return _closed(door, _too_few_addresses(limit))
    try:
        return door.load()
    except ModuleNotFoundError as error:
        return _closed(door, _missing(error))


def _closed(door: EntryPoint, why: UsageError) -> click.Command:
    def refuse() -> None:
        raise why

    lenient = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(door.name, callback=refuse, help=f"(not installed: {why})", context_settings=lenient)


def _no_room(error: Exception) -> str:
    """What is told where a process may take so little that a library or a thread does not even begin."""
    if isinstance(error, ImportError):
        first = str(error).strip().partition("\n")[0]
        return f"a library cannot be loaded ({first:.200}); give the process more memory (ulimit -v), or install again"
    return "the memory ran out; give the process more of it (ulimit -v, its container)"


def _too_few_addresses(limit: int) -> UsageError:
    return UsageError(
        f"the libraries of training need {_LEAST_ADDRESSES >> 20:,} MiB of addresses to be loaded, and the limit is"
        f" {limit >> 20:,} MiB: raise it (ulimit -v)"
    )


def _missing(error: ModuleNotFoundError) -> UsageError:
    return UsageError(
        f"the Python package {error.name} is not installed;"
        " pip install 'goeswith[train]' to train, 'goeswith[serve]' to serve"
    )
