"""Coverage rules as they are kept, the gaps they make, and what an edit opens."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from helpline.errors import UsageError
from helpline.shifts.editing import Desk, Outcome, editing, undo_edit
from helpline.shifts.rule_edits import add_rule, end_rule
from helpline.shifts.rules import Bench, lacking, read_gaps, read_rules, stored_rules
from helpline.store.rota_tables import Absence, RotaEdit
from helpline.store.rota_tables import CoverageRule as RuleRow
from helpline.store.tables import Shift
from rota.edit import reassign
from rota.gaps import Gap
from rota.model import Span
from rota.staff import DAY, HOLIDAY, HOUR, WEEKDAYS, CoverageRule, Limits
from tests.shell import ALIX, BORIS, CHARLIE, CONFIG, NOON, lines_in, opened, revision, rows_of, together, with_people

TODAY = date(2026, 3, 10)
LATER = NOON + 10 * HOUR
RULE = CoverageRule(0, "france", 1, WEEKDAYS, time(8), time(20), TODAY)
SPAN = Span(NOON, NOON + DAY)


@pytest.fixture
def desk(either_database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Both lines, three people; Alix is on call in France until ten hours after noon, Boris for the rest of the day."""
    with opened(either_database_url) as store:
        with_people(store)
        rows = [(ALIX, NOON - HOUR, LATER), (BORIS, LATER, NOON + DAY)]
        with store.durable() as tx:
            for person, start, end in rows:
                tx.execute(
                    insert(Shift),
                    [
                        {
                            "line": "france",
                            "tier": 1,
                            "person": person,
                            "starts_at": start,
                            "ends_at": end,
                            "source": "import",
                        }
                    ],
                )
        text = CONFIG.replace('timezone = "Europe/Paris"', 'timezone = "Europe/Paris"\nrota.region = "FR"')
        yield Desk(store, lines_in(tmp_path, text), Limits())


def gaps_of(desk: Desk, span: Span = SPAN, line: str = "france") -> list[tuple[str, int | None, int, int]]:
    """Kind, tier, start and end of each gap."""
    with desk.store.read() as connection:
        found = read_gaps(connection, desk.lines[line], span)
    return [(gap.kind, gap.tier, gap.start, gap.end) for gap in found]


def away(desk: Desk, person: int, start: int, end: int, *, dry: bool = False) -> Outcome:
    """Somebody is taken off."""
    with editing(desk, "override", "cli", NOON, dry=dry) as edit:
        edit.make(reassign(edit.of(person), Span(start, end), NOON, None, "override"))
    return edit.outcome


def test_a_rule_comes_back_as_it_was_kept(desk: Desk) -> None:
    """Every part of it; a serving process needn't notice, but whoever edits the rota waits."""
    whole = replace(
        RULE,
        tier=None,
        days=frozenset({6, 7, HOLIDAY}),
        ends=time(8),
        until=TODAY + timedelta(days=90),
        n=2,
        skills=frozenset({"nl", "de"}),
        match="any",
        hard=False,
    )
    kept = add_rule(desk, whole, "cli", NOON).rule
    with desk.store.read() as connection:
        assert stored_rules(connection) == stored_rules(connection, "france") == [kept]
        assert stored_rules(connection, "belgium") == []
    assert replace(kept, id=0) == whole


def test_a_line_without_rules_needs_its_tiers_and_likes_its_languages(desk: Desk) -> None:
    """What stands in has no number."""
    with desk.store.read() as connection:
        rules = read_rules(connection, desk.lines["belgium"])
    assert {rule.id for rule in rules} == {0}
    assert [rule.tier for rule in rules if rule.tier] == [1]
    assert {rule.skills for rule in rules if not rule.tier} == {frozenset({x}) for x in ("fr", "nl", "de", "en")}
    assert all(rule.hard == (rule.tier is not None) for rule in rules)


def test_gaps_are_those_of_the_rules(desk: Desk) -> None:
    """Nobody after the second shift; with a rule by day, none by night."""
    span = Span(NOON, NOON + 2 * DAY)
    assert gaps_of(desk, span) == [("nobody", 1, NOON + DAY, NOON + 2 * DAY)]
    add_rule(desk, RULE, "cli", NOON)
    assert gaps_of(desk, span) == [
        ("nobody", 1, NOON + DAY, NOON + DAY + 7 * HOUR),
        ("nobody", 1, NOON + DAY + 19 * HOUR, NOON + 2 * DAY),
    ]


