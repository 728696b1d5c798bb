from __future__ import annotations

import re
from pathlib import Path

from helpline.store.account_tables import Account
from helpline.store.directory_tables import DirectoryEntry
from helpline.store.rota_tables import Rotation

DOCUMENT = Path(__file__).parents[2] / "docs" / "anonymity.md"
ROW = re.compile(r"^\| `(?P<table>\w+)` \| (?P<columns>[^|]+) \| [^|]+ \| [^|]+ \|$", re.MULTILINE)


def test_every_column_is_in_the_inventory_and_nothing_else_is() -> None:
    """What the service can store is what its inventory says, column by column."""
    told = {
        row["table"]: sorted(re.split(r",\s*", row["columns"].strip())) for row in ROW.finditer(DOCUMENT.read_text())
    }
    assert Account.metadata is DirectoryEntry.metadata is Rotation.metadata
    there = {table.name: sorted(table.columns.keys()) for table in Rotation.metadata.sorted_tables}
    assert told == there
