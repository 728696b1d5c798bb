"""Whom to ring, in which order and for how long, case by case as a coordinator would describe it."""

from __future__ import annotations

import pytest

from rota.model import OnCall, Person, PlanError
from rota.plan import Backup, RingPlan, RingTimes, Target, Wave, ring_plan
from tests.rota.strategies import ALIX, BO, CLEO, DANA, held

FINN = Person(5, "Finn Voorbeeld", frozenset({"nl"}))


def outline(plan: RingPlan) -> list[tuple[str, list[int | str]]]:
    """Each wave's match and whom it rings; a backup as `b0`."""
    return [
        (wave.match, [f"b{target.backup}" if target.person is None else target.person for target in wave.targets])
        for wave in plan.waves
    ]


def test_the_first_line_rings_together_then_the_second_then_all_again() -> None:
    """By day everybody in tier 1 rings at once, tier 2 joins, and those who didn't answer are rung once more."""
    plan = ring_plan([held(ALIX), held(BO), held(CLEO, tier=2)], "fr")
    assert outline(plan) == [("exact", [1, 2]), ("exact", [3]), ("again", [1, 2, 3])]
    assert [wave.tier for wave in plan.waves] == [1, 2, None]


def test_the_first_line_keeps_ringing_while_the_second_is_added() -> None:
    """A phone rings through its own wave and the next; the last wave before the re-ring must fall silent for it."""
    plan = ring_plan([held(ALIX), held(CLEO, tier=2)], "fr")
    assert [(wave.seconds, wave.targets[0].ring_seconds) for wave in plan.waves] == [(20, 40), (20, 20), (20, 20)]
    assert plan.starts == (0, 20, 40)
    assert plan.seconds == 60


def test_at_night_one_person_is_rung_first() -> None:
    """At night the first wave is one person; the rest of the tier joins in the next."""
    plan = ring_plan([held(ALIX), held(BO), held(CLEO)], "fr", night=True)
    assert outline(plan) == [("exact", [1]), ("exact", [2, 3]), ("again", [1, 2, 3])]
    assert [wave.seconds for wave in plan.waves] == [25, 25, 25]
    assert plan.waves[0].targets[0].ring_seconds == 40


def test_at_night_a_fallback_that_comes_first_begins_with_one_person_too() -> None:
    """With nobody who speaks the caller's language, the night still wakes one person first."""
    plan = ring_plan([held(ALIX), held(BO)], "de", accepted=["fr"], night=True)
    assert outline(plan) == [("accepted", [1]), ("accepted", [2]), ("again", [1, 2])]
    assert [wave.announce for wave in plan.waves] == ["fr", None, None]


def test_languages_that_the_line_accepts_follow_in_their_order() -> None:
    """After everyone who speaks the caller's language come the accepted languages, each announced once."""
    plan = ring_plan([held(DANA), held(CLEO), held(BO, tier=2)], "nl", accepted=["de", "en"])
    assert outline(plan) == [("exact", [2]), ("accepted", [3]), ("accepted", [4]), ("again", [2, 3, 4])]
    assert [wave.announce for wave in plan.waves] == [None, "de", "en", None]
    assert [target.language for wave in plan.waves for target in wave.targets] == ["nl", "de", "en", "nl", "de", "en"]


def test_a_fallback_rings_all_tiers_together() -> None:
    """The caller has waited long by then: a fallback language is one wave, first line named first."""
    plan = ring_plan([held(CLEO, tier=2), held(ALIX)], "en", accepted=["fr"])
    assert outline(plan)[0] == ("accepted", [1, 3])
    assert plan.waves[0].tier == 1


def test_whoever_speaks_the_callers_language_takes_the_call_in_it() -> None:
    """Somebody who speaks the caller's language and an accepted one is rung for the former, once."""
    plan = ring_plan([held(BO)], "nl", accepted=["fr"])
    assert outline(plan) == [("exact", [2]), ("again", [2])]


def test_a_language_that_the_line_doesnt_accept_is_never_rung() -> None:
    """With only English on call and English not accepted, the backups are rung at once."""
    plan = ring_plan([held(DANA)], "fr", accepted=["nl"], backups=[Backup(0)])
    assert outline(plan) == [("backup", ["b0"])]
    assert not plan.busy_held


