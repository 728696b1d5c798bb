"""What an edit of the rota comes to, and why one is refused, in the reader's language: for every page that edits it.

    {% from "rota/outcome.html" import outcome with context %}
    {{ outcome(told) }}

`told` is of an edit that was rehearsed or made, `reasons` of one that was refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.lists import format_list
from markupsafe import Markup
from sqlalchemy import select

from helpline.errors import UsageError
from helpline.pages.formats import local
from helpline.pages.rota import refusals
from helpline.pages.site import Visit
from helpline.shifts.editing import EditRefused, Outcome
from helpline.store.tables import Person
from rota.edit import Difference
from rota.gaps import Gap
from rota.limits import Finding
from rota.model import RotaError
from rota.zones import local_to_utc

MOST = 12
"""Lines of a kind that are shown; the rest is counted."""
Names = Mapping[int, str]
"""People's names, by id."""
FINDINGS: Mapping[str, str] = {
    "overlap": "finding-overlap",
    "absent": "finding-absent",
    "left": "finding-left",
    "tier": "finding-tier",
    "twice": "finding-twice",
    "wish": "finding-wish",
    "rest": "finding-rest",
    "stretch": "finding-stretch",
    "week": "finding-week",
    "nights": "finding-nights",
    "skills": "finding-skills",
}
"""What is wrong with somebody's shifts (`rota.limits`, `rota.replacing`) -> the text that goes on from their name."""


@dataclass(frozen=True, slots=True)
class Told:
    """An outcome in words. `takers` are the names of who could take each of the first `gaps`, the best first.

    `more_...` count those of a kind that are left out.
    """

    edit: int | None
    differences: tuple[str, ...]
    findings: tuple[str, ...]
    gaps: tuple[str, ...]
    takers: tuple[tuple[str, ...], ...] = ()
    more_differences: int = 0
    more_findings: int = 0
    more_gaps: int = 0

    @property
    def calm(self) -> bool:
        """Whether nothing is wrong with it."""
        return not (self.findings or self.gaps)


def told(visit: Visit, outcome: Outcome, names: Names | None = None) -> Told:
    """What an edit came to. `names`: if they are at hand; otherwise they are read."""
    known = read_names(visit) if names is None else names
    found = _once(outcome.findings)
    gaps = outcome.gaps[:MOST]
    return Told(
        outcome.edit,
        tuple(difference(visit, each, known) for each in outcome.differences[:MOST]),
        tuple(finding(visit, each, known) for each in found[:MOST]),
        tuple(gap(visit, each) for each in gaps),
        tuple(tuple(known.get(person, "?") for person in able) for able in outcome.takers[: len(gaps)]),
        len(outcome.differences[MOST:]),
        len(found[MOST:]),
        len(outcome.gaps[MOST:]),
    )


def reasons(visit: Visit, error: UsageError | RotaError, names: Names | None = None, line: str = "") -> list[str]:
    """Why an edit was refused, one sentence each; times are those of `line`, or of the first that there is."""
    if isinstance(error, EditRefused):
        known = read_names(visit) if names is None else names
        return [finding(visit, each, known, line) for each in _once(error.findings)[:MOST]]
    said = translated(visit, str(error))
    return [visit.say("refused-otherwise"), said] if isinstance(said, Markup) else [said]


def translated(visit: Visit, sentence: str) -> str:
    """A sentence of the rota in the reader's language; one that nobody foresaw as it is, marked as English."""
    found = refusals.find(sentence)
    if found is None:
        return Markup('<span lang="en">{}</span>').format(sentence)
    key, values = found
    return visit.say(key, **{name: _shown(visit, value) for name, value in values.items()})


def read_names(visit: Visit) -> dict[int, str]:
    """Everybody's name, also of those who have left."""
    with visit.site.store.read() as connection:
        return {row.id: row.name for row in connection.execute(select(Person.id, Person.name))}


def difference(visit: Visit, each: Difference, names: Names) -> str:
    """Who is on call otherwise, when, where."""
    gone, come = (", ".join(names.get(person, "?") for person in side) for side in (each.gone, each.come))
    key = "outcome-instead" if gone and come else "outcome-added" if come else "outcome-taken-off"
    values = {"gone": gone, "come": come} if gone and come else {"names": gone or come}
    what = visit.say(key, when=when(visit, each.start, each.end, zone_of(visit, each.line)), **values)
    return beside(place(visit, each.line, each.tier), what)


