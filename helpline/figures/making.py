"""A release is made: the auditor runs over all that is out and what is to be, then every file is drawn.

Nothing is read here but the question, so that it can be asked in a process of its own (`helpline.figures.questions`).
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping
from importlib import metadata

from helpline.apart import answer
from helpline.figures.questions import Finding, Made, Question, Sources
from reports.audit.verdict import Exposure, audit
from reports.build import report_of
from reports.cells import Cell
from reports.figures import Figures, thaw
from reports.render.files import render_all

Progress = Callable[[str, int, int], None]
"""What is being done (`audit` or `files`), how much of it is done, and how much there is."""


def nobody(_what: str, _done: int, _total: int) -> None:
    """Is told of no progress."""


def make(question: Question, on_progress: Progress = nobody) -> Made:
    """Audits, and draws the files if nothing is exposed that wasn't before. Raises `AuditError` where it can't tell."""
    chosen = thaw(question.sources.figures)
    released = tuple(thaw(text) for text in question.released)
    found = exposures((*released, chosen), question.known, lambda done, total: on_progress("audit", done, total))
    if found:
        # What is out can't be taken back, and is no reason to refuse what adds nothing to it.
        before = {_address(one): one for one in exposures(released, question.known)}
        found = tuple(one for one in found if _is_news(one, before.get(_address(one))))
    if found:
        return Made(findings=tuple(finding(one) for one in found))
    return Made(files=draw(question.sources, on_progress))


def exposures(
    ledger: Iterable[Figures],
    known: Mapping[tuple[str, Cell], int],
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[Exposure, ...]:
    """What these figures expose together, to readers and to coordinators."""
    return tuple(audit(tuple(ledger), known, on_progress=on_progress).exposed)


def finding(exposure: Exposure) -> Finding:
    """An exposure without its figures."""
    cell = exposure.cell
    releases = tuple((each.line, each.period, each.revision) for each in exposure.releases)
    return Finding(exposure.line, cell.period, cell.table, cell.category, releases)


def draw(sources: Sources, on_progress: Progress = nobody) -> Mapping[str, bytes]:
    """Every file of a report. The same sources give the same bytes, under the same versions."""
    figures = thaw(sources.figures)
    on_progress("files", 0, 1)
    report = report_of(figures, years=tuple(thaw(text) for text in sources.years), earlier=sources.earlier)
    made_with = {"helpline": metadata.version("helpline"), "python": platform.python_version()}
    files = render_all(report, made_with=made_with, frozen=figures.digest())
    on_progress("files", 1, 1)
    return files


def _address(exposure: Exposure) -> tuple[str, Cell]:
    return exposure.line, exposure.cell


def _is_news(exposure: Exposure, before: Exposure | None) -> bool:
    if before is None:
        return True
    now, then = ((one.low, one.high, one.why, one.reader) for one in (exposure, before))
    return now != then


def main() -> None:
    """Reads a question from standard input, and writes what came of it to standard output."""

    def work(question: Question, is_wanted: Callable[[], bool]) -> Made:
        def look(_what: str, _done: int, _total: int) -> None:
            if not is_wanted():
                raise SystemExit(1)

        return make(question, look)

    answer(work)


if __name__ == "__main__":
    main()