def test_on_a_holiday_of_the_lines_region_its_own_rules_hold(desk: Desk) -> None:
    """Two on the 1st of May, one the day before."""
    add_rule(desk, RULE, "cli", NOON)
    add_rule(desk, replace(RULE, days=frozenset({HOLIDAY}), n=2), "cli", NOON)
    eve = NOON + 51 * DAY  # 30 April
    with desk.store.read() as connection:
        found = read_gaps(connection, desk.lines["france"], Span(eve, eve + DAY))
    assert [gap.missing for gap in found] == [1, 2]


def test_a_rule_is_tried_first(desk: Desk) -> None:
    """A rehearsal says the same as the edit and leaves nothing."""
    before = revision(desk.store)
    shown = add_rule(desk, RULE, "cli", NOON, dry=True)
    assert (rows_of(desk.store, RuleRow), rows_of(desk.store, RotaEdit), revision(desk.store)) == ([], [], before)
    done = add_rule(desk, RULE, "cli", NOON)
    assert shown.warnings == done.warnings
    assert [(gap.start, gap.end) for gap in shown.gaps] == [(gap.start, gap.end) for gap in done.gaps]
    assert shown.edit is None
    assert done.edit is not None
    assert done.gaps[0].start == NOON + DAY


def test_a_rule_and_its_end_are_undone(desk: Desk) -> None:
    """The end first; undoing an undoing is refused."""
    added = add_rule(desk, RULE, "cli", NOON)
    ended = end_rule(desk, added.rule.id, TODAY + timedelta(days=7), "cli", NOON)
    assert added.edit is not None
    assert ended.edit is not None
    undone = undo_edit(desk, ended.edit, "cli", NOON)
    with desk.store.read() as connection:
        assert stored_rules(connection) == [added.rule]
    undo_edit(desk, added.edit, "cli", NOON)
    assert rows_of(desk.store, RuleRow) == []
    assert undone.edit is not None
    with pytest.raises(UsageError, match="make it anew"):
        undo_edit(desk, undone.edit, "cli", NOON)


@pytest.mark.parametrize(
    ("other", "warned"),
    [
        ({}, True),
        ({"starts": time(19), "ends": time(9)}, True),
        ({"starts": time(20), "ends": time(8)}, False),
        ({"days": frozenset({7}), "starts": time(20), "ends": time(9)}, True),
        ({"days": frozenset({HOLIDAY})}, False),
        ({"skills": frozenset({"en"})}, False),
        ({"tier": None}, False),
        ({"since": TODAY + timedelta(days=30)}, False),
    ],
)
def test_a_rule_like_another_is_warned_of(desk: Desk, other: dict[str, object], warned: bool) -> None:
    """If both hold at some time, the night from Sunday to Monday included; it is kept nevertheless."""
    first = add_rule(desk, replace(RULE, until=TODAY + timedelta(days=30)), "cli", NOON)
    done = add_rule(desk, replace(RULE, **other), "cli", NOON)  # type: ignore[arg-type] # each case has its own parts
    assert (f"rule {first.rule.id} asks for the same people" in " ".join(done.warnings)) is warned


def test_a_rule_that_nobody_can_keep_is_warned_of(desk: Desk) -> None:
    """Three people, none of whom speaks Dutch."""
    done = add_rule(desk, replace(RULE, skills=frozenset({"nl"})), "cli", NOON)
    assert "it asks for 1, and only 0 of the people there are can ever be that" in done.warnings


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (replace(RULE, line="spain"), "there is no line 'spain'"),
        (replace(RULE, line="belgium", days=frozenset({HOLIDAY})), r"lines\.belgium\.rota\.region"),
        (replace(RULE, tier=None, hard=False), "says nothing"),
        (replace(RULE, skills=frozenset({"it"})), "unknown language 'it'"),
    ],
)
def test_a_rule_that_can_not_be_is_refused(desk: Desk, rule: CoverageRule, why: str) -> None:
    """Nothing is kept of it."""
    with pytest.raises(UsageError, match=why):
        add_rule(desk, rule, "cli", NOON)
    assert rows_of(desk.store, RuleRow) == rows_of(desk.store, RotaEdit) == []


def test_a_rule_ends_once(desk: Desk) -> None:
    """Again only earlier, and never in the past."""
    number = add_rule(desk, RULE, "cli", NOON).rule.id
    end_rule(desk, number, TODAY + timedelta(days=7), "cli", NOON)
    with pytest.raises(UsageError, match="ends on 2026-03-17 already"):
        end_rule(desk, number, TODAY + timedelta(days=8), "cli", NOON)
    with pytest.raises(UsageError, match="can't end in the past"):
        end_rule(desk, number, TODAY - timedelta(days=1), "cli", NOON)
    assert end_rule(desk, number, TODAY, "cli", NOON).rule.until == TODAY


