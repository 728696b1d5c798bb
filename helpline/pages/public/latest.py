"""The newest public figures of a line: what a reader sees of them beside the number, and where the rest is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from helpline.figures import shelf
from helpline.figures.shelf import Volume
from reports.document import KeyFigure
from reports.figures import Figures
from reports.periods import YEAR
from reports.render.wording import figure, words
from reports.sections.parts import Facts
from reports.sections.summary import key_figures
from reports.words import Language

SHOWN = ("offered", "rate", "quick")
"""Of the figures of a report's first page: how many called, how many were answered, how fast."""


@dataclass(frozen=True, slots=True)
class Latest:
    """A release, and its first figures: each a label and the figure as it is printed."""

    volume: Volume
    figures: tuple[tuple[str, str], ...]


def latest(connection: Connection, line: str, language: Language) -> Latest | None:
    """The newest that is out for everybody, a whole year before its parts; None where nothing is."""
    mine = [each for each in shelf.volumes(connection, public=True) if each.line == line and each.files]
    volume = newest(mine)
    if volume is None:
        return None
    found = _keys(shelf.figures_of(connection, volume.address))
    return Latest(volume, tuple((words(each.label, language), figure(each.figure, language)) for each in found))


def newest(volumes: Iterable[Volume]) -> Volume | None:
    """The release of the latest year; of the same year, the whole one, then the latest part."""
    current = [each for each in volumes if not each.replaced]
    return max(
        current,
        key=lambda each: (each.period[:4], YEAR.fullmatch(each.period) is not None, each.period),
        default=None,
    )


def _keys(figures: Figures) -> list[KeyFigure]:
    return [each for each in key_figures(Facts(figures)) if each.id in SHOWN]
