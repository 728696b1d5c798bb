"""What holds for every ring plan, whoever is on call, busy, excluded or cut off."""

from __future__ import annotations

import json
from itertools import groupby, zip_longest
from typing import TypedDict

from hypothesis import given
from hypothesis import strategies as st

from rota.model import LANGUAGES, OnCall, Person
from rota.plan import Backup, RingPlan, RingTimes, Target, ring_plan

LANGUAGE = st.sampled_from(LANGUAGES)
IDS = st.integers(1, 7)
TIMES = st.builds(RingTimes, *[st.integers(1, 60)] * 4)
ORDER = {"exact": 0, "accepted": 1, "backup": 2, "again": 3}


class Situation(TypedDict):
    """Everything `ring_plan` is told."""

    on_call: list[OnCall]
    language: str
    accepted: list[str]
    busy: frozenset[int]
    excluded: frozenset[int]
    first: int | None
    backups: list[Backup]
    night: bool
    times: RingTimes


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Any combination of them."""
    seats = draw(st.lists(st.tuples(IDS, st.integers(1, 3)), max_size=7))
    skills = draw(st.fixed_dictionaries({person: st.frozensets(LANGUAGE) for person in range(1, 8)}))
    spoken = draw(st.lists(st.frozensets(LANGUAGE), max_size=3))
    return {
        "on_call": [
            OnCall(Person(person, f"Person {person}", skills[person]), tier, shift, 10**9)
            for shift, (person, tier) in enumerate(seats)
        ],
        "language": draw(LANGUAGE),
        "accepted": draw(st.lists(LANGUAGE, max_size=4)),
        "busy": draw(st.frozensets(IDS)),
        "excluded": draw(st.frozensets(IDS, max_size=2)),
        "first": draw(st.none() | IDS),
        "backups": [Backup(index, languages) for index, languages in enumerate(spoken)],
        "night": draw(st.booleans()),
        "times": draw(st.just(RingTimes()) | TIMES),
    }


def plan_for(situation: Situation) -> RingPlan:
    """The plan of a situation."""
    return ring_plan(**situation)


def phone(target: Target) -> tuple[str, int | None]:
    """What rings: a person's phone or a backup's."""
    return ("backup", target.backup) if target.person is None else ("person", target.person)


def early(plan: RingPlan) -> list[Target]:
    """Every target rung before the re-ring."""
    return [target for wave in plan.waves if wave.match != "again" for target in wave.targets]


@given(situations())
def test_busy_and_excluded_people_never_ring(situation: Situation) -> None:
    """Not in any wave, not even the re-ring, not even after a cut-off."""
    left_out = situation["busy"] | situation["excluded"]
    assert not left_out & {target.person for wave in plan_for(situation).waves for target in wave.targets}


@given(situations())
def test_no_phone_is_rung_twice_before_the_re_ring(situation: Situation) -> None:
    """Each person and each backup is in one wave at most."""
    phones = [phone(target) for target in early(plan_for(situation))]
    assert len(phones) == len(set(phones))


@given(situations())
def test_the_re_ring_is_last_and_once_and_of_those_rung_before(situation: Situation) -> None:
    """It rings exactly the people of the earlier waves, in their order, with their languages."""
    plan = plan_for(situation)
    again = [wave for wave in plan.waves if wave.match == "again"]
    rung = [(target.person, target.language) for target in early(plan) if target.person is not None]
    assert again in ([], [plan.waves[-1]]) if plan.waves else not again
    assert [(target.person, target.language) for wave in again for target in wave.targets] == rung


@given(situations())
def test_exact_precedes_accepted_precedes_backup_precedes_again(situation: Situation) -> None:
    """Only the psychologist of a conversation cut off may come before the order."""
    waves = plan_for(situation).waves
    if waves and waves[0].targets[0].person == situation["first"] is not None:
        waves = waves[1:]
    order = [ORDER[wave.match] for wave in waves]
    assert order == sorted(order)
    tiers = [wave.tier or 0 for wave in waves if wave.match == "exact"]
    assert tiers == sorted(tiers)


@given(situations())
def test_only_languages_that_the_line_accepts_are_rung(situation: Situation) -> None:
    """And each person in a language they speak; "exact" is the caller's own, "accepted" another."""
    language = situation["language"]
    allowed = {language, *situation["accepted"]}
    speaks = {seat.person.id: seat.person.skills for seat in situation["on_call"]}
    for wave in plan_for(situation).waves:
        for target in wave.targets:
            assert target.language in allowed
            assert target.person is None or target.language in speaks.get(target.person, {language})
            assert (target.language == language) or wave.match != "exact"
            assert (target.language != language) or wave.match != "accepted"


