"""The live checklist names whatever the twin had to assume."""

import re
from dataclasses import fields

from helpline.twin import Rules
from tests.architecture.sources import ROOT

TEXT = (ROOT / "docs" / "live-checklist.md").read_text("utf-8")
LINES = re.findall(r"^- \[.\] .*(?:\n  .*)*", TEXT, re.MULTILINE)


def test_every_rule_of_the_twin_is_to_be_observed() -> None:
    """A habit of the carrier that we had to guess is a line of the checklist, by its name, and no rule is made up."""
    named = {name for line in LINES for name in re.findall(r"\[`(\w+)`\]", line)}
    assert named == {field.name for field in fields(Rules)}


def test_every_line_says_what_relies_on_it() -> None:
    """A file at the line's own end or under its heading: who sees otherwise knows where to mend."""
    for part in TEXT.split("\n## ")[1:]:
        head, *lines = re.split(r"^- \[.\] ", part, flags=re.MULTILINE)
        assert lines, head
        assert "→ `" in head or all("→ `" in line for line in lines), head
