"""What the documentation tells people to type exists."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from helpline.cli import cli
from tests.architecture.sources import ROOT

DOCUMENTS = sorted(path for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")] if path.exists())
CODE = re.compile(r"```.*?\n(?P<block>.*?)```|`(?P<span>[^`\n]+)`", re.DOTALL)
COMMAND = re.compile(r"(?:^|[\s/$])helpline(?= )(?P<rest>[^#|;&\n]*)")
TARGET = re.compile(r"(?:^|[\s;&`])make (?P<target>[a-z]+)")


def code(text: str) -> Iterator[str]:
    """What is set as code: blocks, and words between backquotes."""
    for found in CODE.finditer(text):
        yield found["block"] or found["span"]


def commands(path: Path) -> list[str]:
    """Every `helpline ...` in a document."""
    return [found["rest"].strip() for part in code(path.read_text("utf-8")) for found in COMMAND.finditer(part)]


NAMED = [(path.relative_to(ROOT), text) for path in DOCUMENTS for text in commands(path)]


def options(command: click.Command) -> dict[str, bool]:
    """A command's options: name -> whether a value follows."""
    found = {"--help": False, "-h": False}
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            takes = not parameter.is_flag and not parameter.count
            found |= dict.fromkeys((*parameter.opts, *parameter.secondary_opts), takes)
    return found


def wrong(text: str) -> str:
    """What isn't a command or an option in this line; empty when all of it is."""
    command: click.Command = cli
    words = iter(word for word in shlex.split(text) if word not in {"...", "…"})
    for word in words:
        known = options(command)
        name = word.partition("=")[0]
        if word.startswith("-"):
            if name not in known:
                return f"{command.name} has no option {name}"
            if known[name] and "=" not in word:
                next(words, None)
        elif isinstance(command, click.Group):
            if word not in command.commands:
                return f"there is no command {word}"
            command = command.commands[word]
    return ""


def test_the_readme_names_commands() -> None:
    """Else these tests would find nothing and say that all is well."""
    assert not (ROOT / "README.md").exists() or any(str(path) == "README.md" for path, _ in NAMED)


@pytest.mark.parametrize(("path", "text"), NAMED)
def test_a_command_in_the_documentation_exists(path: Path, text: str) -> None:
    """With each of its options."""
    assert wrong(text) == "", f"{path}: helpline {text}"


@pytest.mark.parametrize(
    "text", ["fly", "rota shew", "call france --kees 1", "--configure x check", "people list --all"]
)
def test_a_command_that_does_not_exist_is_found(text: str) -> None:
    """These tests would notice."""
    assert wrong(text)


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_a_target_in_the_documentation_exists(path: Path) -> None:
    """`make something` is in the Makefile."""
    known = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text("utf-8")))
    named = {found["target"] for part in code(path.read_text("utf-8")) for found in TARGET.finditer(part)}
    assert named <= known


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_a_path_in_the_documentation_exists(path: Path) -> None:
    """Modules, folders and documents that are named by their path."""
    text = path.read_text("utf-8")
    named = {
        word
        for part in code(text)
        for word in re.findall(r"(?<![\w/<.-])(?:helpline|ivr_flows|rota|reports|tests|docs)/[\w./-]*\w", part)
    }
    linked = set(re.findall(r"\]\(([^)#:]+)\)", text))
    assert not {word for word in named if not (ROOT / word).exists()}
    assert not {target for target in linked if not (path.parent / target).exists()}