def test_backups_follow_the_people_and_ring_into_the_re_ring() -> None:
    """The backup numbers come after everybody on call; a human voice may still pick up while people ring again."""
    plan = ring_plan([held(ALIX)], "fr", backups=[Backup(0), Backup(1)])
    assert outline(plan) == [("exact", [1]), ("backup", ["b0", "b1"]), ("again", [1])]
    assert [(wave.seconds, wave.targets[0].ring_seconds) for wave in plan.waves] == [(20, 40), (25, 40), (20, 20)]
    assert plan.seconds == 65


def test_backups_that_speak_the_callers_language_come_first() -> None:
    """A backup's languages count as a person's do, and a fallback is announced."""
    backups = [Backup(0, frozenset({"en"})), Backup(1, frozenset({"nl"})), Backup(2, frozenset({"de"}))]
    plan = ring_plan([], "nl", accepted=["en"], backups=backups)
    assert outline(plan) == [("backup", ["b1"]), ("backup", ["b0"])]
    assert [wave.announce for wave in plan.waves] == [None, "en"]


def test_a_fallback_announced_before_is_announced_again_after_another_language() -> None:
    """The caller always knows the language of whoever is being called."""
    on_call = [held(ALIX), held(CLEO, tier=2)]
    backups = [Backup(0, frozenset({"fr"})), Backup(1, frozenset({"de"}))]
    plan = ring_plan(on_call, "nl", accepted=["fr", "de"], backups=backups)
    assert [wave.announce for wave in plan.waves] == ["fr", None, "de", None]


def test_a_backup_without_languages_takes_the_caller_as_they_are() -> None:
    """A switchboard that declares nothing is rung in the caller's language."""
    assert ring_plan([], "de", backups=[Backup(0)]).waves[0].targets == (Target(None, 0, "de", 25),)


def test_nobody_on_the_rota_rings_the_backups_at_once() -> None:
    """An empty rota costs the caller no second before the backups ring."""
    plan = ring_plan([], "fr", backups=[Backup(0)])
    assert outline(plan) == [("backup", ["b0"])]
    assert (plan.starts, plan.seconds, plan.busy_held) == ((0,), 25, False)


def test_only_busy_people_hold_the_caller_and_ring_the_backups() -> None:
    """With everybody talking to somebody else the caller is told so, and the backups ring."""
    plan = ring_plan([held(ALIX), held(BO)], "fr", busy={1, 2}, backups=[Backup(0)])
    assert outline(plan) == [("backup", ["b0"])]
    assert plan.busy_held


def test_with_nobody_free_and_no_backup_the_plan_is_empty() -> None:
    """The caller is told at once and not held for nothing."""
    plan = ring_plan([held(ALIX)], "fr", busy={1})
    assert plan == RingPlan((), busy_held=True)
    assert (plan.starts, plan.seconds) == ((), 0)


def test_busy_people_who_couldnt_take_the_caller_dont_count_as_busy() -> None:
    """Somebody busy who doesn't speak the language isn't worth waiting for."""
    assert not ring_plan([held(DANA)], "fr", busy={DANA.id}).busy_held


def test_a_hand_over_leaves_out_who_handed_over() -> None:
    """The psychologist who asked for a colleague isn't rung for this call again, nor waited for."""
    plan = ring_plan([held(ALIX)], "fr", excluded={1}, busy={1}, backups=[Backup(0)])
    assert outline(plan) == [("backup", ["b0"])]
    assert not plan.busy_held


def test_after_a_cut_off_the_same_person_is_rung_first() -> None:
    """The interrupted conversation goes on with the same psychologist, before anybody else is rung."""
    plan = ring_plan([held(ALIX), held(BO)], "fr", first=2)
    assert outline(plan) == [("exact", [2]), ("exact", [1]), ("again", [2, 1])]


def test_after_a_cut_off_at_night_the_others_join_together() -> None:
    """The psychologist cut off is the one person rung first at night."""
    plan = ring_plan([held(ALIX), held(BO), held(CLEO)], "fr", first=3, night=True)
    assert outline(plan) == [("exact", [3]), ("exact", [1, 2]), ("again", [3, 1, 2])]


