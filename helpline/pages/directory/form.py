"""The form of an entry: what it was made from, what was typed, what is wrong with it.

It keeps the mark of the entry that it shows. Whoever saves after somebody else did is shown what would be overwritten,
with all that they typed, and saves again if that is what they mean. The way back to an earlier state is this form,
filled with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flask import Response

from helpline.directory.editing import Edit, Moved, history, mark, put, read_edit
from helpline.directory.entries import Audience, Cost, Entry, Kind
from helpline.directory.phones import printed
from helpline.directory.reading import read_one
from helpline.directory.table import COLUMNS, LONGEST, cells, form_row, read_entry
from helpline.directory.territories import named, plain, territories
from helpline.pages.directory.entry import existing, known_key
from helpline.pages.directory.faults import fault
from helpline.pages.directory.past import differences
from helpline.pages.directory.shown import ANSWERS, AUDIENCES, COSTS, INDEPENDENT, KINDS, today, where
from helpline.pages.numbers import row_number
from helpline.pages.rota.outcomes import tongues
from helpline.pages.site import Visit, gone
from reports.words import LANGUAGES
from rota.sheet import Problem

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

SEVERAL = ("audiences", "languages", "territories")
"""Columns that are boxes to tick."""
BLANK: Mapping[str, str] = {
    "kind": Kind.ASSOCIATION,
    "audiences": Audience.DOCTOR,
    "languages": "fr",
    "cost": Cost.UNKNOWN,
    "connect": "no",
}
"""What a new entry begins with."""


@dataclass(slots=True)
class Filled:
    """A form as it was filled in: a text for each column; `more` are territories as somebody wrote them.

    `seen` is the mark of the entry that it was made from, "" for a new one. `wrong` is by field, in words; `lost` what
    saving would overwrite.
    """

    values: dict[str, str]
    more: str = ""
    seen: str = ""
    wrong: dict[str, str] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    notice: str = ""

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def ticked(self, name: str) -> Sequence[str]:
        """What is ticked in a column with several values."""
        return self[name].split()


def new(visit: Visit) -> ResponseReturnValue:
    """An empty form; with `since`, one with what an entry was before that edit."""
    edit = _edit(visit)
    if edit is None or edit.before is None:
        return _page(visit, Filled(dict(BLANK)), None)
    return _page(visit, Filled(dict(edit.before), notice="directory-restoring"), None)


def add(visit: Visit) -> ResponseReturnValue:
    """Adds it, if all of it can be kept and its key is free."""
    filled = _typed(visit)
    filled.values["key"] = visit.field("key") or _key(filled["name"])
    entry = _read(visit, filled)
    if entry is None:
        return _page(visit, filled, None)
    try:
        with visit.site.store.durable() as tx:
            put(tx, entry, "", visit.me.actor, visit.now)
    except Moved:
        filled.wrong["key"] = visit.say("directory-wrong-taken")
        return _page(visit, filled, None)
    return visit.to("directory_one", key=entry.key, done="done-directory-saved")


def edit(visit: Visit, key: str) -> ResponseReturnValue:
    """The form with what the entry says; with `since`, with what it said before that edit."""
    entry, since = existing(visit, key), _edit(visit)
    filled = Filled({**cells(entry), "phone": printed(entry.phone, entry.country)}, seen=mark(entry))
    if since and since.entry == key and since.before is not None:
        filled.values = dict(since.before)
        filled.lost = differences(visit, cells(entry), since.before)
        filled.notice = "directory-restoring"
    return _page(visit, filled, entry)


def save(visit: Visit, key: str) -> ResponseReturnValue:
    """Keeps what was typed, if all of it can be and nobody has changed the entry since it was shown."""
    known_key(key)
    filled = _typed(visit)
    filled.values["key"] = key
    wanted = _read(visit, filled)
    with visit.site.store.read() as connection:
        entry, edits = read_one(connection, key), history(connection, key, 1)
    if entry is None and not edits:
        gone()
    if wanted is None:
        return _page(visit, filled, entry)
    renumbered = entry is not None and _is_unverified(entry, wanted)
    if renumbered:
        wanted = replace(wanted, verified=None)
    try:
        with visit.site.store.durable() as tx:
            put(tx, wanted, filled.seen, visit.me.actor, visit.now)
    except Moved as moved:
        filled.seen = mark(moved.there)
        filled.lost = differences(visit, cells(moved.there), cells(wanted)) if moved.there else ()
        filled.notice = "directory-overwrites" if moved.there else "directory-gone"
        return _page(visit, filled, moved.there)
    return visit.to(
        "directory_one", key=key, done="done-directory-renumbered" if renumbered else "done-directory-saved"
    )


def _is_unverified(before: Entry, after: Entry) -> bool:
    """Whether a number is another one than was called on the day that the form went on showing."""
    return after.phone != before.phone and after.verified is not None and after.verified == before.verified


def _typed(visit: Visit) -> Filled:
    values = {column: visit.field(column) for column in COLUMNS if column not in SEVERAL}
    values["audiences"] = " ".join(visit.fields("audiences"))
    values["languages"] = " ".join(visit.fields("languages"))
    codes, unknown = _codes(visit.field("more"))
    values["territories"] = " ".join(dict.fromkeys((*visit.fields("territories"), *codes)))
    filled = Filled(values, unknown, visit.field("seen"))
    if unknown:
        filled.wrong["more"] = visit.say("directory-wrong-territory")
    return filled


def _codes(text: str) -> tuple[list[str], str]:
    """The territories that somebody wrote, by code, number or name, with commas between; and what is none."""
    codes: list[str] = []
    unknown = []
    for piece in filter(None, (each.strip() for each in re.split(r"[,;\n]", text))):
        if piece.upper() in territories():
            codes.append(piece.upper())
            continue
        found = named(piece)
        names = {plain(name) for name in territories()[found[0].tiers[0][0]].names.values()} if found else set()
        if len(found) == 1 or plain(piece) in names:
            codes += found[0].tiers[0]
        else:
            unknown.append(piece)
    return codes, ", ".join(unknown)


def _key(name: str) -> str:
    """A key made from a name: `SPS, Soins` is `sps-soins`."""
    ascii_only = "".join(char if char.isascii() else " " for char in plain(name))
    return "-".join(ascii_only.split())[: LONGEST["key"]].strip("-") or "entry"


def _read(visit: Visit, filled: Filled) -> Entry | None:
    """The entry, if nothing is wrong with it; what is, is noted beside its field."""
    problems: list[Problem] = []
    entry = read_entry(form_row(filled.values), today(visit), problems)
    for problem in problems:
        if not (problem.column == "territories" and "more" in filled.wrong):
            name = "more" if problem.column == "territories" else problem.column
            filled.wrong.setdefault(name, fault(visit, problem))
    return None if filled.wrong else entry


def _edit(visit: Visit) -> Edit | None:
    """The edit that the address names with `since`."""
    since = row_number(visit.asked("since"))
    if since is None:
        return None
    with visit.site.store.read() as connection:
        return read_edit(connection, since)


def _page(visit: Visit, filled: Filled, entry: Entry | None) -> Response:
    moved = filled.notice in {"directory-overwrites", "directory-gone"}
    return visit.page(
        "directory/form.html",
        400 if filled.wrong else 409 if moved else 200,
        filled=filled,
        entry=entry,
        longest=LONGEST,
        today=today(visit).isoformat(),
        kinds=_options(visit, KINDS),
        audiences=_options(visit, AUDIENCES),
        costs=_options(visit, COSTS),
        independents=_options(visit, INDEPENDENT),
        answers=_options(visit, ANSWERS),
        spoken=[(code, tongues(visit, [code])) for code in LANGUAGES],
        chosen=[(code, where(visit, [code])) for code in filled.ticked("territories")],
        places=[(code, f"{each.names[visit.language]} ({code})") for code, each in territories().items()],
    )


def _options(visit: Visit, words: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(str(value), visit.say(key)) for value, key in words.items()]
