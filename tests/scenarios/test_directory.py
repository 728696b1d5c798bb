"""A caller asks for help near them: what is read for every kind of place, and how everybody comes to a human."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpline.calls.directory import Orienting
from helpline.directory.reading import FRESH_SECONDS
from helpline.twin import CallHandle
from ivr_flows.model import Language, SayStep
from tests.scenarios.conftest import FRANCE, MakeStage
from tests.scenarios.directory import LISTED, list_entries, reads
from tests.scenarios.stage import Stage, times
from tests.scenarios.test_database_down import database_down
from tests.scenarios.test_repeated_webhooks import every, twice


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


@pytest.fixture
def stage(make_stage: MakeStage) -> Stage:
    """Both lines with somebody on call, and a directory."""
    stage = make_stage({**FRANCE, "belgium": [["Dirk"], ["Greta"]]})
    list_entries(stage)
    return stage


def until(stage: Stage, call: CallHandle, text: str) -> None:
    """Time passes until the caller hears this."""
    while text not in call.heard():
        stage.twin.run_for(0.5)


PLACES_KEYED: list[tuple[str, str, Language, str, list[str]]] = [
    ("france", "31#", "fr", "Haute-Garonne", ["toulouse", "france", "ordre"]),
    ("france", "75#", "fr", "Paris", ["paris", "france", "ordre"]),
    ("france", "20#", "fr", "Corse-du-Sud / Haute-Corse", ["bastia", "ajaccio", "france"]),
    ("france", "20090#", "fr", "Corse-du-Sud", ["ajaccio", "france", "ordre"]),
    ("france", "974#", "fr", "La Réunion", ["reunion", "france", "ordre"]),
    ("france", "988#", "fr", "Nouvelle-Calédonie", ["noumea", "france", "ordre"]),
    ("belgium", "1000#", "fr", "Bruxelles", ["bruxelles", "belgique"]),
    ("belgium", "4000#", "nl", "Luik", ["liege", "belgique"]),
    ("belgium", "4700#", "de", "Deutschsprachige Gemeinschaft", ["eupen", "liege", "belgique"]),
]
LANGUAGE_KEYS = {"fr": "1", "nl": "2", "de": "3", "en": "4"}


@pytest.mark.slow
@pytest.mark.parametrize(("line", "keyed", "language", "name", "read"), PLACES_KEYED, ids=str)
def test_the_nearest_is_read_first(
    stage: Stage, line: str, keyed: str, language: Language, name: str, read: list[str]
) -> None:
    """The place that was understood is named, then three entries at most; staying on the line leads to a human."""
    before = (LANGUAGE_KEYS[language],) if line == "belgium" else ()
    call = stage.call(line, (*before, "3", keyed), talks=20)
    said = call.heard()
    at = said.index(stage.says("directory-place", language, place=name))
    entries = [text for text in said[at:] if text in {reads(stage, key, language, line) for key in LISTED}]
    assert entries == [reads(stage, key, language, line) for key in read]
    assert call.talked_to
    assert stage.counted() == {"answered": 1}


@pytest.mark.slow
@pytest.mark.parametrize("keyed", ["99#", "3#", "1012#", "4000#", "#", ""])
def test_what_is_no_french_department_is_asked_for_again(stage: Stage, keyed: str) -> None:
    """Unknown, half-typed, another country's postcode, nothing: once more; then what serves the whole country."""
    call = stage.call(keys=("3", keyed), talks=20)
    said = call.heard()
    assert said.count(stage.says("directory-department")) == 2
    assert said.count(stage.says("directory-not-found")) == (keyed not in {"", "#"})
    assert said.index(stage.says("directory-country")) < said.index(reads(stage, "france"))
    assert reads(stage, "toulouse") not in said
    assert call.talked_to == ["Alix"]


