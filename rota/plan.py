"""Whom to ring for one caller, in which order and for how long: fixed once, when the caller starts to wait.

A plan is a row of waves. When a wave begins its phones start to ring; they ring on through the next wave, so
that a second line is added while the first keeps ringing. The order of the waves is

    first       after a cut-off, the psychologist the caller was talking to, alone
    "exact"     people who speak the caller's language, a wave for each tier
    "accepted"  people who speak a language that the line accepts instead, a wave for each language
    "backup"    the coordinator and other backup numbers, a wave for each language
    "again"     everyone rung before, once more; whoever runs the plan skips those who declined

At night the first of these waves is one person alone; the rest of it makes the second. Nobody is rung in a
language that the line doesn't accept, and nobody twice before "again". Busy people are in no wave at all: a
second call must not beep into a conversation.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate, zip_longest
from typing import Literal, NamedTuple

from rota.model import OnCall, PlanError

Match = Literal["exact", "accepted", "backup", "again"]
MATCHES: tuple[Match, ...] = ("exact", "accepted", "backup", "again")


@dataclass(frozen=True, slots=True)
class RingTimes:
    """How long to wait, in seconds: for a wave by day and by night, for backups, and for one phone at most."""

    wave: int = 20
    night_wave: int = 25
    backup: int = 25
    longest_ring: int = 40

    def __post_init__(self) -> None:
        for name in ("wave", "night_wave", "backup", "longest_ring"):
            if getattr(self, name) < 1:
                raise PlanError(f"ring time {name} is {getattr(self, name)}: it must be at least 1 second")


STANDARD_TIMES = RingTimes()


@dataclass(frozen=True, slots=True)
class Backup:
    """A number of last resort by its place in the line's list, with the languages spoken there.

    No languages means that whoever answers takes the caller in the caller's own language.
    """

    index: int
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Target:
    """One phone to ring: of a person (an id) or a backup (an index), never both.

    `language` is the one the call will be held in; the phone rings for at most `ring_seconds`.
    """

    person: int | None
    backup: int | None
    language: str
    ring_seconds: int

    def __post_init__(self) -> None:
        if (self.person is None) == (self.backup is None):
            raise PlanError(f"a target is one person or one backup, not person {self.person}, backup {self.backup}")


@dataclass(frozen=True, slots=True)
class Wave:
    """Phones that start to ring together, in this order, and how long until the next wave starts.

    `tier` is the one rung, the first of them where a wave holds several; `None` in "backup" and "again" and for
    somebody no longer on call. `announce` is the language to tell the caller about, `None` if nothing is new.
    """

    targets: tuple[Target, ...]
    seconds: int
    match: Match
    tier: int | None
    announce: str | None = None


@dataclass(frozen=True, slots=True)
class RingPlan:
    """The waves in order. `busy_held`: everybody on call who could take the caller is busy with another."""

    waves: tuple[Wave, ...]
    busy_held: bool = False

    @property
    def starts(self) -> tuple[int, ...]:
        """For each wave the second at which it begins, if nobody takes the call before."""
        return tuple(accumulate((wave.seconds for wave in self.waves[:-1]), initial=0)) if self.waves else ()

    @property
    def seconds(self) -> int:
        """The longest that the plan can take, until the last wave is over and the last phone is silent."""
        return max(
            (
                start + max([wave.seconds, *(target.ring_seconds for target in wave.targets)])
                for start, wave in zip(self.starts, self.waves, strict=True)
            ),
            default=0,
        )

    def to_json(self) -> dict[str, object]:
        """The plan as plain lists and a dict, short, to be stored with the live call."""
        return {
            "v": 1,
            "busy": self.busy_held,
            "waves": [
                [
                    *(wave.match, wave.tier, wave.seconds, wave.announce),
                    [[t.person, t.backup, t.language, t.ring_seconds] for t in wave.targets],
                ]
                for wave in self.waves
            ],
        }

    @classmethod
    def from_json(cls, data: object) -> RingPlan:
        """The plan that `to_json` wrote. Raises `PlanError` on anything else."""
        match data:
            case {"v": 1, "busy": bool(busy), "waves": [*waves]}:
                return cls(tuple([_read_wave(wave) for wave in waves]), busy)
        raise PlanError(f"not a ring plan of version 1: {data!r:.80}")


def ring_plan(  # noqa: PLR0913 - a plan depends on this many facts, and the call site names each
    on_call: Sequence[OnCall],
    language: str,
    *,
    accepted: Sequence[str] = (),
    busy: Collection[int] = frozenset(),
    excluded: Collection[int] = frozenset(),
    first: int | None = None,
    backups: Sequence[Backup] = (),
    night: bool = False,
    times: RingTimes = STANDARD_TIMES,
) -> RingPlan:
    """The plan for a caller in `language`, given who is on call in ring order (the answer of `who`).

    `accepted` are the languages the line accepts instead, best first. `busy` and `excluded` people are left out:
    the busy ones are being rung or talking; `excluded` holds for this call only, after a hand-over. `first` is
    rung before everyone, even if no longer on call, because the call is theirs. A backup that speaks none of
    these languages is left out. With no backup and nobody free the plan is empty: tell the caller at once.
    """
    allowed = tuple(dict.fromkeys((language, *accepted)))
    able = [callee for callee in _able(on_call, allowed, first) if callee.person not in excluded]
    free = [callee for callee in able if callee.person not in busy]
    groups = _people(free, allowed, first)
    if night and groups:
        groups[:1] = _alone_first(groups[0])
    groups += _backups(backups, allowed)
    if free:
        rung = [callee for group in groups for callee in group.callees if callee.person is not None]
        groups.append(_Group("again", rung))
    return RingPlan(_timed(groups, language, night=night, times=times), busy_held=bool(able) and not free)


class _Callee(NamedTuple):
    """Whom to ring, and the best language for it."""

    person: int | None
    backup: int | None
    language: str
    tier: int | None = None


class _Group(NamedTuple):
    """A wave to be: never without callees."""

    match: Match
    callees: list[_Callee]
    tier: int | None = None
    language: str | None = None


def _able(on_call: Sequence[OnCall], allowed: tuple[str, ...], first: int | None) -> list[_Callee]:
    """Everyone who could take this caller, once each, by tier and ring order; before them `first` if not on call."""
    seats: dict[int, OnCall] = {}
    for seat in sorted(on_call, key=lambda seat: seat.tier):
        seats.setdefault(seat.person.id, seat)
    callees = [] if first is None or first in seats else [_Callee(first, None, allowed[0])]
    for person, seat in seats.items():
        spoken = _best(allowed, seat.person.skills)
        if spoken is not None:
            callees.append(_Callee(person, None, spoken, seat.tier))
    return callees


def _best(allowed: tuple[str, ...], spoken: frozenset[str]) -> str | None:
    return next((language for language in allowed if language in spoken), None)


def _people(free: list[_Callee], allowed: tuple[str, ...], first: int | None) -> list[_Group]:
    """The groups of people by day: `first`, the caller's language by tier, then each accepted language."""
    own, others = allowed[0], allowed[1:]
    ahead = [callee for callee in free if callee.person == first]
    rest = [callee for callee in free if callee.person != first]
    tiers = dict.fromkeys(callee.tier for callee in rest)
    groups = [_group("exact" if callee.language == own else "accepted", [callee]) for callee in ahead]
    groups += [_group("exact", [c for c in rest if c.tier == tier and c.language == own]) for tier in tiers]
    groups += [_group("accepted", [c for c in rest if c.language == language]) for language in others]
    return [group for group in groups if group.callees]


