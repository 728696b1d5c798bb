"""One entry: what it says, its history, that somebody has verified it, taking it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Response

from helpline.directory.editing import Moved, history, put, remove
from helpline.directory.entries import Entry
from helpline.directory.reading import read_one
from helpline.directory.table import is_key
from helpline.pages.directory.past import MOST, tell
from helpline.pages.directory.shown import card, today
from helpline.pages.site import Visit, gone

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def show(visit: Visit, key: str) -> ResponseReturnValue:
    """Its page; of one that was taken out, its history."""
    return _page(visit, key, "directory/entry.html", 200, notice="")


def verify(visit: Visit, key: str) -> ResponseReturnValue:
    """Somebody has called or asked today, and what they saw on the page is right."""
    entry, day = existing(visit, key), today(visit)
    try:
        with visit.site.store.durable() as tx:
            put(tx, replace(entry, verified=day), visit.field("seen"), visit.me.actor, visit.now)
    except Moved:
        return _page(visit, key, "directory/entry.html", 409, notice="directory-moved")
    if visit.field("back") == "list":
        asked = {name: visit.field(name) for name in ("q", "country", "check")}
        return visit.to("directory", done="done-directory-verified", _anchor=f"entry-{key}", **asked)
    return visit.to("directory_one", key=key, done="done-directory-verified")


def ask_removal(visit: Visit, key: str) -> ResponseReturnValue:
    """Whether it is to be taken out."""
    existing(visit, key)
    return _page(visit, key, "directory/remove.html", 200, notice="")


def take_out(visit: Visit, key: str) -> ResponseReturnValue:
    """Takes it out as it was shown; its history stays, and the way back."""
    known_key(key)
    try:
        with visit.site.store.durable() as tx:
            remove(tx, key, visit.me.actor, visit.now, seen=visit.field("seen"))
    except Moved:
        return _page(visit, key, "directory/remove.html", 409, notice="directory-moved")
    return visit.to("directory_one", key=key, done="done-directory-removed")


def existing(visit: Visit, key: str) -> Entry:
    """An entry that is there. Raises `PageError`."""
    known_key(key)
    with visit.site.store.read() as connection:
        found = read_one(connection, key)
    return gone() if found is None else found


def known_key(key: str) -> None:
    """Raises `PageError` for what can't be a key: a database may stumble over it."""
    if not is_key(key):
        gone()


def _page(visit: Visit, key: str, template: str, status: int, notice: str) -> Response:
    known_key(key)
    with visit.site.store.read() as connection:
        entry = read_one(connection, key)
        edits = history(connection, key, MOST)
        told = tell(visit, connection, edits)
    if entry is None and not edits:
        gone()
    last: Mapping[str, str] = next((edit.before for edit in edits if edit.before), {})
    return visit.page(
        template,
        status,
        key=key,
        name=entry.name if entry else last.get("name", key),
        card=card(visit, entry, today(visit)) if entry else None,
        edits=told,
        notice_key=notice,
        may=visit.me.may("coordinator"),
    )