@given(situations())
def test_everybody_free_who_can_take_the_caller_is_rung(situation: Situation) -> None:
    """Nobody who could help is forgotten."""
    allowed = {situation["language"], *situation["accepted"]}
    left_out = situation["busy"] | situation["excluded"]
    able = {seat.person.id for seat in situation["on_call"] if seat.person.skills & allowed}
    assert able - left_out <= {target.person for target in early(plan_for(situation))}


@given(situations())
def test_never_empty_as_long_as_a_backup_can_take_the_caller(situation: Situation) -> None:
    """Every backup with a language the line accepts, or with none declared, rings in every plan."""
    allowed = {situation["language"], *situation["accepted"]}
    usable = [b.index for b in situation["backups"] if not b.languages or b.languages & allowed]
    rung = [target.backup for target in early(plan_for(situation)) if target.backup is not None]
    assert sorted(rung) == usable


@given(situations())
def test_the_caller_is_held_as_busy_only_with_nobody_free(situation: Situation) -> None:
    """`busy_held` says that some of those able are busy and none is free, whatever the backups do."""
    plan = plan_for(situation)
    everyone_free = plan_for(situation | {"busy": frozenset()})
    could = any(target.person is not None for target in early(everyone_free))
    rings = any(target.person is not None for target in early(plan))
    assert plan.busy_held == (could and not rings)


@given(situations())
def test_at_night_one_person_is_woken_first(situation: Situation) -> None:
    """At night a plan that rings people at all begins with one, and wakes nobody whom the day wouldn't ring."""
    night, day = plan_for(situation | {"night": True}), plan_for(situation | {"night": False})
    if night.waves and night.waves[0].match != "backup":
        assert len(night.waves[0].targets) == 1
    assert [phone(target) for target in early(night)] == [phone(target) for target in early(day)]


@given(situations())
def test_a_wave_speaks_one_language_and_says_so_when_it_is_new(situation: Situation) -> None:
    """A wave's language is announced when it is neither the caller's nor the one announced last."""
    last = own = situation["language"]
    for wave in plan_for(situation).waves:
        languages = {target.language for target in wave.targets}
        if wave.match == "again":
            assert wave.announce is None
            continue
        assert len(languages) == 1
        spoken = languages.pop()
        assert wave.announce == (None if spoken in (own, last) else spoken)
        last = spoken


@given(situations())
def test_the_same_situation_gives_the_same_plan(situation: Situation) -> None:
    """Two nodes that plan one call agree, and sets in another order change nothing."""
    busy = frozenset(sorted(situation["busy"], reverse=True))
    assert plan_for(situation) == plan_for(situation | {"busy": busy})


@given(situations())
def test_the_promised_time_is_what_a_plain_simulation_says(situation: Situation) -> None:
    """Second by second: waves begin on time, no phone rings twice at once, and all is silent at the end."""
    plan = plan_for(situation)
    begins = dict(zip(plan.starts, plan.waves, strict=True))
    ringing: dict[tuple[str, int | None], int] = {}
    second = over = 0
    while second in begins or ringing or second < over:
        ringing = {what: left for what, left in ringing.items() if left > 0}
        if second in begins:
            wave = begins.pop(second)
            over = second + wave.seconds
            assert not ringing.keys() & {phone(target) for target in wave.targets}
            ringing |= {phone(target): target.ring_seconds for target in wave.targets}
        if not ringing and second >= over:
            break
        ringing = {what: left - 1 for what, left in ringing.items()}
        second += 1
    assert not begins
    assert plan.seconds == second


@given(situations())
def test_no_phone_rings_too_long(situation: Situation) -> None:
    """A phone rings for its own wave and the next at most, and never beyond the longest ring."""
    plan = plan_for(situation)
    for wave, after in zip_longest(plan.waves, plan.waves[1:]):
        rings = [target.ring_seconds for target in wave.targets]
        assert [rings[0]] == [length for length, _ in groupby(rings)]
        assert 0 < rings[0] <= situation["times"].longest_ring
        assert rings[0] <= wave.seconds + (after.seconds if after else 0)


@given(situations())
def test_a_plan_survives_being_stored(situation: Situation) -> None:
    """Through JSON text and back it is the same plan."""
    plan = plan_for(situation)
    assert RingPlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
