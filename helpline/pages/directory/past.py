"""The history: who changed what of the directory and when, in words; and the way back to what an entry was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from helpline.directory.editing import Edit, history
from helpline.directory.reading import read_all
from helpline.directory.table import cells
from helpline.directory.territories import Country
from helpline.pages.directory.shown import COLUMNS, cell
from helpline.pages.numbers import row_number
from helpline.pages.rota.audit_words import read_words
from helpline.pages.rota.outcomes import zone_of
from helpline.pages.site import Visit

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

MOST = 60
"""Edits that are shown at once."""
Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """An edit in words. `changes` are empty for what was added or taken out; `back` leads to the state before it."""

    id: int
    name: str
    url: str
    what: str
    changes: tuple[str, ...]
    when: str
    who: str
    back: str


def history_page(visit: Visit) -> ResponseReturnValue:
    """The last edits of all entries; `before` is the last that was shown, for those older than it."""
    before = row_number(visit.asked("before"))
    with visit.site.store.read() as connection:
        edits = history(connection, limit=MOST + 1, before=before)
        told = tell(visit, connection, edits[:MOST])
    return visit.page("directory/history.html", edits=told, before=edits[MOST - 1].id if len(edits) > MOST else "")


def tell(visit: Visit, connection: Connection, edits: Iterable[Edit]) -> list[Told]:
    """These edits in the reader's language."""
    words = read_words(visit, connection, ())
    there = {entry.key: cells(entry) for entry in read_all(connection)}
    return [_told(visit, edit, words.actor(edit.actor), there.get(edit.entry)) for edit in edits]


def differences(visit: Visit, before: Cells, after: Cells) -> tuple[str, ...]:
    """What is otherwise, column by column: what it was, and what it is."""
    old, new = _country(before), _country(after)
    return tuple(
        visit.say(
            "directory-differs",
            what=visit.say(word),
            old=cell(visit, column, before.get(column, ""), old),
            new=cell(visit, column, after.get(column, ""), new),
        )
        for column, word in COLUMNS.items()
        if before.get(column, "") != after.get(column, "")
    )


def _told(visit: Visit, edit: Edit, who: str, there: Cells | None) -> Told:
    before, after = edit.before, edit.after
    zone = zone_of(visit)
    when = f"{visit.formats.day(edit.at, zone, year=True)}, {visit.formats.clock(edit.at, zone)}"
    back = ""
    if before is not None and before != there and visit.me.may("coordinator"):
        # What isn't there any more is added again.
        endpoint, key = ("directory_edit", edit.entry) if there else ("directory_new", None)
        back = visit.url(endpoint, key=key, since=edit.id)
    key = "directory-was-changed" if before and after else "directory-was-added" if after else "directory-was-removed"
    return Told(
        edit.id,
        (after or before or {}).get("name", edit.entry),
        visit.url("directory_one", key=edit.entry),
        visit.say(key),
        differences(visit, before, after) if before and after else (),
        when,
        who,
        back,
    )


def _country(row: Cells) -> Country:
    return "BE" if row.get("territories", "").startswith("BE") else "FR"
