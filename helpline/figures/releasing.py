"""A closed period is published: checked by the auditor, drawn in every format, and kept as it was drawn, for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from helpline.errors import UsageError
from helpline.figures.frozen import closed, latest
from helpline.figures.known import read_known
from helpline.figures.making import Progress, finding, make, nobody
from helpline.figures.preparing import Published, address_of, make_public, prepare, published, put
from helpline.figures.questions import Finding, named, told
from helpline.lines import Line
from helpline.store.sessions import Store
from reports.audit.verdict import audit
from reports.figures import TOGETHER
from reports.periods import Profile, grain

ATTEMPTS = 3


class ExposedError(UsageError):
    """The release would expose somebody. `findings` name the cells, and never what is in them."""

    def __init__(self, line: str, period: str, findings: tuple[Finding, ...]) -> None:
        cells = "\n".join(f"  - {told(finding)}" for finding in findings)
        super().__init__(
            f"{named(line)} {period} can't be published: with what is out already, these could be known:\n{cells}\n"
            f"Nothing was written. {_remedy(line, period)}"
        )
        self.findings = findings


def release(
    store: Store,
    lines: Mapping[str, Line],
    line: str,
    period: str,
    now: int,
    *,
    public: bool = False,
    on_progress: Progress = nobody,
) -> Published:
    """Publishes the latest revision of a closed period of `line` (`*`: of all lines together), to everybody if asked.

    One that is out is left as it is, but that it may become public; a revision of a public one always is. Raises
    `ExposedError`; `UsageError` where the period isn't closed; `AuditError` where the auditor can't tell.
    """
    for _ in range(ATTEMPTS):
        prepared = prepare(store, lines, line, period, now)
        if prepared.chosen.released_at is not None:
            if public:
                make_public(store, address_of(prepared.chosen))
            done = published(prepared.chosen)
            return replace(done, public=done.public or public)
        made = make(prepared.question, on_progress)
        if made.findings:
            raise ExposedError(line, period, made.findings)
        if found := put(store, prepared, made, now, public=public):
            return found
    raise UsageError(f"other releases came out while {named(line)} {period} was being made; try again")


@dataclass(frozen=True, slots=True)
class Looked:
    """What the auditor says of everything that is out and everything closed that could be."""

    checked: int
    """Cells."""
    out: int
    closed: int
    findings: tuple[Finding, ...]
    given_up: tuple[str, ...]
    """What a reader would assume and the figures contradict: the auditor left it out."""


def look(store: Store, lines: Mapping[str, Line], on_progress: Progress = nobody) -> Looked:
    """Audits what is published together with the latest revision of whatever is closed. Raises `AuditError`."""
    with store.read() as connection:
        every = closed(connection)
        out = [each for each in every if each.released_at is not None]
        could = [each for each in latest(every) if each.released_at is None]
        ledger = [each.figures for each in (*out, *could)]
        known = read_known(connection, lines, ledger)
    verdict = audit(ledger, known, on_progress=lambda done, total: on_progress("audit", done, total))
    return Looked(verdict.checked, len(out), len(could), tuple(map(finding, verdict.exposed)), verdict.given_up)


def _remedy(line: str, period: str) -> str:
    if line == TOGETHER:
        return f"Leave {period} of all lines together unpublished: each line's own report stands."
    coarser = f"let the line publish coarser periods from the next year on ([lines.{line}] period)"
    then = coarser if grain(period) is Profile.YEAR else f"if its year is refused, too, {coarser}"
    return f"Leave {period} unpublished; {then}. docs/decisions/0020 says why no part of a report can be left out."