@pytest.mark.slow
@pytest.mark.parametrize("keyed", ["75001#", "400#", "0#1"])
def test_what_is_no_belgian_postcode_is_asked_for_again(stage: Stage, keyed: str) -> None:
    """A French one isn't taken for the Belgian one that it begins with."""
    call = stage.call("belgium", ("1", "3", keyed, "4000#"), talks=20)
    assert (reads(stage, "liege", line="belgium") in call.heard()) == (keyed != "0#1")
    assert call.talked_to


@pytest.mark.slow
def test_a_number_may_be_ended_by_silence(stage: Stage) -> None:
    """Who doesn't find the hash waits."""
    assert reads(stage, "toulouse") in stage.call(keys=("3", "31"), talks=5).heard()


@pytest.mark.parametrize("keys", [("3", "0"), ("3", "31#", "0"), ("3", "31#")], ids=["asked", "read", "silent"])
def test_back_to_a_psychologist(stage: Stage, keys: tuple[str, ...]) -> None:
    """0 at any moment, or staying on the line."""
    call = stage.call(keys=keys, talks=20)
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}


def test_any_other_key_skips_the_greeting(stage: Stage) -> None:
    """As it always has: nobody is asked anything who didn't press the 3."""
    call = stage.call(keys="4", talks=20)
    assert stage.says("directory-department") not in call.heard()
    assert call.talked_to == ["Alix"]


@pytest.mark.slow
def test_who_presses_nothing_is_not_delayed(stage: Stage) -> None:
    """The greeting takes as long as before there was a directory."""
    call = stage.call(talks=20)
    assert times(call, "queued")[0] < 13
    assert stage.says("directory-department") not in call.heard()


@pytest.mark.slow
def test_4_reads_again_and_5_is_for_another_place(stage: Stage) -> None:
    """As often as they like."""
    said = stage.call(keys=("3", "31#", "4", "5", "75#", "0"), talks=5).heard()
    assert said.count(stage.says("directory-place", place="Haute-Garonne")) == 2
    assert said.count(stage.says("directory-department")) == 2
    assert stage.says("directory-place", place="Paris") in said


@pytest.mark.slow
def test_9_speaks_the_crisis_numbers_and_comes_back(stage: Stage) -> None:
    """At the question and at the list."""
    said = stage.call(keys=("3", "9#", "31#", "9"), talks=5).heard()
    assert said.count(stage.says("crisis-france")) == 2
    assert reads(stage, "toulouse") in said
    assert said.count(stage.says("directory-place", place="Haute-Garonne")) == 2


@pytest.mark.slow
def test_after_an_unanswered_ring(make_stage: MakeStage) -> None:
    """The menu offers it too; staying on the line rings for them again. Counted once, as unanswered."""
    stage = make_stage({})
    list_entries(stage)
    call = stage.call(keys=("", "3", "31#"))
    assert reads(stage, "toulouse") in call.heard()
    assert len(times(call, "queued")) == 2
    assert stage.counted() == {"unanswered": 1}


@pytest.mark.slow
def test_the_line_does_not_offer_itself(make_stage: MakeStage) -> None:
    """An entry with a number of the line's is left out."""
    stage = make_stage(france={"inbound": ["+33199000401", LISTED["france"].phone]})
    list_entries(stage, "france", "ordre")
    said = stage.call(keys=("3", "31#"), talks=5).heard()
    assert reads(stage, "ordre") in said
    assert reads(stage, "france") not in said


# --- nothing to read


def test_an_empty_directory_names_the_crisis_numbers(make_stage: MakeStage) -> None:
    """And the caller is rung for: they wait as if they had pressed nothing."""
    stage = make_stage()
    call = stage.call(keys="3", talks=20)
    said = call.heard()
    assert said[1:3] == [stage.says("directory-empty"), stage.says("crisis-france")]
    assert call.talked_to == ["Alix"]


