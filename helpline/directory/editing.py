"""Changes to the directory: each in one transaction with its history. What is unchanged is no edit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from helpline.directory.entries import Entry
from helpline.directory.reading import read_all
from helpline.directory.table import cells
from helpline.store.directory_tables import DirectoryEdit, DirectoryEntry


@dataclass(frozen=True, slots=True)
class Changed:
    """Keys of entries that are new, otherwise than before, and gone."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many."""
        return len(self.added) + len(self.changed) + len(self.removed)


@dataclass(frozen=True, slots=True)
class Edit:
    """One line of the history: rows as `table.cells` gives them, None where there was, or is, no entry."""

    id: int
    at: int
    actor: str
    entry: str
    before: Mapping[str, str] | None
    after: Mapping[str, str] | None


def save(tx: Connection, entries: Iterable[Entry], actor: str, now: int, *, only: bool = False) -> Changed:
    """Adds or replaces entries by key at `now` (UTC seconds). With `only`, all others go: the file is the directory."""
    there = {entry.key: entry for entry in read_all(tx)}
    wanted = {entry.key: entry for entry in entries}
    added = tuple(key for key in wanted if key not in there)
    changed = tuple(key for key in wanted if key in there and wanted[key] != there[key])
    removed = tuple(key for key in there if key not in wanted) if only else ()
    for key in (*changed, *removed):
        tx.execute(delete(DirectoryEntry).where(DirectoryEntry.key == key))
    for key in (*added, *changed):
        tx.execute(insert(DirectoryEntry).values(**_row(wanted[key])))
    for key in (*added, *changed, *removed):
        _note(tx, key, (there.get(key), wanted.get(key)), actor, now)
    return Changed(added, changed, removed)


def remove(tx: Connection, key: str, actor: str, now: int) -> bool:
    """Takes an entry out; whether there was one."""
    there = {entry.key: entry for entry in read_all(tx)}.get(key)
    if there is None:
        return False
    tx.execute(delete(DirectoryEntry).where(DirectoryEntry.key == key))
    _note(tx, key, (there, None), actor, now)
    return True


def history(connection: Connection, entry: str | None = None, limit: int = 200) -> tuple[Edit, ...]:
    """The last edits, of one entry or of all, the newest first."""
    asked = select(*DirectoryEdit.__table__.c).order_by(DirectoryEdit.id.desc()).limit(limit)
    if entry is not None:
        asked = asked.where(DirectoryEdit.entry == entry)
    return tuple(
        Edit(row.id, row.at, row.actor, row.entry, _thawed(row.before), _thawed(row.after))
        for row in connection.execute(asked)
    )


def _row(entry: Entry) -> dict[str, object]:
    row: dict[str, object] = dict(cells(entry))
    row["independent"], row["connect"] = entry.independent, entry.connect
    row["verified"] = row["verified"] or None
    return row


def _note(tx: Connection, key: str, states: tuple[Entry | None, Entry | None], actor: str, now: int) -> None:
    before, after = map(_frozen, states)
    tx.execute(insert(DirectoryEdit).values(at=now, actor=actor, entry=key, before=before, after=after))


def _frozen(entry: Entry | None) -> str | None:
    return None if entry is None else json.dumps(dict(cells(entry)), ensure_ascii=False)


def _thawed(text: str | None) -> Mapping[str, str] | None:
    return None if text is None else json.loads(text)
