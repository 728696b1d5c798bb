"""Changes to the directory: each in one transaction with its history. What is unchanged is no edit.

What somebody decided on is what is done. A form keeps the `mark` of the entry that it shows, the page before an import
that of all it would change; where that is no longer so, `Moved` is raised and nothing is changed. Two at a time wait
for each other, in both databases.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection, delete, insert, select

from helpline.directory.entries import Entry
from helpline.directory.reading import read_all
from helpline.directory.table import cells
from helpline.errors import UsageError
from helpline.store.dialect import AddUp
from helpline.store.directory_tables import DirectoryEdit, DirectoryEntry
from helpline.store.tables import Revision

_GROW = AddUp(Revision, ["name"], ["n"])
_REVISION = {"name": "directory", "n": 1}
State: TypeAlias = Entry | None
"""What there is of an entry: None for nothing."""


class Moved(UsageError):  # noqa: N818 - it is what the directory has done
    """It has been changed since whoever edits it looked, and nothing of this edit was done. `there` is what is now."""

    def __init__(self, key: str = "", there: State = None) -> None:
        super().__init__(f"the directory has been changed meanwhile{f' ({key})' if key else ''}: look at it again")
        self.there = there


@dataclass(frozen=True, slots=True)
class Changed:
    """What an edit changes: entries that are new, otherwise than before (before and after), and gone."""

    added: tuple[Entry, ...] = ()
    changed: tuple[tuple[Entry, Entry], ...] = ()
    removed: tuple[Entry, ...] = ()

    @property
    def count(self) -> int:
        """How many entries."""
        return len(self.added) + len(self.changed) + len(self.removed)

    @property
    def steps(self) -> tuple[tuple[State, State], ...]:
        """Each as what it was and what it becomes."""
        return (*((None, entry) for entry in self.added), *self.changed, *((entry, None) for entry in self.removed))

    @property
    def mark(self) -> str:
        """The same for the same changes, and for no others."""
        return _digest([[_frozen(state) for state in step] for step in self.steps])


@dataclass(frozen=True, slots=True)
class Edit:
    """One line of the history: rows as `table.cells` gives them, None where there was, or is, no entry."""

    id: int
    at: int
    actor: str
    entry: str
    before: Mapping[str, str] | None
    after: Mapping[str, str] | None


def mark(entry: State) -> str:
    """The same for the same state of an entry, and for no other; "" for none."""
    return _digest(_frozen(entry)) if entry else ""


def compare(there: Iterable[Entry], entries: Iterable[Entry], *, only: bool = False) -> Changed:
    """What it takes for these entries to be there, by key. With `only`, all others go: the file is the directory."""
    known = {entry.key: entry for entry in there}
    wanted = {entry.key: entry for entry in entries}
    return Changed(
        tuple(entry for key, entry in wanted.items() if key not in known),
        tuple((known[key], entry) for key, entry in wanted.items() if key in known and entry != known[key]),
        tuple(entry for key, entry in known.items() if key not in wanted) if only else (),
    )


def save(
    tx: Connection, entries: Iterable[Entry], actor: str, now: int, *, only: bool = False, seen: str | None = None
) -> Changed:
    """Adds or replaces entries by key at `now` (UTC seconds); `only` as in `compare`.

    With `seen`, the mark of the changes that somebody was shown, it raises `Moved` if it would change anything else;
    what stands already is fine.
    """
    changes = compare(_locked(tx), entries, only=only)
    if seen is not None and changes.count and changes.mark != seen:
        raise Moved
    _make(tx, changes, actor, now)
    return changes


def put(tx: Connection, entry: Entry, seen: str, actor: str, now: int) -> Changed:
    """Adds or replaces one entry that was `seen` with this mark. Raises `Moved` if it is otherwise, or gone, by now."""
    there = {each.key: each for each in _locked(tx)}
    before = there.get(entry.key)
    changes = compare(there.values(), [entry])
    if changes.count and mark(before) != seen:
        raise Moved(entry.key, before)
    _make(tx, changes, actor, now)
    return changes


def remove(tx: Connection, key: str, actor: str, now: int, *, seen: str | None = None) -> bool:
    """Takes an entry out; whether there was one. Raises `Moved` if it is otherwise than it was `seen`."""
    there = {entry.key: entry for entry in _locked(tx)}.get(key)
    if there is None:
        return False
    if seen is not None and mark(there) != seen:
        raise Moved(key, there)
    _make(tx, Changed(removed=(there,)), actor, now)
    return True


def history(
    connection: Connection, entry: str | None = None, limit: int = 200, *, before: int | None = None
) -> tuple[Edit, ...]:
    """The last edits, of one entry or of all, the newest first; those older than edit `before`, if given."""
    asked = select(*DirectoryEdit.__table__.c).order_by(DirectoryEdit.id.desc()).limit(limit)
    if entry is not None:
        asked = asked.where(DirectoryEdit.entry == entry)
    if before is not None:
        asked = asked.where(DirectoryEdit.id < before)
    return tuple(
        Edit(row.id, row.at, row.actor, row.entry, _thawed(row.before), _thawed(row.after))
        for row in connection.execute(asked)
    )


def read_edit(connection: Connection, number: int) -> Edit | None:
    """One line of the history."""
    found = history(connection, limit=1, before=number + 1)
    return found[0] if found and found[0].id == number else None


def _locked(tx: Connection) -> tuple[Entry, ...]:
    """Every entry, which nobody else changes until this transaction is over."""
    _GROW(tx, _REVISION)  # others wait here
    return read_all(tx)


def _make(tx: Connection, changes: Changed, actor: str, now: int) -> None:
    for before, after in changes.steps:
        noted: dict[str, object] = {"at": now, "actor": actor, "before": _frozen(before), "after": _frozen(after)}
        if before is not None:
            noted["entry"] = before.key
            tx.execute(delete(DirectoryEntry).where(DirectoryEntry.key == before.key))
        if after is not None:
            noted["entry"] = after.key
            tx.execute(insert(DirectoryEntry).values(**_row(after)))
        tx.execute(insert(DirectoryEdit).values(**noted))


def _row(entry: Entry) -> dict[str, object]:
    row: dict[str, object] = dict(cells(entry))
    row["independent"], row["connect"] = entry.independent, entry.connect
    row["verified"] = row["verified"] or None
    return row


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:32]


def _frozen(entry: State) -> str | None:
    return None if entry is None else json.dumps(dict(cells(entry)), ensure_ascii=False)


def _thawed(text: str | None) -> Mapping[str, str] | None:
    return None if text is None else json.loads(text)