@pytest.mark.slow
@pytest.mark.parametrize("after", ["directory-department", "directory-place", "directory-menu"])
def test_the_database_goes_down(stage: Stage, after: str) -> None:
    """At any step: what was read once is still read, and whoever stays on the line is put through without it."""
    service = stage.rehearsal.service
    service.shelf.entries(stage.now)
    call = stage.dial(keys=("3", "31#"), talks=20)
    until(stage, call, stage.says(after, place="Haute-Garonne"))
    with database_down(stage):
        stage.twin.run_until_idle()
    assert reads(stage, "toulouse") in call.heard()
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"unknown": 1}


@pytest.mark.slow
def test_without_a_database_from_the_beginning(stage: Stage) -> None:
    """A process that never read the directory says so, names the crisis numbers, and puts the caller through."""
    call = stage.dial(keys="3", talks=20)
    with database_down(stage):
        stage.twin.run_until_idle()
    assert stage.says("crisis-france") in call.heard()
    assert call.talked_to == ["Alix"]


@pytest.mark.slow
def test_an_entry_that_is_corrected_is_read_soon(stage: Stage) -> None:
    """A process goes on with what it has read for half a minute at most."""
    stage.call(keys=("3", "31#"), talks=5)
    list_entries(stage, "france")
    stage.twin.run_for(FRESH_SECONDS)
    assert reads(stage, "toulouse") not in stage.call(keys=("3", "31#"), talks=5).heard()


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["answer", "begin"])
def test_a_bug_here_strands_nobody(stage: Stage, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """Whatever breaks: the caller is put through by the carrier alone."""

    def fails(*_: object) -> str:
        raise ValueError("a bug")

    monkeypatch.setattr(Orienting, broken, fails)
    call = stage.call(keys=("3", "31#"), talks=20)
    assert call.talked_to == ["Alix"]
    assert {record.getMessage() for record in stage.log if record.exc_info} == {"voice.failed"}
    stage.log.clear()


# --- odd webhooks


@pytest.mark.slow
def test_a_repeated_webhook_gets_the_same_answer(make_stage: MakeStage) -> None:
    """To the byte, as long as the directory is the same: nothing but the URL remembers the call."""
    stage = make_stage(faults=every("duplicate"))
    list_entries(stage)
    stage.call(keys=("3", "31#"), talks=20)
    pairs = [(first, copy) for first, copy in twice(stage) if "/directory/" in first.url]
    assert len(pairs) == 2
    assert [first.body == copy.body for first, copy in pairs] == [True] * len(pairs)
    assert stage.counted() == {"answered": 1}


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["duplicate", "delay"])
@pytest.mark.parametrize("seconds", [1.0, 4.0])
def test_late_webhooks(make_stage: MakeStage, fault: str, seconds: float) -> None:
    """A copy that comes late changes nothing, and a slow answer only takes its time."""
    stage = make_stage(faults=every(fault, "gather", seconds))
    list_entries(stage)
    call = stage.call(keys=("3", "31#"), talks=20)
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}


@pytest.mark.slow
def test_an_unreadable_token_leads_to_the_ring(stage: Stage) -> None:
    """The seal's key was taken away in the middle of the list: a human, whatever they pressed."""
    call = stage.dial(keys=("3", "31#"), talks=20)
    until(stage, call, stage.says("directory-free"))
    stage.replace(secrets=stage.secrets.model_copy(update={"seal_keys": (b"another seal key of the scenarios",)}))
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]


@pytest.mark.slow
def test_a_flow_that_is_edited_meanwhile_leads_to_the_ring(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step isn't there any more when the next key comes."""
    call = stage.dial(keys=("3", "31#"), talks=20)
    until(stage, call, stage.says("directory-free"))
    line = stage.rehearsal.service.lines["france"]
    steps = {name: step for name, step in line.flow.steps.items() if name != "directory"}
    steps["greeting"] = SayStep("greeting", "greeting-france", "ring")
    edited = replace(line, flow=replace(line.flow, steps=steps))
    monkeypatch.setitem(stage.rehearsal.service.lines, "france", edited)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