def test_an_end_says_what_is_asked_for_no_more(desk: Desk) -> None:
    """Other rules of tiers stand, so nothing else asks for what this one did, and no gap would ever show it."""
    add_rule(desk, replace(RULE, starts=time(20), ends=time(8)), "cli", NOON)
    number = add_rule(desk, replace(RULE, starts=time(8), ends=time(20)), "cli", NOON).rule.id
    ended = end_rule(desk, number, TODAY + timedelta(days=7), "cli", NOON)
    assert ended.warnings == (
        "from 2026-03-17 on france may ask for nobody from 08:00 to 20:00: look at 'helpline rota rule list'",
    )
    later = replace(RULE, since=TODAY + timedelta(days=30))
    with pytest.raises(UsageError, match="begins on 2026-04-09 only"):
        end_rule(desk, add_rule(desk, later, "cli", NOON).rule.id, TODAY + timedelta(days=8), "cli", NOON)


def test_of_two_rules_at_once_the_second_hears_of_the_first(desk: Desk) -> None:
    """Both are kept, and exactly one is warned of the other."""
    made = together([lambda: add_rule(desk, RULE, "cli", NOON)] * 2)
    assert sorted("their seats add up" in " ".join(done.warnings) for done in made) == [False, True]


def test_an_edit_says_which_gap_it_opens_and_who_could_take_it(desk: Desk) -> None:
    """Alix is off for an hour: Charlie could take it without anything against it, Boris has a shift to come."""
    outcome = away(desk, ALIX, NOON + HOUR, NOON + 2 * HOUR)
    (gap,) = outcome.gaps
    assert (gap.kind, gap.start, gap.end, lacking(gap)) == ("nobody", NOON + HOUR, NOON + 2 * HOUR, "nobody in tier 1")
    assert outcome.takers == ((CHARLIE, BORIS),)


def test_a_rehearsal_says_the_same(desk: Desk) -> None:
    """The gap, and who could take it."""
    shown = away(desk, ALIX, NOON, LATER, dry=True)
    done = away(desk, ALIX, NOON, LATER)
    assert (shown.gaps, shown.takers) == (done.gaps, done.takers)
    assert shown.gaps


def test_an_edit_that_opens_no_gap_names_none(desk: Desk) -> None:
    """Somebody else takes it, or the line's rules ask for nobody then."""
    with editing(desk, "override", "cli", NOON) as edit:
        edit.make(reassign(edit.of(ALIX), Span(NOON, LATER), NOON, CHARLIE, "override"))
    assert edit.outcome.gaps == ()
    add_rule(desk, RULE, "cli", NOON)
    assert away(desk, BORIS, NOON + 12 * HOUR, NOON + 18 * HOUR).gaps == ()


def test_who_is_away_is_not_named(desk: Desk) -> None:
    """Nor is anybody whom nobody may plan."""
    with desk.store.durable() as tx:
        tx.execute(insert(Absence), [{"person": CHARLIE, "starts_at": NOON, "ends_at": LATER, "hard": True}])
    assert away(desk, ALIX, NOON + HOUR, NOON + 2 * HOUR).takers == ((BORIS,),)


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (Gap(0, 1, "france", "nobody", 2), "nobody in tier 2"),
        (Gap(0, 1, "france", "nobody", 2, missing=3), "nobody in tier 2 of 3"),
        (Gap(0, 1, "france", "few", 1, missing=2), "2 too few in tier 1"),
        (Gap(0, 1, "france", "few", 1, frozenset({"nl", "de"}), "any"), "1 too few in tier 1 who speak de or nl"),
        (Gap(0, 1, "france", "language", skills=frozenset({"nl"})), "nobody who speaks nl"),
        (Gap(0, 1, "france", "nobody"), "nobody on call"),
    ],
)
def test_a_gap_in_words(gap: Gap, words: str) -> None:
    """What is missing, not when."""
    assert lacking(gap) == words


def test_who_could_fill_a_gap_is_read_around_it(desk: Desk) -> None:
    """Boris, whose shift ends where the gap begins, after Alix and Charlie, who have rested."""
    span = Span(NOON + DAY, NOON + DAY + 8 * HOUR)
    with desk.store.read() as connection:
        bench = Bench.read(connection, desk.limits, desk.lines, span)
        (gap,) = read_gaps(connection, desk.lines["france"], span)
    seat, choices = bench.able(gap)
    assert (seat.start, seat.end) == (span.start, span.end)
    assert [choice.person for choice in choices] == [CHARLIE, ALIX, BORIS]
    assert [choice.because for choice in choices] == [(), (), ("stretch",)]
