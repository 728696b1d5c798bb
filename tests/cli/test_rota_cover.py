"""`rota rule add|end|list`, and what `rota show` and `rota gaps` say of rules, of who is next and who could help."""

from pathlib import Path

import pytest

from tests.cli.conftest import Done, Run, refused

PEOPLE = """name,phone,languages
Alix Exemple,+33199000101,fr en
Brecht Voorbeeld,+33199000102,nl fr
Cleo Beispiel,+33199000103,de fr
"""
SHIFTS = """line,tier,person,start,end
france,1,Alix Exemple,2090-03-10T08:00,2090-03-10T20:00
france,1,Brecht Voorbeeld,2090-03-11T08:00,2090-03-11T20:00
"""
"""2090-03-10 is a Friday."""
NIGHTS = ("rota", "rule", "add", "--line", "france", "--tier", "1", "--from", "2090-03-01")
FRIDAY = ("--from", "2090-03-10", "--days", "1", "--line", "france")


@pytest.fixture
def rota(helpline: Run, tmp_path: Path) -> Run:
    """Three people and two days on the French line."""
    people, shifts = tmp_path / "people.csv", tmp_path / "shifts.csv"
    people.write_text(PEOPLE)
    shifts.write_text(SHIFTS)
    assert helpline("rota", "import", people, shifts).code == 0
    return helpline


def add(rota: Run, *more: str) -> Done:
    """A rule of the first tier by day."""
    return rota(*NIGHTS, "--starts", "08:00", "--ends", "20:00", *more)


def test_a_rule_is_shown_before_it_is_added(rota: Run) -> None:
    """In words, with where nobody keeps it; without `--yes` it isn't."""
    done = add(rota, "--days", "1-5", "--n", "2", "--languages", "nl fr", "--any")
    assert done.out.splitlines()[0] == (
        "  france: 2 in tier 1 who speak fr or nl, 08:00-20:00 Mon, Tue, Wed, Thu, Fri, from 2090-03-01"
    )
    assert "  missing: nobody in tier 1 of 2 from Wed 2090-03-01 08:00 to Wed 2090-03-01 20:00" in done.out
    assert done.out.endswith("nothing was changed; add --yes to do it\n")
    assert [rule["rule"] for rule in rota("rota", "rule", "list", "--line", "france", "--json").json] == [None, None]


def test_a_rule_is_added_and_gaps_are_its_own(rota: Run) -> None:
    """By night nobody is asked for any more; by day another one is."""
    added = add(rota, "--n", "2", "--yes")
    assert "warning: until now france asked for one person in each tier, always" in added.out
    (gap,) = rota("rota", "gaps", *FRIDAY, "--json").json
    assert (gap["rule"], gap["kind"], gap["missing"], gap["start"][11:16]) == (1, "few", 1, "08:00")
    assert [entry["person"] for entry in gap["could"]] == ["Brecht Voorbeeld", "Cleo Beispiel"]
    assert rota("rota", "gaps", *FRIDAY).out.startswith("france: 1 too few in tier 1 from 2090-03-10T08:00:00+01:00")


def test_a_rule_is_undone(rota: Run) -> None:
    """It is gone, and the line asks for what it asked before."""
    before = rota("rota", "rule", "list").out
    add(rota, "--yes")
    assert rota("rota", "rule", "list").out != before
    assert rota("rota", "undo", "2", "--yes").code == 0
    assert rota("rota", "rule", "list").out == before


def test_a_rule_is_ended(rota: Run) -> None:
    """From a day on; then what stands in holds again."""
    add(rota, "--yes")
    shown = rota("rota", "rule", "end", "1", "--from", "2090-03-10")
    assert "warning: france has no such rule any more from 2090-03-10 on" in shown.out
    assert "until" not in rota("rota", "rule", "list").out
    done = rota("rota", "rule", "end", "1", "--from", "2090-03-10", "--yes")
    assert "from 2090-03-01 until 2090-03-10" in done.out
    assert [gap["rule"] for gap in rota("rota", "gaps", *FRIDAY, "--json").json] == [None, None]


def test_weak_cover_is_shown(rota: Run) -> None:
    """A soft rule of a language: it isn't hard, and whoever speaks it could help."""
    rota("rota", "rule", "add", "--line", "france", "--languages", "de", "--soft", "--from", "2090-03-01", "--yes")
    found = [gap for gap in rota("rota", "gaps", *FRIDAY, "--json").json if gap["kind"] == "language"]
    assert [(gap["language"], gap["hard"], gap["start"][11:16]) for gap in found] == [("de", False, "08:00")]
    assert found[0]["could"] == [{"person": "Cleo Beispiel", "but": []}]


def test_of_a_long_gap_its_first_day_is_asked_for(rota: Run) -> None:
    """Nobody can take a week."""
    done = rota("rota", "gaps", "--from", "2090-04-01", "--days", "7", "--line", "france")
    assert done.out.splitlines() == [
        "france: nobody in tier 1 from 2090-04-01T00:00:00+02:00 to 2090-04-08T00:00:00+02:00",
        "  could take it (until 2090-04-02T00:00:00+02:00): Cleo Beispiel, Alix Exemple, Brecht Voorbeeld",
    ]


def test_who_is_next_is_shown(rota: Run) -> None:
    """After a gap, whom nobody precedes; and as a script reads it."""
    shown = rota("rota", "show", "--line", "france", "--at", "2090-03-10T12:00")
    assert shown.out.splitlines()[-1] == "  next in tier 1: Brecht Voorbeeld from 2090-03-11T08:00:00+01:00"
    found = rota("rota", "show", "--line", "france", "--at", "2090-03-10T12:00", "--json").json
    assert found["france"]["next"] == [
        {"tier": 1, "from": "2090-03-11T08:00:00+01:00", "come": ["Brecht Voorbeeld"], "gone": []}
    ]


@pytest.mark.parametrize(
    ("more", "reasons"),
    [
        (["--tier", "2"], ["france has no tier 2", "lines.france.tiers"]),
        (["--days", "9"], ["'9' names no days", "1-5,8"]),
        (["--days", "mon"], ["'mon' isn't a day"]),
        (["--starts", "8 h"], ["'8 h' isn't a time of day", "20:00"]),
        (["--starts", "08:00:30"], ["whole minutes"]),
        (["--languages", "it"], ["unknown language 'it'", "fr nl de en"]),
        (["--n", "21"], ["at most 20"]),
        (["--until", "2090-03-01"], ["would end on 2090-03-01"]),
        (["--until", "soon"], ["'soon' isn't a day"]),
        (["--line", "spain"], ["there is no line 'spain'", "belgium, france"]),
    ],
)
def test_a_rule_that_can_not_be_is_refused(rota: Run, more: list[str], reasons: list[str]) -> None:
    """With what would mend it; none is kept."""
    refused(add(rota, *more, "--yes"), *reasons)
    assert [rule["rule"] for rule in rota("rota", "rule", "list", "--line", "france", "--json").json] == [None, None]


@pytest.mark.parametrize(
    ("arguments", "reasons"),
    [
        (["7"], ["there is no rule 7", "rota rule list"]),
        (["1", "--from", "2020-01-01"], ["can't end in the past"]),
    ],
)
def test_an_end_that_can_not_be_is_refused(rota: Run, arguments: list[str], reasons: list[str]) -> None:
    """The rule stays as it was."""
    add(rota, "--yes")
    refused(rota("rota", "rule", "end", *arguments, "--yes"), *reasons)
    assert "until" not in rota("rota", "rule", "list", "--line", "france").out
