"""How the doors of other packages open or stay closed."""

from importlib.metadata import EntryPoint

import click
import pytest

from recommender import command, commands
from recommender.command import goeswith, main


@pytest.fixture
def doors(monkeypatch: pytest.MonkeyPatch):
    """Only these doors: one that opens, one whose package is there but lacks a library, one that is not there."""
    names = {"open": "click:version_option", "shut": "no_such_package.commands:shut"}
    found = [EntryPoint(name, value, "goeswith.commands") for name, value in names.items()]
    monkeypatch.setattr(command, "_doors", lambda: found)


@pytest.mark.usefixtures("doors")
def test_doors_are_listed_beside_the_core():
    listed = goeswith.list_commands(click.Context(goeswith))
    assert listed == ["models", "open", "policy", "score", "shut", "suggest"]


@pytest.mark.usefixtures("doors")
def test_a_door_opens_when_it_is_used():
    context = click.Context(goeswith)
    assert goeswith.get_command(context, "open") is click.version_option
    assert goeswith.get_command(context, "elsewhere") is None
    assert goeswith.get_command(context, "suggest") is commands.suggest


@pytest.mark.usefixtures("doors")
def test_a_closed_door_says_what_to_install(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["shut", "ORDERS", "--any", "option"])
    assert capsys.readouterr().err == (
        "error: the Python package no_such_package is not installed; pip install 'goeswith[train]' to train,"
        " 'goeswith[serve]' to serve\n"
    )


@pytest.mark.usefixtures("doors")
def test_a_closed_door_is_seen_in_the_help(monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(command, "_doors", lambda: [EntryPoint("shut", "no_such_package:shut", "goeswith.commands")])
    assert goeswith.main(["--help"], standalone_mode=False) == 0
    assert "(not installed: the Python package no_such_package" in " ".join(capsys.readouterr().out.split())