def _backups(backups: Sequence[Backup], allowed: tuple[str, ...]) -> list[_Group]:
    """The groups of backups: the caller's language first, within a language the line's own order."""
    callees = []
    for backup in backups:
        spoken = _best(allowed, backup.languages or frozenset(allowed))
        if spoken is not None:
            callees.append(_Callee(None, backup.index, spoken))
    groups = [_group("backup", [c for c in callees if c.language == language]) for language in allowed]
    return [group for group in groups if group.callees]


def _group(match: Match, callees: list[_Callee]) -> _Group:
    """A group whose callees all speak one language; it goes by the first one's tier, which is the lowest."""
    return _Group(match, callees, callees[0].tier, callees[0].language) if callees else _Group(match, [])


def _alone_first(group: _Group) -> list[_Group]:
    """The night's beginning: one person, so that not everybody is woken; then the others join."""
    parts = [_group(group.match, group.callees[:1]), _group(group.match, group.callees[1:])]
    return [part for part in parts if part.callees]


def _timed(groups: list[_Group], language: str, *, night: bool, times: RingTimes) -> tuple[Wave, ...]:
    """The groups as waves, with what to announce and how long each phone rings."""
    waves = []
    told = language
    for group, after in zip_longest(groups, groups[1:]):
        announce = None if group.language in (told, language) else group.language
        told = group.language or told
        seconds = ring = _seconds(group, night=night, times=times)
        # A person's phone must be silent again before it can be rung again; a backup's may ring on.
        if after is not None and (after.match != "again" or group.match == "backup"):
            ring += _seconds(after, night=night, times=times)
        ring = min(ring, times.longest_ring)
        targets = [Target(callee.person, callee.backup, callee.language, ring) for callee in group.callees]
        waves.append(Wave(tuple(targets), seconds, group.match, group.tier, announce))
    return tuple(waves)


def _seconds(group: _Group, *, night: bool, times: RingTimes) -> int:
    if group.match == "backup":
        return times.backup
    return times.night_wave if night else times.wave


def _read_wave(data: object) -> Wave:
    match data:
        case [str(kind), int() | None as tier, int(seconds), str() | None as announce, [*targets]] if kind in MATCHES:
            return Wave(tuple([_read_target(target) for target in targets]), seconds, kind, tier, announce)
    raise PlanError(f"not a wave of a ring plan: {data!r:.80}")


def _read_target(data: object) -> Target:
    match data:
        case [int() | None as person, int() | None as backup, str(language), int(ring_seconds)]:
            return Target(person, backup, language, ring_seconds)
    raise PlanError(f"not a target of a ring plan: {data!r:.80}")
