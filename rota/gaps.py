"""Where the rota doesn't cover a line: times with nobody on call in a tier, and languages nobody on call speaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from rota.model import Span
from rota.oncall import NO_SKILLS, Roster, Track


@dataclass(frozen=True, slots=True)
class Gap(Span):
    """A stretch of a line without cover: of a `tier` ("nobody" on call in it) or in a `language`."""

    line: str
    kind: Literal["nobody", "language"]
    tier: int | None = None
    language: str | None = None


def gaps(
    roster: Roster, line: str, start: int, end: int, *, tiers: Iterable[int] = (1,), languages: Iterable[str] = ()
) -> tuple[Gap, ...]:
    """Every gap of `line` within `[start, end)`, each as long as it lasts there, by start, tier and language.

    A tier has a gap while nobody is on call in it. A language has one while somebody is on call on the line, in
    any tier, but nobody who speaks it; with nobody there at all, the tiers' gaps already say so.
    Raises `SpanError` when `end` isn't after `start`.
    """
    span = Span(start, end)
    found = [
        Gap(gap.start, gap.end, line, "nobody", tier=tier)
        for tier in dict.fromkeys(tiers)
        for gap in roster.track(line, tier).unheld(span)
    ]
    wanted = frozenset(languages)
    if wanted:
        found += [
            Gap(gap.start, gap.end, line, "language", language=language)
            for language, gap in _unspoken(roster.track(line), span, wanted)
        ]
    return tuple(sorted(found, key=lambda gap: (gap.start, gap.kind != "nobody", gap.tier or 0, gap.language or "")))


def _unspoken(track: Track, span: Span, wanted: frozenset[str]) -> Iterator[tuple[str, Span]]:
    """Each language with each stretch in which somebody is on call and nobody speaks it."""
    since: dict[str, int] = {}
    before = NO_SKILLS
    for start, _, row in track.pieces(span):
        missing = wanted if row else NO_SKILLS
        for held in row:
            missing -= held.person.skills
            if not missing:
                break
        if missing == before:
            continue
        for language in before - missing:
            yield language, Span(since[language], start)
        since.update(dict.fromkeys(missing - before, start))
        before = missing
    for language in before:
        yield language, Span(since[language], span.end)
