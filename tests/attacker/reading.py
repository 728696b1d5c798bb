"""What a funder reads: the CSV files of all releases, and the definitions printed in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.attacker.arithmetic import Sums

Name = tuple[str, str, str]
"""Line, period, and what was counted, as `offered` or `main-reason/burnout`."""
ENDS = ("answered", "abandoned", "unanswered", "failed", "unknown")
RATES = {
    "service-level-20": ("answered-within-20", "base-20"),
    "service-level-60": ("answered-within-60", "base-60"),
}
"""What these rates are made of; the others are made of what stands in the table above them."""
WORKED_OUT = "abandonment-rate-without-short"
"""Made of differences of printed numbers: it says nothing of its own."""
SHARES = ("main-reason", "reason-group", "caller", "status", "speciality", "territory", "language", "severity")
"""Tables whose rows add up to the conversations."""
WAITS = ("0-5", "5-20", "20-60", "60-180", "180+")


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as printed; None where it says "<10"."""

    name: Name
    value: int | None


def read(text: str) -> list[Printed]:
    """The numbers of calls of one file. Percentages, minutes and hours are left aside: they come from these."""
    found = []
    for row in csv.DictReader(io.StringIO(text, newline="")):
        if row["unit"] == "calls" and (what := _what(row)):
            period = row["category"] if row["category"].startswith(f"{row['year']}-") else row["period"]
            value = int(row["value"]) if row["value"] else None
            found.append(Printed((row["line"], period, what), value))
    return found


def _what(row: Mapping[str, str]) -> str | None:
    indicator, category, measure = row["indicator"], row["category"], row["measure"]
    if indicator == WORKED_OUT:
        return None
    if indicator in RATES:
        return RATES[indicator][("part", "whole").index(measure)] if measure in ("part", "whole") else None
    if indicator == "periods":
        return measure
    if indicator == "reason-group" and measure != "count":
        return "conversations" if measure == "all" else f"reason-group/{measure}"
    if measure != "count" or row["section"] == "years":
        return None
    if category == "total":
        totals = {"contact-kind": "contacts", "duration": "talks"}
        return totals.get(
            indicator, indicator.removesuffix("-wait") if indicator.endswith("-wait") else "conversations"
        )
    return indicator if category == "all" else f"{indicator}/{category}"


def understood(
    files: Iterable[str], family_of: Mapping[str, str], more: Iterable[tuple[Name, int | None, Mapping[Name, int]]] = ()
) -> Sums[Name]:
    """Everything that the files say and that their definitions imply. ValueError if one number is printed two ways.

    `family_of` is the public list of reasons. `more` are further tables: a name, what was printed, and its parts.
    """
    values: dict[Name, int | None] = {}
    for text in files:
        for printed in read(text):
            if values.setdefault(printed.name, printed.value) != printed.value:
                raise ValueError(f"{printed.name} is printed as {values[printed.name]} and as {printed.value}")
    sums: Sums[Name] = Sums()
    for name, value in values.items():
        sums.quantity(name, *reach(value))
    for line, period in sorted({(line, period) for line, period, _ in values}):
        _calls(sums, line, period)
        _conversations(sums, line, period, family_of)
    _over_time(sums)
    for name, value, parts in more:
        sums.quantity(name, *reach(value))
        sums.between(0, {name: -1, **parts}, 0)
    return sums


def reach(value: int | None) -> tuple[int, int]:
    """The counts a printed number can stand for: the methods annex says so."""
    return (0, 9) if value is None else (value - 4, value + 4)


def _rows(sums: Sums[Name], line: str, period: str, table: str) -> list[Name]:
    return [name for name in sums.place if name[:2] == (line, period) and name[2].startswith(f"{table}/")]


def _calls(sums: Sums[Name], line: str, period: str) -> None:
    def name(what: str) -> Name:
        return line, period, what

    known = {what for one, other, what in sums.place if (one, other) == (line, period)}
    if not {"failed", "offered"} <= known:
        return
    sums.equal(name("offered"), map(name, ENDS))
    sums.at_most(name("abandoned-short"), name("abandoned"))
    for share in ("night-share", "weekend-share"):
        sums.at_most(name(share), name("offered"))
    for less, more in (("answered-within-20", "answered-within-60"), ("answered-within-60", "answered")):
        sums.at_most(name(less), name(more))
    for less, more in (("answered", "base-60"), ("base-60", "base-20")):
        sums.at_most(name(less), name(more))
    late = {name("base-20"): -1, name("answered"): 1, name("abandoned"): 1, name("abandoned-short"): -1}
    sums.between(0, late, 10**6)
    if "talks" not in known:
        return
    for outcome in ("answered", "abandoned"):
        sums.equal(name(outcome), [name(f"{outcome}-wait/{band}") for band in WAITS])
    sums.equal(name("abandoned-short"), [name("abandoned-wait/0-5")])
    for seconds, count in ((20, 2), (60, 3)):
        sums.equal(name(f"answered-within-{seconds}"), [name(f"answered-wait/{band}") for band in WAITS[:count]])
        late_bands = [name(f"abandoned-wait/{band}") for band in WAITS[count:]]
        sums.equal(name(f"base-{seconds}"), [name("answered"), *late_bands])
    sums.equal(name("talks"), _rows(sums, line, period, "duration"))
    sums.equal(name("talks"), [name("answered")])


def _conversations(sums: Sums[Name], line: str, period: str, family_of: Mapping[str, str]) -> None:
    base = (line, period, "conversations")
    for table in SHARES:
        if rows := _rows(sums, line, period, table):
            sums.equal(base, rows)
    if (line, period, "answered") in sums.place and base in sums.place:
        sums.at_most(base, (line, period, "answered"))
    if (line, period, "contacts") not in sums.place:
        return
    contacts = (line, period, "contacts")
    sums.equal(contacts, _rows(sums, line, period, "contact-kind"))
    sums.equal(contacts, [(line, period, "answered")])
    sums.equal(base, [(line, period, "contact-kind/substantive")])
    families: dict[str, list[Name]] = {}
    for name in _rows(sums, line, period, "main-reason"):
        reason = name[2].partition("/")[2]
        families.setdefault(family_of[reason], []).append(name)
        sums.at_most(name, (line, period, f"all-reasons/{reason}"))
        sums.at_most((line, period, f"all-reasons/{reason}"), base)
    for family, reasons in families.items():
        sums.equal((line, period, f"reason-group/{family}"), reasons)
    every = _rows(sums, line, period, "all-reasons")
    sums.between(0, {**dict.fromkeys(every, 1), base: -1}, 10**6)
    sums.between(0, {**dict.fromkeys(every, -1), base: 3}, 10**6)
    given = (line, period, "orientation-given")
    sums.at_most(given, base)
    kinds = _rows(sums, line, period, "orientation")
    for kind in kinds:
        sums.at_most(kind, given)
    sums.between(0, {**dict.fromkeys(kinds, 1), given: -1}, 10**6)


def _over_time(sums: Sums[Name]) -> None:
    """A year is the sum of its periods."""
    for line, period, what in list(sums.place):
        inside = [
            name for name in sums.place if name[0] == line and name[2] == what and name[1].startswith(f"{period}-")
        ]
        if inside:
            sums.equal((line, period, what), inside)
