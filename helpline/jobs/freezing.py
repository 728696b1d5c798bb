"""Daily: periods that are over for 72 hours are closed, and from 31 March on only figures are left of the last year.

What can't be closed yet is tried again the next day, and says so in the log: a helpline whose worker runs has all its
figures without anybody's doing. One line's trouble is no other's. A line that is taken out of the configuration before
its last year is closed has no figures of it, and its records go like all others.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from helpline.errors import HelplineError
from helpline.figures import records
from helpline.figures.closing import Office, close, due
from helpline.figures.counting import one_moment
from helpline.figures.gates import SETTLED, settles_at, years_with_calls
from helpline.figures.records import DAY
from helpline.figures.settling import settle, together
from helpline.lines import Line
from helpline.store.sessions import Store
from reports.errors import ReportError

log = logging.getLogger(__name__)


def run(office: Office, lines: Mapping[str, Line], now: int) -> int:
    """Closes what is due at `now` (UTC seconds) and settles years; how many periods were closed. Idempotent."""
    made = sum(_close_due(office, line, now) for line in lines.values())
    made += _close_together(office, lines, now)
    for year in _years(office, lines, now):
        settled = settle(office, lines, year, now)
        for name in settled.revised:
            log.info("figures.revised", extra={"line": name, "kind": str(year)})
        for name, reason in settled.waiting.items():
            log.error("figures.not_settled", extra={"line": name, "kind": str(year), "reason": reason})
        if settled.deleted:
            log.info("records.deleted", extra={"kind": str(year)})
    _forget_lines(office.store, lines, now)
    return made


def _forget_lines(store: Store, lines: Mapping[str, Line], now: int) -> None:
    """Records of a line that is configured no more are deleted when its day has come all the same, wherever it was.

    Until then it is said every day: under another name they can be closed by nobody.
    """
    with store.read() as connection:
        gone = sorted(each for each in records.years(connection) if each[0] not in lines)
    for name, year in gone:
        if now < datetime(year + 1, *SETTLED, tzinfo=UTC).timestamp() + DAY:
            log.warning("records.without_line", extra={"line": name, "kind": str(year)})
            continue
        with store.durable() as tx:
            records.alone(tx)
            records.forget(tx, name, year)
        log.warning("records.deleted", extra={"line": name, "kind": str(year)})


def _close_due(office: Office, line: Line, now: int) -> int:
    made = 0
    try:
        periods = due(office, line, now)
    except (HelplineError, ReportError) as error:
        log.error("figures.not_closed", extra={"line": line.name, "reason": str(error)})
        return 0
    for period in periods:
        try:
            made += len(close(office, line, period, now).made)
        except (HelplineError, ReportError) as error:
            log.warning("figures.not_closed", extra={"line": line.name, "kind": period, "reason": str(error)})
        else:
            log.info("figures.closed", extra={"line": line.name, "kind": period})
    return made


def _close_together(office: Office, lines: Mapping[str, Line], now: int) -> int:
    """Last year's figures of all lines, as soon as every line has its own; an earlier year's are `settle`'s."""
    if len(lines) < 2:
        return 0
    year = max(line.local(now).year for line in lines.values()) - 1
    try:
        return len(together(office, lines, year, now).made)
    except (HelplineError, ReportError) as error:
        log.info("figures.not_together", extra={"kind": str(year), "reason": str(error)})
        return 0


def _years(office: Office, lines: Mapping[str, Line], now: int) -> list[int]:
    """The years of which some line's records have had their time."""
    with one_moment(office.store) as connection:
        found = {
            year
            for line in lines.values()
            for year in years_with_calls(connection, line, now)
            if settles_at(line, year) <= now
        }
    return sorted(found)
