import pytest

from helpline.twin import CALLER
from ivr_flows.model import Language
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import CALLER_NUMBER, PEOPLE, SHOWN, TAKES, Stage, entries, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


BELGIUM = {"belgium": [["Billie", "Dirk", "Greta", "Emma"]]}


def test_a_caller_who_presses_nothing_talks_to_a_psychologist(stage: Stage) -> None:
    """On the French line a caller dials, presses nothing at all, and has a psychologist on the line."""
    call = stage.call(talks=90)
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}


@pytest.mark.parametrize("line", ["france", "belgium"])
def test_the_line_speaks_at_once(make_stage: MakeStage, line: str) -> None:
    """Whoever dials hears a voice within a second: no silence in which one might hang up."""
    call = make_stage({line: [["Alix"]]}).call(line, talks=5)
    assert call.first_sound is not None
    assert call.first_sound < 1


def test_the_greeting_comes_before_the_phones_ring(stage: Stage) -> None:
    """The caller hears where they are, and that nothing is recorded, before anybody is called."""
    call = stage.call(talks=5)
    assert call.heard()[0] == stage.says("greeting-france")
    assert call.first_ring is not None
    assert call.first_ring > times(call, "hears")[0]


def test_a_silent_caller_of_the_belgian_line_is_spoken_to_in_french(make_stage: MakeStage) -> None:
    """All four languages are offered, each in its own voice; silence goes on in French."""
    stage = make_stage(BELGIUM)
    call = stage.call("belgium", talks=5)
    offers = [(entry.locale, entry.text) for entry in entries(call, "hears")[:4]]
    assert offers == [
        ("fr-BE", stage.says("language-choice", "fr", key="1")),
        ("nl-BE", stage.says("language-choice", "nl", key="2")),
        ("de-DE", stage.says("language-choice", "de", key="3")),
        ("en-GB", stage.says("language-choice", "en", key="4")),
    ]
    assert {entry.locale for entry in entries(call, "hears")[4:]} == {"fr-BE"}
    assert call.talked_to


@pytest.mark.parametrize(
    ("key", "language", "locale", "psychologist"),
    [
        ("1", "fr", "fr-BE", "Billie"),
        ("2", "nl", "nl-BE", "Dirk"),
        ("3", "de", "de-DE", "Greta"),
        ("4", "en", "en-GB", "Emma"),
    ],
)
def test_a_caller_is_spoken_to_in_the_language_chosen(
    make_stage: MakeStage, key: str, language: Language, locale: str, psychologist: str
) -> None:
    """On the Belgian line one key chooses the language of everything that follows, and of the psychologist."""
    stage = make_stage({"belgium": [[psychologist]]})
    call = stage.call("belgium", key, talks=30)
    chosen = entries(call, "presses")[0].at
    after = [entry for entry in entries(call, "hears") if entry.at > chosen]
    assert after[0].text == stage.says("greeting-belgium", language)
    assert {entry.locale for entry in after} == {locale}
    assert call.talked_to == [psychologist]


def test_a_language_may_be_chosen_while_the_others_are_still_offered(make_stage: MakeStage) -> None:
    """A caller needn't hear all four offers out: the key works from the first word on."""
    call = make_stage(BELGIUM).call("belgium", "2", talks=5)
    pressed = times(call, "presses")[0]
    assert pressed < 2
    assert len([at for at in times(call, "hears") if at < pressed]) == 1


def test_the_psychologist_is_told_in_their_own_language_what_waits(make_stage: MakeStage) -> None:
    """A German-speaking psychologist hears in German that a caller in French waits, and since when."""
    stage = make_stage({"belgium": [["Greta"]]})
    call = stage.call("belgium", talks=5)
    said = entries(call, "hears", "Greta")[0]
    assert said.locale == "de-DE"
    language, wait = stage.says("language-fr", "de"), stage.says("wait-seconds", "de", n="10")
    assert said.text == stage.says("whisper", "de", line="Hilfetelefon Belgien", language=language, wait=wait)
    assert entries(call, "hears", "Greta")[1].text == stage.says("whisper-accept", "de")


def test_the_caller_hears_that_they_are_connected(stage: Stage) -> None:
    """The last words of the line before the psychologist's voice say that it comes."""
    call = stage.call(talks=5)
    assert call.heard()[-1] == stage.says("connecting")
    assert call.bridged_at is not None
    assert times(call, "hears")[-1] < call.bridged_at < times(call, "hears")[-1] + 4


def test_neither_side_sees_the_others_number(stage: Stage) -> None:
    """A psychologist's phone shows the line's own number and never the caller's; the caller dialled the line."""
    call = stage.call(talks=5)
    shown = {leg.from_ for leg in call.legs() if leg.direction != "inbound"}
    assert shown == {SHOWN}
    handed = " ".join(exchange.body.decode() + exchange.url for exchange in stage.twin.requests)
    assert CALLER_NUMBER not in handed
    assert PEOPLE["Alix"].phone not in handed


@pytest.mark.parametrize("withheld", ["", "anonymous", "Restricted", "+266696687"])
def test_a_caller_who_hides_their_number_is_served_like_any_other(stage: Stage, withheld: str) -> None:
    """A withheld number is nobody's business: the same greeting, the same psychologist, the same count."""
    call = stage.call(from_=withheld, talks=60)
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}


def test_every_number_of_the_line_leads_to_it(make_stage: MakeStage) -> None:
    """The access number beside the published one is answered the same."""
    stage = make_stage()
    call = stage.twin.dial(CALLER_NUMBER, SHOWN, talks=30)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]


def test_a_psychologist_who_answers_twice_in_a_day_is_called_twice(stage: Stage) -> None:
    """One call after another: the second caller reaches the same psychologist as the first."""
    stage.phones(Alix=TAKES)
    first, second = stage.call(talks=60), stage.call(talks=60)
    assert (first.talked_to, second.talked_to) == (["Alix"], ["Alix"])
    assert stage.counted() == {"answered": 2}


def test_two_callers_talk_to_two_psychologists_at_once(make_stage: MakeStage) -> None:
    """Two callers at the same time, two psychologists: each pair is alone, and no phone beeps into a talk."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    first = stage.dial(talks=200)
    stage.at(60)
    second = stage.dial(from_="+33199009002", talks=60)
    stage.twin.run_until_idle()
    assert sorted(first.talked_to + second.talked_to) == ["Alix", "Billie"]
    assert stage.counted() == {"answered": 2}
    assert CALLER not in first.talked_to
