"""Releases as pages show them: by line and year, with what can be read and downloaded. No figure is looked at here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from helpline.figures.shelf import Volume
from helpline.lines import Line
from helpline.pages.formats import Formats, local
from helpline.pages.texts import ENDONYMS
from reports.closing import LINE
from reports.figures import TOGETHER
from reports.periods import MONTH, QUARTER, YEAR, full_name_of
from reports.words import LANGUAGES, Language, phrase

ENSEMBLE = "ensemble"
"""What all lines together are called in addresses, as in the names of their files."""
KINDS: Mapping[str, str] = {"html": "HTML", "pdf": "PDF", "xlsx": "Excel", "csv": "CSV", "json": "JSON"}
FOR_PROGRAMS = "figures-"
"""How the names of the figures' own files begin; other files for programs are called by their names."""


class Addresses(Protocol):
    """Where releases are read: for whoever signed in, or for everybody."""

    def report(self, volume: Volume) -> str:
        """The report as a page."""
        ...

    def file(self, volume: Volume, name: str) -> str:
        """One of its files."""
        ...


@dataclass(frozen=True, slots=True)
class Download:
    """A file: what it is called, where it is, and its language ("" for programs)."""

    label: str
    url: str
    language: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A release in a list."""

    title: str
    volume: Volume
    out: str
    """The day it came out, on the line's clocks."""
    url: str
    mine: tuple[Download, ...]
    """In the reader's language, and for programs."""
    others: tuple[Download, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """A year's reports, then those of its periods, each with what they replaced behind them."""

    year: int
    whole: tuple[Entry, ...]
    periods: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a line has out."""

    id: str
    name: str
    years: tuple[Year, ...]


def slug(line: str) -> str:
    """A line in addresses."""
    return ENSEMBLE if line == TOGETHER else line


def address_in(line: str, period: str) -> tuple[str, str] | None:
    """Line and period, as an address has them; None where it can't be one."""
    if not LINE.fullmatch(line) or not any(shape.fullmatch(period) for shape in (YEAR, QUARTER, MONTH)):
        return None
    return (TOGETHER if line == ENSEMBLE else line), period


def revision_in(text: str) -> int | None:
    """The revision that an address asks for: None for the newest, 0, which there is none of, for nonsense."""
    if not text:
        return None
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0


def name_in(lines: Mapping[str, Line], line: str, language: Language) -> str:
    """What a line is called; the id of one that is configured no more."""
    if line == TOGETHER:
        return phrase("page.together").to(language)
    return lines[line].flow.spoken[language] if line in lines else line


def title_of(period: str, language: Language) -> str:
    """What the report of a period is called."""
    if YEAR.fullmatch(period):
        return phrase("page.title").fill(year=period).to(language)
    name = full_name_of(period).to(language)
    return name[0].upper() + name[1:]


@dataclass(frozen=True, slots=True)
class Shown:
    """Shows releases in a language."""

    lines: Mapping[str, Line]
    addresses: Addresses
    language: Language

    def shelves(self, volumes: Iterable[Volume]) -> list[Shelf]:
        """Every line's, all lines together first; the latest year first, months in order."""
        mine: dict[str, dict[int, list[Volume]]] = {}
        for volume in volumes:
            mine.setdefault(volume.line, {}).setdefault(int(volume.period[:4]), []).append(volume)
        ordered = sorted(mine, key=lambda line: (line != TOGETHER, name_in(self.lines, line, self.language)))
        return [
            Shelf(
                slug(line),
                name_in(self.lines, line, self.language),
                tuple(self._year(year, mine[line][year]) for year in sorted(mine[line], reverse=True)),
            )
            for line in ordered
        ]

    def _year(self, year: int, volumes: Iterable[Volume]) -> Year:
        mine = tuple(volumes)
        whole = tuple(self.entry(volume) for volume in mine if YEAR.fullmatch(volume.period))
        return Year(
            year, whole, tuple(self.entry(volume, bare=True) for volume in mine if not YEAR.fullmatch(volume.period))
        )

    def entry(self, volume: Volume, *, bare: bool = False) -> Entry:
        """One release; `bare`, without its downloads, which stand on the report."""
        found = [] if bare else [self._download(volume, name) for name in volume.files]
        own = [each for each in found if each.language == self.language or each.label in {"CSV", "JSON"}]
        mine = [each for each in own if each.label != KINDS["html"]]  # that is what its title leads to
        order = list(KINDS.values())
        others = sorted(found, key=lambda each: (each.language == "", each.language != self.language, each.language))
        return Entry(
            title_of(volume.period, self.language),
            volume,
            self.day(volume),
            self.addresses.report(volume),
            tuple(sorted(mine, key=lambda each: order.index(each.label))),
            tuple(self._named(each) for each in others if each not in mine),
        )

    def day(self, volume: Volume) -> str:
        """The day a release came out, where the line is."""
        zone = next(self.lines[line].zone for line in (volume.line, *self.lines) if line in self.lines)
        return Formats(self.language).date(local(volume.released_at, zone).date(), year=True)

    def _download(self, volume: Volume, name: str) -> Download:
        parts = name.split(".")
        language = parts[-2] if parts[-2] in LANGUAGES else ""
        label = KINDS.get(parts[-1], name) if language or name.startswith(FOR_PROGRAMS) else name
        return Download(label, self.addresses.file(volume, name), language)

    def _named(self, download: Download) -> Download:
        endonym: Callable[[str], str] = {str(code): name for code, name in ENDONYMS.items()}.__getitem__
        label = f"{download.label} ({endonym(download.language)})" if download.language else download.label
        return Download(label, download.url, download.language)


def page_of(volume: Volume, language: Language) -> str | None:
    """The name of the file that is the report as a page in this language; None if it has no files."""
    return next((name for name in volume.files if name.endswith(f".{language}.html")), None)
