"""The directory as a file, out and in: what a file would change is shown first, and just that is done, or nothing."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, request

from helpline.directory.editing import Changed, Moved, compare, save
from helpline.directory.entries import Entry
from helpline.directory.reading import read_all
from helpline.directory.table import cells, parse, write
from helpline.pages.directory.faults import in_words
from helpline.pages.directory.past import differences
from helpline.pages.directory.shown import today
from helpline.pages.rota.uploads import MOST_SEALED
from helpline.pages.site import PageError, Visit
from rota.sheet import BOM, Problem, TableError, decode

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

BODY = 2_200_000
"""Bytes of a form with a file: two megabytes, and what stands around them."""
MOST = 100
"""Entries of a kind that a preview names."""


@dataclass(frozen=True, slots=True)
class File:
    """What was sent. `whole`: the file is the whole directory, and what isn't in it goes."""

    text: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Come:
    """What would become of an entry."""

    name: str
    changes: tuple[str, ...] = ()


def page(visit: Visit) -> ResponseReturnValue:
    """A form for what comes in, two links for what goes out."""
    return _page(visit, whole=False)


def export(visit: Visit) -> ResponseReturnValue:
    """The directory as CSV. For a spreadsheet in French, Dutch or German cells are parted by semicolons."""
    with visit.site.store.read() as connection:
        entries = read_all(connection)
    plain = visit.asked("shape") == "csv"
    text = write(entries) if plain else BOM + write(entries, "," if visit.language == "en" else ";")
    headers = {"Content-Disposition": f'attachment; filename="directory-{today(visit).isoformat()}.csv"'}
    return Response(text.encode(), content_type="text/csv; charset=utf-8", headers=headers)


def bring(visit: Visit) -> ResponseReturnValue:
    """Shows what the file comes to, then does it."""
    whole = visit.field("whole") == "yes"
    try:
        file = _sent(visit, whole=whole)
        if file is None:
            return _page(visit, whole=whole, fault=visit.say("tables-no-file"))
        with visit.site.store.read() as connection:
            there = read_all(connection)
        entries = parse(file.text, today(visit), there)
    except TableError as error:
        said = visit.say("tables-wrong", n=len(error.problems))
        return _page(visit, whole=whole, fault=said, problems=error.problems)
    if visit.field("go") != "yes":
        return _preview(visit, file, compare(there, entries, only=file.whole), 200)
    return _do(visit, file, entries)


def _do(visit: Visit, file: File, entries: Sequence[Entry]) -> ResponseReturnValue:
    """Does what was shown, or shows what it comes to by now."""
    try:
        with visit.site.store.durable() as tx:
            save(tx, entries, visit.me.actor, visit.now, only=file.whole, seen=visit.field("seen"))
    except Moved:
        with visit.site.store.read() as connection:
            there = read_all(connection)
        return _preview(visit, file, compare(there, entries, only=file.whole), 409)
    return visit.to("directory", done="done-directory-imported")


def _sent(visit: Visit, *, whole: bool) -> File | None:
    """The file of the form, as it was sent or sealed. Raises `TableError` for what isn't UTF-8; `PageError`."""
    sealed = request.form.get("sealed")
    if sealed:
        found = visit.site.accounts.drafts.open(sealed, _place(visit), visit.now)
        if found is None:
            raise PageError(400, "error-stale")
        # Only what we have sealed ourselves is unpacked: nobody else can make it grow.
        text, kept = json.loads(zlib.decompress(b64decode(found["file"])))
        return File(text, kept)
    file = request.files.get("files")
    return File(decode(file.read()), whole) if file and file.filename else None


def _seal(visit: Visit, file: File) -> str:
    packed = b64encode(zlib.compress(json.dumps([file.text, file.whole]).encode(), 9)).decode()
    sealed = visit.site.accounts.drafts.close({"file": packed}, _place(visit), visit.now)
    if len(sealed) > MOST_SEALED:
        raise PageError(413, "error-large")
    return sealed


def _place(visit: Visit) -> str:
    return f"directory:{visit.me.account}"


def _page(visit: Visit, *, whole: bool, fault: str = "", problems: Sequence[Problem] = ()) -> Response:
    return visit.page(
        "directory/files.html",
        400 if fault else 200,
        whole=whole,
        wrong={"files": fault} if fault else {},
        problems=in_words(visit, problems),
    )


def _preview(visit: Visit, file: File, changes: Changed, status: int) -> Response:
    changed = [Come(after.name, differences(visit, cells(old), cells(after))) for old, after in changes.changed[:MOST]]
    return visit.page(
        "directory/preview.html",
        status,
        seen=changes.mark,
        sealed=_seal(visit, file),
        moved=status != 200,
        whole=file.whole,
        count=changes.count,
        parts=[
            ("directory-would-add", [Come(each.name) for each in changes.added[:MOST]], len(changes.added)),
            ("directory-would-change", changed, len(changes.changed)),
            ("directory-would-remove", [Come(each.name) for each in changes.removed[:MOST]], len(changes.removed)),
        ],
        most=MOST,
    )
