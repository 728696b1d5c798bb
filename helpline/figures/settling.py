"""The end of a year's records: its figures are corrected once, and then nothing but figures is left of it.

All lines together are closed here too, because that takes the records of each.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, update

from helpline.errors import HelplineError, UsageError
from helpline.figures import records
from helpline.figures.closing import Closed, Office, close, freeze_all, named, printed
from helpline.figures.counting import Progress, nobody, one_moment, read_inputs, read_together
from helpline.figures.frozen import Frozen, closed, find, keep
from helpline.figures.gates import has_calls, refuse_other_secret, refuse_uncounted, settles_at
from helpline.lines import Line
from helpline.store.figure_tables import Release
from reports.closing import Inputs, figures_of
from reports.closing import Line as NamedLine
from reports.closing import together as combined
from reports.errors import ReportError
from reports.figures import TOGETHER, Figures
from reports.periods import Profile

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a year: whose figures were corrected, how many records are gone, and who has to wait for what."""

    revised: tuple[str, ...]
    deleted: int
    waiting: Mapping[str, str]
    """Line -> why nothing of it was deleted."""


def together(office: Office, lines: Mapping[str, Line], year: int, now: int, on_progress: Progress = nobody) -> Closed:
    """Freezes a year of all lines with calls in it, as line `*`, once each of them is closed and while it has records.

    Rounded on its own; without what lines don't share; the days are those of the first line. Idempotent. Raises
    UsageError where it can't be.
    """
    made: tuple[str, ...] = ()
    while True:
        with one_moment(office.store) as connection:
            ledger = closed(connection, TOGETHER, year)
            if known := find(ledger, str(year)):
                return Closed(known, made)
            sharing = _sharing(office, connection, lines, year)
            figures = _together(office, connection, sharing, year, now, on_progress)
        made = freeze_all(office, ledger, [figures])


def revise(office: Office, line: Line, year: int, now: int) -> Frozen | None:
    """Corrects a closed year by what its records and counters say at `now`, as revision 2.

    None, and nothing is written, where nothing changed, where it was corrected before, and where what would change
    isn't a number: with other lists or another secret it would be another report of the same calls. Raises UsageError
    while calls of it have still to become records, or when they are gone.
    """
    with office.store.durable() as tx:
        records.alone(tx)
        before = _open_year(tx, line, year)
        refuse_uncounted(tx, line, str(year))
        _revise(office, tx, line, before, now)
    with office.store.read() as connection:
        after = find(closed(connection, line.name, year), str(year))
    return after if after is not None and after.figures.revision > before.figures.revision else None


def settle(office: Office, lines: Mapping[str, Line], year: int, now: int) -> Settled:
    """From 31 March on, in each line's own days: its year is closed, corrected, and loses its records in one moment.

    Nothing is deleted of a year that can't be closed or may still grow: it waits, and the next time does it. All lines
    together are closed and corrected before the first of them loses its records. Idempotent.
    """
    revised: list[str] = []
    waiting: dict[str, str] = {}
    deleted = 0
    ready = []
    for line in lines.values():
        try:
            if _is_ready(office, line, year, now):
                close(office, line, str(year), now)
                ready.append(line)
        except (HelplineError, ReportError) as error:
            waiting[line.name] = str(error)
    try:
        if ready and _combine(office, lines, year, now):
            revised.append(TOGETHER)
    except UsageError as error:
        return Settled((), 0, waiting | {line.name: str(error) for line in ready})
    for line in ready:
        try:
            corrected, gone = _finish(office, line, year, now)
        except (HelplineError, ReportError) as error:
            waiting[line.name] = str(error)
            continue
        revised += [line.name] if corrected else []
        deleted += gone
    return Settled(tuple(revised), deleted, waiting)


def _is_ready(office: Office, line: Line, year: int, now: int) -> bool:
    """Whether something is left to settle of this line, and its day has come."""
    if settles_at(line, year) > now:
        return False
    with office.store.read() as connection:
        known = find(closed(connection, line.name, year), str(year))
        if known is None:
            return has_calls(connection, line, year)
        return not known.final or records.has_any(connection, line.name, year)


def _finish(office: Office, line: Line, year: int, now: int) -> tuple[bool, int]:
    """Whether the year was corrected, and how many records went."""
    with office.store.durable() as tx:
        records.alone(tx)
        known = find(closed(tx, line.name, year), str(year))
        if known is None:
            raise UsageError(f"{year} isn't closed on the line {line.name}; close it first")
        corrected = False
        if not known.final:  # what comes after that is no year to count again
            refuse_uncounted(tx, line, str(year))
            corrected = _revise(office, tx, line, known, now)
            mine = Release.line.in_((line.name, TOGETHER)), Release.period.like(f"{year}%")
            tx.execute(update(Release).where(*mine).values(final=True))
        return corrected, records.forget(tx, line.name, year)


