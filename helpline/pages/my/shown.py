"""Shifts and people as a psychologist's pages show them. Pure: from what was loaded, and `now`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import phonenumbers
from babel.dates import get_timezone_location

from helpline.lines import Line
from helpline.messages.texts import where
from helpline.pages.formats import Formats, local
from reports.words import Language
from rota.model import OnCall, Shift


@dataclass(frozen=True, slots=True)
class Seat:
    """A shift in words: where, when on its line's clocks, how long it is; `zone` is whose clocks these are."""

    id: int
    where: str
    when: str
    length: str
    zone: str
    begun: bool


@dataclass(frozen=True, slots=True)
class OnNow:
    """A seat that is held now: until when, and who else is on call there, in ring order."""

    where: str
    until: str
    beside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Puts shifts into words for one reader at `now` (UTC seconds)."""

    lines: Mapping[str, Line]
    language: Language
    now: int

    def seat(self, shift: Shift) -> Seat:
        """A shift of a line of ours."""
        line, fmt = self.lines[shift.line], Formats(self.language)
        return Seat(
            shift.id,
            where(line, shift.tier, self.language),
            fmt.span(shift.start, shift.end, line.zone),
            fmt.hours(shift.end - shift.start),
            self.zone(line),
            shift.start <= self.now,
        )

    def seats(self, shifts: Iterable[Shift]) -> list[Seat]:
        """Those of the shifts that are on a line of ours."""
        return [self.seat(shift) for shift in shifts if shift.line in self.lines]

    def zone(self, line: Line) -> str:
        """The town whose clocks a line's times are on."""
        return get_timezone_location(line.zone, locale=self.language, return_city=True)

    def until(self, line: Line, instant: int) -> str:
        """`20:00`, with its day if that isn't today's."""
        fmt, clock = Formats(self.language), Formats(self.language).clock(instant, line.zone)
        today = local(self.now, line.zone).date() == local(instant, line.zone).date()
        return clock if today else f"{fmt.day(instant, line.zone)}, {clock}"

    def on_now(self, line: Line, on_call: tuple[OnCall, ...], person: int) -> list[OnNow]:
        """The seats of this line that a person holds now; `on_call` is what `rota.oncall.who` answers."""
        beside = tuple(dict.fromkeys(held.person.name for held in on_call if held.person.id != person))
        return [
            OnNow(where(line, held.tier, self.language), self.until(line, held.until), beside)
            for held in on_call
            if held.person.id == person
        ]


def one_place(seats: Iterable[Seat]) -> str:
    """Where all of these are, "" when in several places or nowhere: said once, it needn't be said of each."""
    found = {seat.where for seat in seats}
    return found.pop() if len(found) == 1 else ""


def choices(seats: Sequence[Seat]) -> list[tuple[str, str]]:
    """Shifts to choose one from: number and words, with where it is if they aren't all in one place."""
    place = one_place(seats)
    return [(str(seat.id), seat.when if place else f"{seat.when} \u00b7 {seat.where}") for seat in seats]


def one_zone(seats: Iterable[Seat]) -> str:
    """The town whose clocks all of these are on, "" when there are several or none."""
    found = {seat.zone for seat in seats}
    return found.pop() if len(found) == 1 else ""


def international(number: str) -> str:
    """An E.164 number as people read it: `+33 1 99 00 01 01`; one that can't be read as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
