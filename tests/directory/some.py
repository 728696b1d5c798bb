"""Entries of tests: any that may be, for properties, and one to vary."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from helpline.directory.entries import ALWAYS, Audience, Cost, Entry, Kind
from helpline.directory.phones import connectable
from helpline.directory.table import LONGEST
from helpline.directory.territories import territories
from ivr_flows.model import LANGUAGES

TODAY = dt.date(2026, 3, 10)
SERVICE = Entry(
    key="service",
    name="Service Exemple",
    kind=Kind.ASSOCIATION,
    audiences=frozenset({Audience.DOCTOR}),
    territories=("31",),
    languages=("fr",),
    phone="+33199001234",
    hours="le soir",
    cost=Cost.ORDINARY,
    independent=True,
    connect=True,
    website="https://example.org/aide?a=1&b=2",
    source="leur site",
    verified=dt.date(2026, 1, 31),
)
HEADER = "key,name,kind,audiences,territories,languages,phone"
ROW = "service,Service Exemple,association,doctor,31,fr,+33199001234"
PHONES = {
    "FR": ("+33199001234", "+33261911234", "+33826000401", "+33805232336", "+596596490001", "3114", "15"),
    "BE": ("+3225387365", "+3280023460", "+33199001234", "107", "1813", "112"),
}


_SIGNS = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"), exclude_characters="<>&{}"
)
_TRICKY = ("=1+1", "'=x", "-", "@a", "+33", "a;b", 'he said "no"', "''", ",", "né ; là", "'", "#N/A")


def words(column: str, smallest: int = 0) -> st.SearchStrategy[str]:
    """What a coordinator may write into a column: formulas, quotes, delimiters and letters of any script among it."""
    texts = st.one_of(st.sampled_from(_TRICKY), st.text(_SIGNS, max_size=12))
    trimmed = texts.map(lambda text: " ".join(text.split())[: LONGEST[column]].strip())
    return trimmed.filter(lambda text: len(text) >= smallest and not (column == "hours" and "24" in text))


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    """A directory of any shape, by key."""
    keys = draw(st.sets(st.sampled_from(["a", "9", "x-y", "service", "x" * 40]), max_size=3))
    return [draw(_entry(key)) for key in sorted(keys)]


@st.composite
def _entry(draw: st.DrawFn, key: str) -> Entry:
    country = draw(st.sampled_from(["FR", "BE"]))
    codes = [code for code, each in territories().items() if each.country == country]
    phone = draw(st.sampled_from(PHONES[country]))
    spoken = draw(st.sets(st.sampled_from(LANGUAGES), min_size=1))
    return Entry(
        key=key,
        name=draw(words("name", 1)),
        kind=draw(st.sampled_from(Kind)),
        audiences=frozenset(draw(st.sets(st.sampled_from(Audience), min_size=1))),
        territories=tuple(draw(st.lists(st.sampled_from(codes), min_size=1, max_size=4, unique=True))),
        languages=tuple(each for each in LANGUAGES if each in spoken),
        phone=phone,
        hours=draw(st.one_of(st.just(ALWAYS), words("hours"))),
        cost=draw(st.sampled_from(Cost)),
        independent=draw(st.sampled_from([None, True, False])),
        connect=connectable(phone) and draw(st.booleans()),
        website=draw(st.sampled_from(["", "https://example.org", "http://example.org/a?b=c&d=é"])),
        source=draw(words("source")),
        verified=draw(st.none() | st.dates(max_value=TODAY)),
    )