def finding(visit: Visit, each: Finding, names: Names, line: str = "") -> str:
    """What is wrong with whose shifts, and over which time."""
    times = when(visit, each.start, each.end, zone_of(visit, line))
    what = visit.say(FINDINGS[each.kind])
    return visit.say("outcome-finding", name=names.get(each.person, "?"), what=what, when=times)


def gap(visit: Visit, each: Gap) -> str:
    """What is missing, when, where."""
    what = visit.say("outcome-gap", what=lacking(visit, each), when=span_of(visit, each))
    return beside(place(visit, each.line, None), what)


def span_of(visit: Visit, each: Gap) -> str:
    """When a gap is."""
    return when(visit, each.start, each.end, zone_of(visit, each.line))


def lacking(visit: Visit, each: Gap) -> str:
    """What is missing in a gap: `nobody in tier 1`, `nobody who speaks Dutch`."""
    spoken = tongues(visit, each.skills, one_of=each.match == "any")
    tier = each.tier if visit.site.lines[each.line].settings.tiers > 1 else None
    if each.kind == "language":
        return visit.say("gap-language", languages=spoken)
    if each.kind == "nobody":
        what = visit.say("gap-nobody") if tier is None else visit.say("gap-nobody-tier", tier=tier)
        return what if each.missing == 1 else visit.say("gap-of", what=what, n=each.missing)
    key, where = ("gap-few", {}) if tier is None else ("gap-few-tier", {"tier": tier})
    what = visit.say(key, n=each.missing, **where)
    return visit.say("gap-who-speak", what=what, languages=spoken) if spoken else what


def tongues(visit: Visit, codes: Iterable[str], *, one_of: bool = False) -> str:
    """Languages by their names in the reader's: `French and Dutch`, or `French or Dutch` if one is enough."""
    known = Locale.parse(visit.language).languages
    names = [known.get(code, code) for code in sorted(codes)]
    return format_list(names, style="or" if one_of else "standard", locale=visit.language)


def place(visit: Visit, line: str, tier: int | None) -> str:
    """The line's name where there are several, and the tier where the line has several; perhaps ""."""
    found = visit.site.lines.get(line)
    if found is None:
        return line
    name = found.flow.spoken[visit.language] if len(visit.site.lines) > 1 else ""
    if tier is None or found.settings.tiers < 2:
        return name
    return beside(name, visit.say("outcome-tier", tier=tier), ", ")


def line_name(visit: Visit, line: str) -> str:
    """What a line is called."""
    found = visit.site.lines.get(line)
    return found.flow.spoken[visit.language] if found else line


def beside(first: str, second: str, between: str = "\u00a0\u00b7 ") -> str:
    """Both, or the one that isn't empty."""
    return between.join(filter(None, (first, second)))


def zone_of(visit: Visit, line: str = "") -> ZoneInfo:
    """A line's zone; that of the first line for one that isn't there."""
    lines = visit.site.lines
    return (lines.get(line) or next(iter(lines.values()))).zone


def when(visit: Visit, start: int, end: int, zone: ZoneInfo) -> str:
    """From when to when: whole days as days, the last one included; with the year where it isn't this one."""
    first, last = local(start, zone), local(end, zone)
    year = first.year != local(visit.now, zone).year or last.year != first.year
    if _midnight(start, zone) and _midnight(end, zone):
        days = first.date(), local(end - 1, zone).date()
        texts = [visit.formats.date(day, year=year) for day in days]
        return texts[0] if days[0] == days[1] else visit.say("when-days", first=texts[0], last=texts[1])
    if not year:
        return visit.formats.span(start, end, zone)
    moments = [f"{visit.formats.day(at, zone, year=True)}, {visit.formats.clock(at, zone)}" for at in (start, end)]
    return "\u2013".join(moments)


def _midnight(instant: int, zone: ZoneInfo) -> bool:
    day = local(instant, zone).replace(hour=0, minute=0, second=0, tzinfo=None)
    return local_to_utc(day, zone) == instant


def _once(found: Sequence[Finding]) -> list[Finding]:
    """Of what is wrong with somebody several times in one way, the first: a rotation may bring a hundred of them."""
    return list({(each.person, each.kind): each for each in reversed(found)}.values())[::-1]


def _shown(visit: Visit, text: str) -> str:
    """A day or a local time as the reader's language writes it; anything else as it is."""
    try:
        if len(text) == len("2026-03-10 13:00"):
            moment = datetime.strptime(text, "%Y-%m-%d %H:%M")  # noqa: DTZ007 - it is local, and shown as it is
            return f"{visit.formats.date(moment.date())}, {moment:%H:%M}"
        return visit.formats.date(date.fromisoformat(text), year=True)
    except ValueError:
        return text