def test_a_shift_that_ended_during_the_call_doesnt_matter() -> None:
    """Cut off just after the hand-off, the caller is still rung back to the psychologist they spoke with."""
    plan = ring_plan([held(ALIX)], "fr", first=9)
    assert outline(plan) == [("exact", [9]), ("exact", [1]), ("again", [9, 1])]
    assert plan.waves[0].tier is None


def test_whoever_is_cut_off_in_a_fallback_language_goes_on_in_it() -> None:
    """The psychologist rung first keeps the language of the call."""
    plan = ring_plan([held(ALIX), held(FINN)], "nl", accepted=["fr"], first=1)
    assert outline(plan) == [("accepted", [1]), ("exact", [5]), ("again", [1, 5])]
    assert plan.waves[0].targets[0].language == "fr"


@pytest.mark.parametrize("gone", ["busy", "excluded"])
def test_whoever_should_be_first_but_cant_be_rung_is_left_out(gone: str) -> None:
    """A ring-back doesn't beep into another conversation, nor undo a hand-over."""
    busy, excluded = ({2}, set[int]()) if gone == "busy" else (set[int](), {2})
    plan = ring_plan([held(ALIX), held(BO)], "fr", first=2, busy=busy, excluded=excluded)
    assert outline(plan) == [("exact", [1]), ("again", [1])]


def test_somebody_on_call_in_two_tiers_rings_once_in_the_first() -> None:
    """Two seats make one phone."""
    plan = ring_plan([OnCall(ALIX, 2, 8, 100), OnCall(ALIX, 1, 7, 100)], "fr")
    assert [(wave.match, wave.tier) for wave in plan.waves] == [("exact", 1), ("again", None)]


def test_a_line_sets_its_own_times() -> None:
    """Waves, backups and the longest ring follow the settings; no phone rings longer than allowed."""
    times = RingTimes(wave=10, night_wave=12, backup=30, longest_ring=35)
    plan = ring_plan([held(ALIX), held(CLEO, tier=2)], "fr", backups=[Backup(0)], times=times)
    assert [(wave.seconds, wave.targets[0].ring_seconds) for wave in plan.waves] == [
        (10, 20),
        (10, 35),
        (30, 35),
        (10, 10),
    ]


@pytest.mark.parametrize("name", ["wave", "night_wave", "backup", "longest_ring"])
def test_a_time_of_no_seconds_is_refused_by_name(name: str) -> None:
    """A phone that rings for no time at all is a slip in the settings."""
    with pytest.raises(PlanError, match=f"ring time {name} is 0"):
        RingTimes(**{name: 0})


@pytest.mark.parametrize(("person", "backup"), [(None, None), (1, 0)])
def test_a_target_is_a_person_or_a_backup(person: int | None, backup: int | None) -> None:
    """A target without a phone, or with two, is refused."""
    with pytest.raises(PlanError, match="one person or one backup"):
        Target(person, backup, "fr", 20)


def test_a_phone_that_rings_on_after_the_last_wave_counts() -> None:
    """The plan isn't over before the last phone is silent."""
    plan = RingPlan(
        (Wave((Target(1, None, "fr", 40),), 20, "exact", 1), Wave((Target(2, None, "fr", 35),), 20, "exact", 2))
    )
    assert plan.seconds == 55


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"v": 2, "busy": False, "waves": []},
        {"v": 1, "busy": 0, "waves": []},
        {"v": 1, "busy": False, "waves": [["never", 1, 20, None, []]]},
        {"v": 1, "busy": False, "waves": [["exact", 1, 20, None]]},
        {"v": 1, "busy": False, "waves": [["exact", "1", 20, None, []]]},
        {"v": 1, "busy": False, "waves": [["exact", 1, 20, None, [[1, None, "fr"]]]]},
        {"v": 1, "busy": False, "waves": [["exact", 1, 20, None, [[None, None, "fr", 20]]]]},
    ],
)
def test_a_stored_plan_that_cant_be_read_is_refused(data: object) -> None:
    """A row from another version is an error that says so and never half a plan."""
    with pytest.raises(PlanError):
        RingPlan.from_json(data)
