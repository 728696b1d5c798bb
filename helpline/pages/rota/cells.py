"""A cell of the calendar: a shift or a gap, who holds it, who could, and the form that changes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpline.lines import Line
from helpline.pages.formats import local
from helpline.pages.rota.cell_forms import Cell, Wish, change, page
from helpline.pages.rota.cell_seats import Seat, find_gap, of_gap, of_shift, one_shift
from helpline.pages.rota.cell_undo import Place
from helpline.pages.rota.steps import About, Act, mark_of
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import PageError, Site, Visit, gone
from helpline.shifts.editing import Desk, Outcome
from helpline.shifts.seating import Missing, Wanted, drop, fill, give
from rota.model import Shift, Span
from rota.staff import DAY

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

TIERS = frozenset("123456789")
LONGEST = 100 * DAY
"""Seconds; no page of ours names a longer gap, and looking for it takes the longer."""


def routes(_site: Site) -> tuple[Route, ...]:
    """`/rota/cell/...`."""
    return (
        Route("/rota/cell/<int:shift>", "rota_cell", show_shift, COORDINATOR),
        Route("/rota/cell/<int:shift>", "rota_cell_change", change_shift, COORDINATOR, "POST"),
        Route("/rota/cell/gap", "rota_cell_gap", show_gap, COORDINATOR),
        Route("/rota/cell/gap", "rota_cell_fill", change_gap, COORDINATOR, "POST"),
    )


def show_shift(visit: Visit, shift: int) -> ResponseReturnValue:
    """Who holds it, who else could; what stands there now, if it was changed or is over."""
    return page(visit, _of_shift(visit, shift, visit.asked("back")))


def change_shift(visit: Visit, shift: int) -> ResponseReturnValue:
    """Gives it to somebody, opens it, or takes it away."""
    me, now = visit.me.actor, visit.now

    def act(wish: Wish) -> Act[Outcome]:
        def run(desk: Desk, dry: bool) -> Outcome:
            if wish.drop:
                return drop(desk, shift, me, now, dry=dry)
            return give(desk, shift, wish.to, me, now, part=wish.span, dry=dry)

        kind, about = ("unseat", {}) if wish.drop else ("override", {"add": wish.to})
        return Act(kind, run, lambda outcome: mark_of(outcome, now), _says({"shift": shift} | about))

    return change(visit, _of_shift(visit, shift, visit.field("back")), act)


def _of_shift(visit: Visit, number: int, back: str) -> Cell:
    found = one_shift(visit, number)
    if found is None:
        gone()
    return cell_of(visit, found, back)


def cell_of(visit: Visit, shift: Shift, back: str) -> Cell:
    """The cell of a shift on one of our lines."""
    line = visit.site.lines[shift.line]
    place = Place.of(back, line.name, local(shift.start, line.zone).date())
    stands = shift.status != "cancelled" and shift.end > visit.now
    seat = of_shift(shift, visit.now) if stands else None
    return Cell(line, shift.tier, shift.span, place, seat, visit.url("rota_cell", shift=shift.id), ())


@dataclass(frozen=True, slots=True)
class Asked(Span):
    """Something missing as an address or a form names it."""

    line: Line
    tier: int | None
    skills: frozenset[str]
    back: str

    @classmethod
    def read(cls, visit: Visit, value: Callable[[str], str]) -> Asked:
        """What it names. Raises `PageError` for what can't be."""
        start, end = value("start"), value("end")
        if not all(text.isascii() and text.isdigit() and len(text) < 12 for text in (start, end)):
            gone()
        if not 0 < int(end) - int(start) <= LONGEST:
            gone()
        tier = int(value("tier")) if value("tier") in TIERS else None
        skills = frozenset(value("need").split())
        return cls(int(start), int(end), visit.site.line(value("line")), tier, skills, value("back"))

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """What a form carries of it."""
        return (
            ("line", self.line.name),
            ("tier", str(self.tier or "")),
            ("start", str(self.start)),
            ("end", str(self.end)),
            ("need", " ".join(sorted(self.skills))),
        )


def show_gap(visit: Visit) -> ResponseReturnValue:
    """What is missing, and who could take it; what stands there now, if nothing is missing any more."""
    return page(visit, _of_gap(visit, Asked.read(visit, visit.asked)))


def change_gap(visit: Visit) -> ResponseReturnValue:
    """Puts somebody there."""
    asked, me, now = Asked.read(visit, visit.field), visit.me.actor, visit.now

    def act(wish: Wish) -> Act[Outcome]:
        person = wish.to
        if person is None:
            raise PageError(400, "error-form")
        missing = Missing(max(asked.start, now), asked.end, asked.line, asked.tier, asked.skills)
        wanted = Wanted(wish.span.start, wish.span.end, wish.tier, person)

        def run(desk: Desk, dry: bool) -> Outcome:
            return fill(desk, missing, wanted, me, now, dry=dry)

        about = {"line": asked.line.name, "tier": wish.tier, "add": person, "end": wanted.end}
        return Act("override", run, lambda outcome: mark_of(outcome, now), _says(about))

    return change(visit, _of_gap(visit, asked), act)


def _of_gap(visit: Visit, asked: Asked) -> Cell:
    place = Place.of(asked.back, asked.line.name, local(asked.start, asked.line.zone).date())
    gap = find_gap(visit, asked.line, asked.tier, asked.skills, asked)
    seat: Seat | None = None if gap is None else of_gap(gap, asked, visit.now)
    return Cell(
        asked.line, asked.tier, Span(asked.start, asked.end), place, seat, visit.url("rota_cell_gap"), asked.fields
    )


def _says(wanted: About) -> Callable[[About], bool]:
    """Whether what is kept of an edit says all this."""
    return lambda about: all(key in about and about[key] == value for key, value in wanted.items())
