"""The public entries that come with the product: every one of them is to be verified before a line opens."""

from __future__ import annotations

import datetime as dt
from importlib import resources

from sqlalchemy import Connection

from helpline.directory.editing import Changed, save
from helpline.directory.entries import Entry
from helpline.directory.reading import read_all
from helpline.directory.table import parse


def shipped(today: dt.date) -> tuple[Entry, ...]:
    """The entries of `seed.csv`. Their sources are public; nobody has called the numbers."""
    return parse(resources.files(__package__).joinpath("seed.csv").read_text(encoding="utf-8"), today)


def seed(tx: Connection, actor: str, now: int) -> Changed:
    """Adds those of the shipped entries whose key isn't there, at `now` (UTC seconds); touches no other."""
    there = {entry.key for entry in read_all(tx)}
    today = dt.datetime.fromtimestamp(now, dt.UTC).date()
    return save(tx, [entry for entry in shipped(today) if entry.key not in there], actor, now)
