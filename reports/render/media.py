"""What the files of a release are sent as: apart from their making, which whoever only sends them needn't load."""

from __future__ import annotations

from collections.abc import Mapping

from reports.errors import InputError

MEDIA_TYPES: Mapping[str, str] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8; header=present",
    "json": "application/json",
}
"""By the end of a file's name. Sources: RFC 4180, RFC 8259, the IANA's list of media types."""


def media_type(name: str) -> str:
    """Returns what a file is sent as. InputError for a name that no file of a release ends with."""
    end = name.rpartition(".")[2]
    if end not in MEDIA_TYPES:
        raise InputError(f"the file {name!r} is of no kind that a release has: {', '.join(MEDIA_TYPES)}")
    return MEDIA_TYPES[end]
