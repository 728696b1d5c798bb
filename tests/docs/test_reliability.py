"""Each fault that `docs/reliability.md` names is proven by tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

PAGE = ROOT / "docs" / "reliability.md"
ROWS = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ") and "`tests/" in line]
NAMED = re.compile(r"`(?P<file>tests/[\w/]+\.py)(?:::(?P<test>\w+))?`")
REFERENCES = [found for row in ROWS for found in NAMED.finditer(row)]


@cache
def defined_in(path: Path) -> frozenset[str]:
    """The names of the tests that a file defines."""
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name.startswith(("test_", "Test"))
    )


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda found: found[0])
def test_a_named_test_exists(reference: re.Match[str]) -> None:
    """Its file, and the test in it."""
    path = ROOT / reference["file"]
    assert path.is_file()
    assert reference["test"] is None or reference["test"] in defined_in(path)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_every_fault_says_what_the_caller_hears(row: str) -> None:
    """A fault, what the caller hears, what else happens, and at least one test."""
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(cells) == 4
    assert all(cells)


def test_no_fault_is_left_out() -> None:
    """The page speaks of every kind of fault we know."""
    assert len(ROWS) >= 25
