"""Hourly: calls nobody coded in time become "not coded", and what is pooled of a closed period enters the records."""

from __future__ import annotations

from collections.abc import Mapping

from helpline.figures import records
from helpline.lines import Line
from helpline.store.sessions import Store


def run(store: Store, lines: Mapping[str, Line], now: int) -> None:
    """Does both, in that order: an expired wrap-up may be the last that a period waited for."""
    records.expire(store, lines, now)
    records.enter_closed(store, lines, now)
