"""docs/directory.md explains the file that the code reads: every column, every value, and no other."""

import re

from helpline.directory.entries import OUT_OF_DATE, Audience, Cost, Kind
from helpline.directory.table import COLUMNS, LONGEST, MOST_ENTRIES, REQUIRED
from helpline.directory.territories import territories
from ivr_flows.model import LANGUAGES
from tests.architecture.sources import ROOT

TEXT = (ROOT / "docs" / "directory.md").read_text("utf-8")
ROWS = {row[0]: row for row in re.findall(r"^\| `(\w+)` \| (yes|no) \| (.+) \|$", TEXT, re.MULTILINE)}


def test_every_column_is_explained() -> None:
    """In the file's order, with whether it must be there."""
    assert tuple(ROWS) == COLUMNS
    assert {name for name, row in ROWS.items() if row[1] == "yes"} == set(REQUIRED)


def test_every_value_is_explained() -> None:
    """Kinds, audiences, languages and costs are those that the code knows."""
    kinds = re.search(r"^Kinds: (.+?)\n\n", TEXT, re.MULTILINE | re.DOTALL)
    assert kinds
    assert set(re.findall(r"`(\w+)`", kinds[1])) == set(Kind)
    for column, values in (("audiences", set(Audience)), ("languages", set(LANGUAGES)), ("cost", set(Cost))):
        assert set(re.findall(r"`(\w+)`", ROWS[column][2])) == values


def test_the_limits_are_those_of_the_code() -> None:
    """How long, how many, how old."""
    assert f"up to {LONGEST['key']} small letters" in ROWS["key"][2]
    assert f"up to {LONGEST['name']} characters" in ROWS["name"][2]
    assert f"At most {MOST_ENTRIES} entries" in TEXT
    assert f"After {OUT_OF_DATE.days}\n" in TEXT


def test_the_codes_named_exist() -> None:
    """An example that is refused would be worse than none."""
    named = set(re.findall(r"`((?:FR|BE)(?:-[A-Z]{2,3})?|\d\d|2[AB]|9\d\d)`", TEXT.split("## Territories")[1]))
    assert named
    assert named <= set(territories())
