"""Each of the sixteen invariants in `docs/rota.md` is proven by tests that exist."""

from __future__ import annotations

import re

import pytest

from tests.architecture.sources import ROOT
from tests.docs.test_reliability import NAMED, defined_in

ROWS = re.findall(r"^\| (\d+) \|.*$", (ROOT / "docs" / "rota.md").read_text("utf-8"), re.MULTILINE)
LINES = [line for line in (ROOT / "docs" / "rota.md").read_text("utf-8").splitlines() if re.match(r"\| \d+ \|", line)]
REFERENCES = [found for line in LINES for found in NAMED.finditer(line)]


def test_all_sixteen_are_there() -> None:
    """In order, each with what proves it."""
    assert [int(number) for number in ROWS] == list(range(1, 17))
    assert all(NAMED.search(line) for line in LINES)


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda found: found[0])
def test_a_named_test_exists(reference: re.Match[str]) -> None:
    """Its file, and the test in it."""
    assert reference["test"] in defined_in(ROOT / reference["file"])
