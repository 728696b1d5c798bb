"""The demonstration's releases were published in its past, without a worker: their files are drawn at its start.

Apart, one after the other, because its telephones ring in real time. Years alone: what months lack stays away.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from helpline.apart import Apart, LostError, answer
from helpline.figures.frozen import Frozen, closed
from helpline.figures.making import draw
from helpline.figures.preparing import address_of, keep_files, sources_of
from helpline.figures.questions import Sources
from helpline.figures.shelf import volumes
from helpline.store.sessions import Store
from reports.periods import YEAR

log = logging.getLogger(__name__)
EVERY = 1
"""Seconds between two looks."""
SECONDS = 120
Files = Mapping[str, bytes]


def lacking(store: Store) -> list[tuple[Frozen, Sources]]:
    """The published years without files, the latest first, and what each is drawn from."""
    with store.read() as connection:
        empty = {each.address for each in volumes(connection) if not each.files and YEAR.fullmatch(each.period)}
        out = [each for each in closed(connection) if each.released_at is not None] if empty else []
    mine = [(each, sources_of(out, each, ())) for each in out if address_of(each) in empty]
    return sorted(mine, key=lambda pair: pair[0].figures.year, reverse=True)


def shelve(store: Store, frozen: Frozen, sources: Sources, files: Files) -> None:
    """Stores what was drawn, unless it is there by now."""
    with store.durable() as tx:
        if not any(each.files for each in volumes(tx) if each.address == address_of(frozen)):
            keep_files(tx, frozen, files, sources)


class Shelving:
    """Draws them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._left = lacking(store)
        self._work: Apart[Files] | None = None

    def run(self) -> bool:
        """Begins one, or looks whether it is done; whether any is left."""
        if not self._left:
            return False
        frozen, sources = self._left[0]
        if self._work is None:
            self._work = Apart("helpline.demo.shelving", sources, SECONDS)
            return True
        try:
            files = self._work.result()
        except LostError:
            log.warning("release.undrawn", extra={"line": frozen.figures.line})
            files = {}
        if files:
            shelve(self._store, frozen, sources, files)
        if files is not None:
            self._left, self._work = self._left[1:], None
        return bool(self._left)

    def stop(self) -> None:
        """Ends what is being drawn."""
        if self._work is not None:
            self._work.stop()


if __name__ == "__main__":
    answer(lambda sources, _: dict(draw(sources)))
