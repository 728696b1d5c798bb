"""Files that a form sent, as tables to import; and the same carried sealed from the page that shows what they come to.

They are kept nowhere meanwhile: the form itself brings them again, and what was shown is what is done.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass

from flask import request

from helpline.pages.site import PageError, Visit
from helpline.shifts.importing import Calendar, Tables
from rota.sheet import decode
from rota.table import kind_of

MOST_FILES = 4
MOST_SEALED = 450_000
"""Signs of the hidden field: what a form may hold in one field."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent. `fault` is the key of a text that says what is wrong with it as a whole, "" if nothing is."""

    tables: Tables
    names: tuple[str, ...]
    fault: str = ""


def read_upload(line: str, tier: int, *, take_off: bool) -> Upload:
    """The files of a form. Raises `TableError` for one that is no table."""
    texts: dict[str, str] = {}
    calendar, fault = None, ""
    files = [file for file in request.files.getlist("files") if file.filename][: MOST_FILES + 1]
    names = tuple((file.filename or "")[:80] for file in files)
    for file in files:
        data = file.read()
        if data.lstrip(b"\xef\xbb\xbf \r\n").upper().startswith(b"BEGIN:VCALENDAR"):
            fault = fault or ("tables-second" if calendar else "")
            calendar = Calendar(data, line, tier)
            continue
        text = decode(data)
        kind = kind_of(text)
        fault = fault or ("tables-second" if kind in texts else "")
        texts[kind] = text
    if not files:
        fault = "tables-no-file"
    elif len(files) > MOST_FILES or (calendar and "shifts" in texts):
        fault = "tables-second"
    return Upload(Tables(**texts, calendar=calendar, clocks=line, take_off=take_off), names, fault)


def seal(visit: Visit, upload: Upload) -> str:
    """The files as one word for a hidden field, good for an hour. Raises `PageError` for more than a form holds."""
    tables = upload.tables
    calendar = tables.calendar
    content = {
        "people": tables.people,
        "shifts": tables.shifts,
        "absences": tables.absences,
        "calendar": None if calendar is None else [b64encode(calendar.data).decode(), calendar.line, calendar.tier],
        "clocks": tables.clocks,
        "take_off": tables.take_off,
        "names": upload.names,
    }
    packed = b64encode(zlib.compress(json.dumps(content).encode(), 9)).decode()
    sealed = visit.site.accounts.drafts.close({"tables": packed}, _place(visit), visit.now)
    if len(sealed) > MOST_SEALED:
        raise PageError(413, "error-large")
    return sealed


def open_sealed(visit: Visit, sealed: str) -> Upload | None:
    """What `seal` made for this viewer; None when it is too old or isn't whole."""
    found = visit.site.accounts.drafts.open(sealed, _place(visit), visit.now)
    if found is None:
        return None
    # Only what we have sealed ourselves is unpacked: nobody else can make it grow.
    content = json.loads(zlib.decompress(b64decode(found["tables"])))
    calendar = content["calendar"]
    return Upload(
        Tables(
            content["people"],
            content["shifts"],
            content["absences"],
            None if calendar is None else Calendar(b64decode(calendar[0]), calendar[1], calendar[2]),
            content["clocks"],
            content["take_off"],
        ),
        tuple(content["names"]),
    )


def _place(visit: Visit) -> str:
    return f"tables:{visit.me.account}"
