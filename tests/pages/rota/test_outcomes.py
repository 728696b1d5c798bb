"""Whatever the rota refuses or remarks is said in the reader's language."""

import ast
import string
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

import helpline.shifts
import rota.swap
from helpline.errors import UsageError
from helpline.lines import Line
from helpline.pages.rota import refusals
from helpline.pages.rota.outcomes import FINDINGS, gap, reasons, told
from helpline.pages.site import Site, Visit
from helpline.pages.texts import load_texts
from helpline.shifts.editing import EditRefused, Outcome
from reports.words import LANGUAGES, Language
from rota.edit import Change, Difference
from rota.gaps import Gap
from rota.limits import Finding, Kind
from rota.model import RotaError
from rota.swap import OVER, Refusal
from tests.shell import ALIX, BORIS, NOON

SHIFTS = Path(str(helpline.shifts.__file__)).parent
ELSEWHERE = {
    "explaining.py": "seats that are explained have pages of their own",
    "proposing.py": "what can't be generated is said where it is asked for",
    "importing.py": "tables are refused with rows and columns",
    "exporting.py": "a download is whole or not there",
    "fairness.py": "a quarter's name is in an address",
    "paying.py": "a month's name is in an address",
}
"""Modules whose sentences other pages say."""
NOT_FROM_FORMS = ("can't be changed: end it", "whole minutes", "unknown language", "there is no line")
"""What no form can ask for."""


def sentences() -> list[str]:
    """What every `UsageError` of the rota's edits says, with a 7 for whatever is filled in."""
    found = []
    for path in sorted(SHIFTS.glob("*.py")):
        if path.name in ELSEWHERE:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"UsageError", "Overtaken", "RotaMoved"}:
                text = _text(node.args[0])
                if text not in {"", "7", "swap 7 7"} and not any(each in text for each in NOT_FROM_FORMS):
                    found.append(text)
    return found


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return _text(node.value) or "7"
    return _text(node.body) if isinstance(node, ast.IfExp) else ""


def test_every_sentence_of_the_rota_has_its_words() -> None:
    """A new reason to refuse an edit needs a text; an old one that is reworded is noticed."""
    found = sentences()
    assert len(found) > 50
    said = [f"swap 7 {reason}" for reason in OVER.values()]
    source = ast.parse(Path(str(rota.swap.__file__)).read_text())
    said += [
        f"swap 7 {_text(node.args[0])}"
        for node in ast.walk(source)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == Refusal.__name__ and _text(node.args[0])
    ]
    missing = [text for text in (*found, *said) if refusals.find(text) is None]
    assert missing == []


def test_every_pattern_fills_its_text() -> None:
    """What a text names is what its sentence tells."""
    for pattern, key in refusals.NAMED:
        text = load_texts()[key].to("fr")
        blanks = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        assert all(f"(?P<{blank}>" in pattern for blank in blanks), key


NAMES = {ALIX: "Alix Exemple", BORIS: "Boris Exemple"}


@pytest.fixture
def visit(lines: dict[str, Line]) -> Visit:
    """A coordinator's, who reads French."""
    return as_read_in(lines, "fr")


def as_read_in(lines: dict[str, Line], language: Language) -> Visit:
    """A visit in a language; words need no more of a site than its lines."""
    return Visit(cast("Site", SimpleNamespace(lines=lines)), None, NOON, language, "")


def test_an_outcome_in_words(visit: Visit) -> None:
    """Who instead of whom, what opens and who could take it, what is wrong - each once, however often."""
    hour = 3600
    outcome = Outcome(
        None,
        Change(),
        (
            Difference(NOON, NOON + 8 * hour, "france", 1, (ALIX,), (BORIS,)),
            Difference(NOON, NOON + 8 * hour, "belgium", 1, (), (BORIS,)),
            *(Difference(NOON + n * hour, NOON + (n + 1) * hour, "france", 1, (ALIX,), ()) for n in range(20, 40)),
        ),
        tuple(Finding(NOON + n * hour, NOON + (n + 1) * hour, "rest", BORIS, (n,)) for n in range(5)),
        (Gap(NOON, NOON + hour, "france", "nobody", 1),),
        ((BORIS,),),
    )
    shown = told(visit, outcome, NAMES)
    assert shown.differences[0].endswith("mar. 10 mars, 13:00–21:00\u00a0: Boris Exemple au lieu de Alix Exemple")
    assert shown.differences[1].startswith("Ligne d’écoute Belgique")
    assert (len(shown.differences), shown.more_differences) == (12, 10)
    assert len(shown.findings) == 1
    assert shown.findings[0].startswith("Boris Exemple aurait trop peu de repos")
    assert shown.takers == (("Boris Exemple",),)
    assert not shown.calm


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_is_said_in_every_language(lines: dict[str, Line], language: Language) -> None:
    """With the name, and the time."""
    visit = as_read_in(lines, language)
    kinds: tuple[Kind, ...] = (
        "overlap", "absent", "left", "tier", "twice", "wish", "rest", "stretch", "week", "nights"
    )  # fmt: skip
    assert set(kinds) | {"skills"} == set(FINDINGS)
    found = tuple(Finding(NOON, NOON + 3600, kind, ALIX, (1,)) for kind in kinds)
    said = reasons(visit, EditRefused(["x"], found), NAMES)
    assert len(said) == len(set(said)) == len(kinds)
    assert all(text.startswith("Alix Exemple ") for text in said)


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        ({"kind": "nobody", "tier": 1}, "personne d’astreinte"),
        ({"kind": "few", "tier": 1, "missing": 2}, "il manque 2 d’astreinte"),
        ({"kind": "few", "skills": frozenset({"nl"})}, "il manque 1 d’astreinte (néerlandais)"),
        ({"kind": "language", "skills": frozenset({"nl", "de"}), "match": "any"}, "allemand ou néerlandais"),
    ],
)
def test_what_is_missing_is_said(visit: Visit, lacks: dict, said: str) -> None:
    """Nobody, too few, or nobody who speaks it."""
    assert said in gap(visit, Gap(NOON, NOON + 3600, "france", **lacks))


def test_what_nobody_foresaw_is_marked_as_english(visit: Visit) -> None:
    """After a sentence in the reader's language, escaped."""
    said = reasons(visit, UsageError("a <new> reason"))
    assert said[0].startswith("Cela ne va plus avec le planning")
    assert said[1] == '<span lang="en">a &lt;new&gt; reason</span>'


def test_days_and_names_in_a_refusal_are_the_readers(visit: Visit) -> None:
    """Not as a command line writes them."""
    said = reasons(visit, UsageError("rule 3 begins on 2026-12-24 only: let it end then or later"))
    assert said == ["Cette règle ne commence que le jeu. 24 déc. 2026\u00a0: choisissez ce jour ou un jour suivant."]
    assert reasons(visit, RotaError("rotation 'x' has nobody in it: name at least one person")) == [
        "Nommez au moins une personne."
    ]
