"""The documentation names everything that exists, and nothing that does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import annotated_types as bound
import click
import pytest
from pydantic import BaseModel

from recommender.command import goeswith
from recommender.engine import PLACEMENTS
from recommender.errors import GoeswithError
from training.config import COLUMNS, Config

HOUSE = Path(__file__).parent.parent
PAGES = sorted(
    page
    for page in [*HOUSE.glob("*.md"), *(HOUSE / "docs").rglob("*.md"), *(HOUSE / "models").glob("*.md")]
    if page.is_file()
)
CLI = (HOUSE / "docs/cli.md").read_text(encoding="utf-8")
README = (HOUSE / "README.md").read_text(encoding="utf-8")
CONFIGURATION = (HOUSE / "docs/configuration.md").read_text(encoding="utf-8")


def commands(group: click.Group = goeswith, prefix: str = "goeswith") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


def section(title: str) -> str:
    found = re.search(rf"^## `{title}.*?`$(.*?)(?=^## |\Z)", CLI, re.MULTILINE | re.DOTALL)
    assert found, f"docs/cli.md has no section `{title} …`"
    return found[1]


def config_rows(model: type[BaseModel] = Config, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from config_rows(field.annotation, f"{prefix}{name}.")
            continue
        default = field.get_default(call_default_factory=True)
        low = [f"≥ {m.ge}" for m in field.metadata if isinstance(m, bound.Ge)]
        above = [f"> {m.gt}" for m in field.metadata if isinstance(m, bound.Gt)]
        high = [f"≤ {m.le}" for m in field.metadata if isinstance(m, bound.Le)]
        below = [f"< {m.lt}" for m in field.metadata if isinstance(m, bound.Lt)]
        text = str(default).lower() if isinstance(default, bool) else str(default)
        yield f"{prefix}{name}", text, ", ".join(low + above + high + below)


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_and_option_is_documented(name: str, command: click.Command) -> None:
    text = section(name)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            for option in parameter.opts:
                assert f"`{option}" in text, f"{name} {option}"
        else:
            assert parameter.human_readable_name.upper() in CLI
    assert command.help, f"{name} has no help"


def test_every_documented_command_exists() -> None:
    documented = set(re.findall(r"^## `(goeswith(?: [a-z]+)+)", CLI, re.MULTILINE))
    assert documented == {name for name, _ in commands()}


def test_every_documented_option_exists() -> None:
    for name, command in commands():
        known = {option for parameter in command.params for option in [*parameter.opts, *parameter.secondary_opts]}
        assert set(re.findall(r"^\| `(--?[a-z-]+)", section(name), re.MULTILINE)) <= known | {"--help"}, name


def test_every_exit_code_is_documented() -> None:
    for error in [GoeswithError, *GoeswithError.__subclasses__()]:
        assert re.search(rf"^\| {error.exit_code} \|", CLI, re.MULTILINE), error.__name__


def test_every_placement_is_documented() -> None:
    for placement in PLACEMENTS:
        assert f"`{placement}`" in CLI


@pytest.mark.parametrize(("key", "default", "bounds"), list(config_rows()))
def test_every_setting_is_documented_with_default_and_bounds(key: str, default: str, bounds: str) -> None:
    assert re.search(
        rf"^\| `{re.escape(key)}` \| `{re.escape(default)}` \| {re.escape(bounds)} ?\|", CONFIGURATION, re.MULTILINE
    )


def test_no_setting_is_documented_that_does_not_exist() -> None:
    assert set(re.findall(r"^\| `([a-z_.]+)` ", CONFIGURATION, re.MULTILINE)) == {key for key, _, _ in config_rows()}


def test_every_column_of_the_orders_is_documented() -> None:
    for column in COLUMNS:
        assert f"`{column}`" in CONFIGURATION


def test_the_readme_begins_with_the_two_commands() -> None:
    first = re.search(r"```\w*\n(.*?)```", README, re.DOTALL)
    assert first
    assert [line.split("#")[0].strip() for line in first[1].splitlines()] == ["make demo", "make test"]


def test_every_command_of_the_readme_exists() -> None:
    known = {name for name, _ in commands()} | {"goeswith"}
    groups = {name.rsplit(" ", 1)[0] for name in known}
    named = set(re.findall(r"(?:^|`|bin/)(goeswith(?: [a-z]+){1,2})", README, re.MULTILINE))
    assert named
    for words in named:
        assert words in known or words.rsplit(" ", 1)[0] in known | groups, words


def test_every_make_target_of_the_pages_exists() -> None:
    makefile = (HOUSE / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8"))) <= targets, page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOUSE)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "#", "mailto:")):
            assert (page.parent / target.partition("#")[0]).exists(), target


def test_every_page_is_reached_from_the_index() -> None:
    index = (HOUSE / "docs/README.md").read_text(encoding="utf-8")
    for page in (HOUSE / "docs").glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in index