def _open_year(connection: Connection, line: Line, year: int) -> Frozen:
    known = find(closed(connection, line.name, year), str(year))
    if known is None:
        raise UsageError(f"{year} isn't closed on the line {line.name}, so there is nothing to correct; close it first")
    if known.final:
        raise UsageError(f"the records of {year} on the line {line.name} are gone: what is printed of it stays")
    return known


def _revise(office: Office, tx: Connection, line: Line, before: Frozen, now: int) -> bool:
    """Writes the correction, if there is one."""
    year = before.figures.year
    frozen = printed(closed(tx, line.name, year), str(year))
    inputs = replace(read_inputs(tx, line, str(year)), frozen=frozen)
    return _correct(office, tx, named(line), before, inputs, now)


def _correct(office: Office, tx: Connection, line: NamedLine, before: Frozen, inputs: Inputs, now: int) -> bool:
    old = before.figures
    if old.revision > 1:
        return False
    reason = None if before.secret == office.fingerprint else "the rounding secret is another one"
    if reason is None:
        frame = office.frame(line, old.period, old.profile, now)
        # The rota's hours are as they were: somebody who has left since is in no shift any more.
        inputs = replace(inputs, coverage=old.coverage)
        new = figures_of(replace(frame, revision=old.revision + 1), inputs, office.secret)
        if new.counts.keys() == old.counts.keys():
            changed = _numbers(new) != _numbers(old)
            return changed and keep(tx, new, office.fingerprint)
        reason = "the lists are others"
    log.warning("figures.not_revised", extra={"line": old.line, "kind": old.period, "reason": reason})
    return False


def _numbers(figures: Figures) -> tuple[object, ...]:
    return dict(figures.counts), figures.mean


def _combine(office: Office, lines: Mapping[str, Line], year: int, now: int) -> bool:
    """Closes all lines together if they can be, and corrects them if they can be; whether that changed anything.

    Raises UsageError while calls of any of them have still to become records: afterwards it could never be corrected.
    """
    if len(lines) < 2:
        return False
    try:
        known = together(office, lines, year, now).frozen
    except (HelplineError, ReportError) as error:
        log.info("figures.not_together", extra={"kind": str(year), "reason": str(error)})
        return False
    if known.final:
        return False
    with office.store.durable() as tx:
        records.alone(tx)
        for line in lines.values():
            refuse_uncounted(tx, line, str(year))
        try:
            sharing = _sharing(office, tx, lines, year)
            inputs = read_together(tx, sharing, str(year), TOGETHER)
        except (HelplineError, ReportError) as error:
            # It stays as it is printed: a line that is gone, or another secret, is no reason to keep records for ever.
            log.warning("figures.not_revised", extra={"line": TOGETHER, "kind": str(year), "reason": str(error)})
            return False
        return _correct(office, tx, _everybody(sharing), known, inputs, now)


def _together(
    office: Office, connection: Connection, lines: list[Line], year: int, now: int, on_progress: Progress
) -> Figures:
    inputs = read_together(connection, lines, str(year), TOGETHER, on_progress)
    return figures_of(office.frame(_everybody(lines), str(year), Profile.YEAR, now), inputs, office.secret)


def _everybody(lines: list[Line]) -> NamedLine:
    return combined(lines[0].settings.timezone)


def _sharing(office: Office, connection: Connection, lines: Mapping[str, Line], year: int) -> list[Line]:
    """The lines with calls in the year, each of them closed and with its records. UsageError otherwise."""
    found = []
    for line in lines.values():
        ledger = closed(connection, line.name, year)
        known = find(ledger, str(year))
        if known is None and not has_calls(connection, line, year):
            continue
        if known is None:
            raise UsageError(f"{year} isn't closed on the line {line.name}; close it first")
        if known.final:
            raise UsageError(f"the records of {year} on the line {line.name} are gone: it can't be counted with others")
        refuse_other_secret(ledger, str(year), office.fingerprint)
        refuse_uncounted(connection, line, str(year))
        found.append(line)
    if len(found) < 2:
        raise UsageError(f"fewer than two lines had calls in {year}: there is nothing to put together")
    return found
