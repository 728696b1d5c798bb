"""A psychologist brings a service of the directory onto the line: three in a room, then leave."""

import pytest

from helpline.store.tables import Leg, LiveCall, MonthlyCount, WrapUp
from helpline.twin import (
    CALLER,
    Behaviour,
    CallHandle,
    accept,
    busy,
    decline,
    failed,
    ignore,
    reject,
    silent,
    voicemail,
)
from tests.scenarios.conftest import MakeStage
from tests.scenarios.services import (
    ALONE,
    CLOSE,
    FAR,
    JOINS,
    NAMES,
    TWO,
    answer,
    brings,
    in_the_room,
    met,
    service,
    shelve,
    staged,
    until,
)
from tests.scenarios.stage import PEOPLE, SHOWN, TAKES, Stage, entries, order_of_rings, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


ALIX = PEOPLE["Alix"].phone


def finished(stage: Stage, call: CallHandle) -> None:
    """The caller hangs up, and it was one call, with one wrap-up of Alix's."""
    call.hang_up()
    stage.twin.run_until_idle()
    assert stage.counted() == {"answered": 1}
    assert [(row["person"], row["n"]) for row in stage.rows(WrapUp)] == [(stage.person("Alix"), 1)]


# --- how they meet


def test_all_three_meet(make_stage: MakeStage) -> None:
    """Each with each, the service last, and nobody sees anybody's number."""
    stage, call = in_the_room(make_stage)
    assert met(call) == ["Alix", "service"]
    assert sorted(met(call, "service")) == ["Alix", CALLER]
    assert {leg.from_ for leg in stage.twin.legs() if leg.direction == "outbound-api"} == {SHOWN}
    finished(stage, call)


def test_it_takes_seconds(make_stage: MakeStage) -> None:
    """From the service's key to the three of them; the caller is never without a sound."""
    stage, call = in_the_room(make_stage)
    assert times(call, "meets", "service")[0] - times(call, "presses", "service")[0] < 15
    finished(stage, call)


def test_the_caller_is_told_whom_they_meet(make_stage: MakeStage) -> None:
    """One moment, that they aren't forgotten, and then who comes; never that they were cut off."""
    stage, call = in_the_room(make_stage)
    heard = call.heard()
    assert heard[-1] == stage.says("connecting-service")
    assert heard.count(stage.says("one-moment")) == 1
    assert stage.says("moment-more") in heard
    assert stage.says("cut-off") not in heard
    finished(stage, call)


def test_the_service_learns_nothing_but_who_asks(make_stage: MakeStage) -> None:
    """Whose line it is and that somebody has called; who it is they hear from themselves."""
    stage, call = in_the_room(make_stage)
    assert call.heard("service") == [stage.says("service-screen"), stage.says("service-thanks")]
    finished(stage, call)


def test_the_nearest_are_read_first(make_stage: MakeStage) -> None:
    """31: the association of Toulouse, then the one for the whole country, and how to go back."""
    stage = make_stage(ALONE)
    shelve(stage, FAR, CLOSE)
    service(stage, JOINS, number=CLOSE)
    stage.phones(Alix=[Behaviour(keys=("1", "3", "31#", "", "1"), star_after=20, listens=False), TAKES])
    call = stage.dial()
    until(stage, call, "meets", "service")
    read = [stage.says("service-offer", name=NAMES[n], key=str(k)) for k, n in enumerate((CLOSE, FAR), 1)]
    heard = call.heard("Alix")
    assert [text for text in heard if text in read] == read
    assert stage.says("service-calling", name=NAMES[CLOSE]) in heard
    finished(stage, call)


def test_no_place_is_asked_for_once_more(make_stage: MakeStage) -> None:
    """A half-typed number: a gentle repeat, and then the whole country."""
    stage = staged(make_stage, Behaviour(keys=("1", "3", "999#", "999#", "1"), star_after=20, listens=False))
    call = stage.dial()
    until(stage, call, "meets", "service")
    assert call.heard("Alix").count(stage.says("service-unknown")) == 1
    finished(stage, call)


def test_without_a_directory_nothing_is_offered(make_stage: MakeStage) -> None:
    """And 3 means what any other key means: a colleague."""
    stage = make_stage(TWO)
    stage.phones(Alix=Behaviour(keys=("1", "3"), star_after=20))
    call = stage.call(talks=60)
    assert stage.says("handover-service") not in call.heard("Alix")
    assert call.talked_to == ["Alix", "Billie"]


def test_a_service_of_one_department_is_enough(make_stage: MakeStage) -> None:
    """It is offered although nobody serves the whole country: who keys # hears so, who keys its department meets it."""
    stage = make_stage()
    shelve(stage, CLOSE)
    service(stage, JOINS, number=CLOSE)
    stage.phones(Alix=Behaviour(keys=("1", "3", "#", "3", "31#", "1"), star_after=20, listens=False))
    call = stage.dial()
    until(stage, call, "meets", "service")
    assert call.heard("Alix").count(stage.says("service-nobody")) == 1
    finished(stage, call)


def test_a_service_of_another_country_is_none(make_stage: MakeStage) -> None:
    """The Belgian line has nobody to bring who serves a French department."""
    stage = make_stage({"belgium": [["Alix"], ["Billie"]]})
    shelve(stage, CLOSE)
    stage.phones(Alix=Behaviour(keys=("1", "3"), star_after=20))
    call = stage.call("belgium", talks=60, keys=("1",))
    assert stage.says("handover-service") not in call.heard("Alix")
    assert call.talked_to == ["Alix", "Billie"]


# --- nothing of it is kept


def test_nothing_keyed_and_no_service_is_stored(make_stage: MakeStage) -> None:
    """While it rings, the row knows a leg of nobody's; the number is gone once it was dialled."""
    stage = staged(make_stage, brings())
    call = stage.dial()
    until(stage, call, "rings", "service")
    (leg,) = [row for row in stage.rows(Leg) if row["attempt"] == 0]
    assert (leg["person"], leg["backup"], leg["sealed"]) == (None, None, None)
    assert FAR not in repr(stage.rows(Leg) + stage.rows(LiveCall))
    finished(stage, call)


# --- it doesn't come


REFUSES = {
    "declines": decline(),
    "nobody": ignore(),
    "busy": busy(),
    "refuses": reject(),
    "no such number": failed(),
    "voicemail": voicemail(after=5),
    "no key": silent(),
    "hangs up": silent(hang_up_after=3),
}


@pytest.mark.parametrize("how", REFUSES.values(), ids=REFUSES)
def test_a_service_that_doesnt_come(make_stage: MakeStage, how: Behaviour) -> None:
    """The psychologist is told, is asked again, and goes back to the caller, who holds all the while."""
    stage = staged(make_stage, brings(), how)
    call = stage.dial()
    answer(stage, call, "service-not-there", "2")
    until(stage, call, "bridged", n=2)
    assert stage.says("service-not-there") in call.heard("Alix")
    assert call.talked_to == ["Alix", "Alix"]
    assert met(call) == []
    assert stage.says("cut-off") not in call.heard()
    finished(stage, call)


def test_a_second_service_may_be_called(make_stage: MakeStage) -> None:
    """The first was busy: the same way leads to it once more, and now it comes."""
    stage = staged(make_stage, brings(), busy(), JOINS)
    call = stage.dial()
    answer(stage, call, "service-not-there", "3")
    stage.twin.run_for(3)
    for key in "#1":
        stage.twin.phones[ALIX].press(key)
        stage.twin.run_for(3)
    until(stage, call, "meets", "service")
    finished(stage, call)


def test_a_colleague_instead(make_stage: MakeStage) -> None:
    """After a service that didn't come, 1 hands the caller over as ever."""
    stage = staged(make_stage, brings(), busy(), rota=TWO)
    call = stage.dial(talks=60)
    answer(stage, call, "service-not-there", "1")
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix", "Billie"]
    assert stage.counted() == {"answered": 1}


def test_any_key_calls_it_off(make_stage: MakeStage) -> None:
    """Its phone falls silent at once, and the psychologist is asked again."""
    stage = staged(make_stage, brings(), ignore())
    call = stage.dial()
    until(stage, call, "rings", "service")
    stage.twin.phones[ALIX].press("5")
    answer(stage, call, "service-cancelled", "2")
    until(stage, call, "bridged", n=2)
    (rang,), (ended,) = times(call, "rings", "service"), times(call, "call ends", "service")
    assert ended - rang < 8
    finished(stage, call)


def test_called_off_while_it_is_asked(make_stage: MakeStage) -> None:
    """Who has picked up isn't cut but told; a 1 pressed then comes too late."""
    stage = staged(make_stage, brings(), accept(after=2, talks=None).but(keys=("", "1")))
    call = stage.dial()
    until(stage, call, "hears", "service")
    stage.twin.phones[ALIX].press("5")
    until(stage, call, "call ends", "service")
    assert call.heard("service")[-1] == stage.says("service-over")
    assert met(call) == []
    finished(stage, call)


def test_back_to_the_caller_from_the_list(make_stage: MakeStage) -> None:
    """0, and nobody is rung."""
    stage = staged(make_stage, Behaviour(keys=("1", "3", "#", "0"), star_after=20, listens=False))
    call = stage.dial()
    until(stage, call, "bridged", n=2)
    assert order_of_rings(call) == ["Alix"]
    finished(stage, call)


def test_silence_before_the_list_comes_back_to_the_question(make_stage: MakeStage) -> None:
    """The list is read twice; then the first question, and its silence is a colleague."""
    stage = staged(make_stage, Behaviour(keys=("1", "3", "#"), star_after=20, listens=False), rota=TWO)
    call = stage.call(talks=60)
    assert call.heard("Alix").count(stage.says("service-offer", name=NAMES[FAR], key="1")) == 2
    assert call.talked_to == ["Alix", "Billie"]


@pytest.mark.parametrize("prompt", ["handover-service", "service-ask", "service-offer", "service-calling"])
def test_the_psychologist_hangs_up_before_it_came(make_stage: MakeStage, prompt: str) -> None:
    """At whatever question: a colleague is called for the caller, and the service's phone falls silent."""
    stage = staged(make_stage, brings(), ignore(), rota=TWO)
    call = stage.dial(talks=60)
    spoken = stage.says(prompt, name=NAMES[FAR], key="1") if prompt in NAMED else stage.says(prompt)
    until(stage, call, "hears", "Alix", spoken)
    stage.twin.phones[ALIX].hang_up()
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix", "Billie"]
    assert stage.counted() == {"answered": 1}
    assert all(at - times(call, "hangs up", "Alix")[0] < 2 for at in times(call, "call ends", "service"))


NAMED = {"service-offer", "service-calling"}


@pytest.mark.parametrize("prompt", ["service-ask", "service-offer", "service-calling"])
def test_the_caller_hangs_up_before_it_came(make_stage: MakeStage, prompt: str) -> None:
    """The psychologist is thanked, the service's phone falls silent, and it is one call."""
    stage = staged(make_stage, brings(), ignore())
    call = stage.dial()
    spoken = stage.says(prompt, name=NAMES[FAR], key="1") if prompt in NAMED else stage.says(prompt)
    until(stage, call, "hears", "Alix", spoken)
    finished(stage, call)
    assert call.heard("Alix")[-1] == stage.says("thanks")
    assert all(at - times(call, "hangs up")[0] < 2 for at in times(call, "call ends", "service"))


# --- how they part


@pytest.mark.parametrize("key", ["1", "", "7"])
def test_the_psychologist_leaves_them_together(make_stage: MakeStage, key: str) -> None:
    """*, and then 1, silence or any key but 2: caller and service talk on, nobody is rung."""
    stage, call = in_the_room(make_stage)
    stage.twin.phones[ALIX].press("*")
    answer(stage, call, "service-part", key)
    until(stage, call, "bridged", "service")
    assert call.talked_to == ["Alix", "service"]
    assert call.heard()[-1] == stage.says("connecting-alone")
    assert call.heard("Alix")[-2:] == [stage.says("service-together"), stage.says("thanks")]
    assert stage.says("cut-off") not in call.heard()
    assert order_of_rings(call) == ["Alix", "service"]
    finished(stage, call)


@pytest.mark.parametrize("asked", [False, True])
def test_the_psychologist_hangs_up_in_the_room(make_stage: MakeStage, asked: bool) -> None:
    """Or at the question after it: the same."""
    stage, call = in_the_room(make_stage)
    alix = stage.twin.phones[ALIX]
    if asked:
        alix.press("*")
        until(stage, call, "hears", "Alix", stage.says("service-part"))
    alix.hang_up()
    until(stage, call, "bridged", "service")
    assert call.talked_to == ["Alix", "service"]
    assert stage.says("cut-off") not in call.heard()
    finished(stage, call)


def test_the_psychologist_takes_the_caller_back_alone(make_stage: MakeStage) -> None:
    """*, then 2: the service is thanked, and the two talk on."""
    stage, call = in_the_room(make_stage)
    stage.twin.phones[ALIX].press("*")
    answer(stage, call, "service-part", "2")
    until(stage, call, "bridged", n=2)
    assert call.talked_to == ["Alix", "Alix"]
    stage.twin.run_for(10)
    assert call.heard("service")[-1] == stage.says("service-over")
    assert times(call, "call ends", "service") != []
    finished(stage, call)


def test_the_service_hangs_up(make_stage: MakeStage) -> None:
    """The psychologist is told, and has the caller back within seconds."""
    stage, call = in_the_room(make_stage)
    stage.twin.phones[FAR].hang_up()
    until(stage, call, "bridged", n=2)
    assert call.talked_to == ["Alix", "Alix"]
    assert call.heard("Alix")[-1] == stage.says("service-left")
    assert times(call, "bridged")[1] - times(call, "hangs up", "service")[0] < 10
    finished(stage, call)


def test_the_caller_hangs_up_in_the_room(make_stage: MakeStage) -> None:
    """One call, counted once; both others are told and let go."""
    stage, call = in_the_room(make_stage)
    finished(stage, call)
    assert call.heard("Alix")[-1] == stage.says("thanks")
    assert call.heard("service")[-1] == stage.says("service-over")


def test_the_psychologist_codes_by_keypad_after_the_room(make_stage: MakeStage) -> None:
    """Where the line allows it, as after any talk."""
    stage = make_stage(ALONE, france={"keypad_coding": True})
    shelve(stage, FAR)
    service(stage, JOINS)
    stage.phones(Alix=brings())
    call = stage.dial()
    until(stage, call, "meets", "service", n=2)
    call.hang_up()
    until(stage, call, "hears", "Alix", stage.says("code-reason"))
    stage.twin.run_until_idle()


def left_together(make_stage: MakeStage) -> tuple[Stage, CallHandle]:
    """Caller and service talk; the psychologist has left."""
    stage, call = in_the_room(make_stage, rota=TWO)
    stage.twin.phones[ALIX].hang_up()
    until(stage, call, "bridged", "service")
    return stage, call


def test_the_service_hangs_up_after_it_was_left_with_the_caller(make_stage: MakeStage) -> None:
    """The caller is asked whether they were cut off; who stays has the same psychologist back."""
    stage, call = left_together(make_stage)
    stage.twin.run_for(30)
    stage.twin.phones[FAR].hang_up()
    until(stage, call, "bridged", n=3)
    assert call.talked_to == ["Alix", "service", "Alix"]
    assert stage.says("cut-off") in call.heard()
    finished(stage, call)


def test_a_star_of_the_services_does_nothing(make_stage: MakeStage) -> None:
    """Neither in the room nor alone with the caller: only the psychologist's means something."""
    stage, call = in_the_room(make_stage)
    stage.twin.phones[FAR].press("*")
    stage.twin.run_for(5)
    stage.twin.phones[ALIX].hang_up()
    until(stage, call, "bridged", "service")
    stage.twin.phones[FAR].press("*")
    stage.twin.run_for(5)
    assert times(call, "leaves the queue")[1:] == times(call, "leaves the queue", text="leave")
    finished(stage, call)


def test_the_talk_is_all_of_it(make_stage: MakeStage) -> None:
    """With the psychologist, in the room, and with the service alone: one conversation's length."""
    stage, call = left_together(make_stage)
    stage.twin.run_for(60)
    finished(stage, call)
    (month,) = stage.rows(MonthlyCount)
    together = times(call, "hangs up", "Alix")[0] - times(call, "meets")[0]
    alone = times(call, "hangs up")[0] - times(call, "bridged")[1]
    assert month["talk_seconds"] == pytest.approx(20 + together + alone, abs=12)


def test_the_service_is_erased_like_any_leg(make_stage: MakeStage) -> None:
    """Once the call is over nothing of it is left but what is to be erased."""
    stage, call = in_the_room(make_stage)
    finished(stage, call)
    assert [entry.text for entry in entries(call, "call ends", "service")] == ["completed"]
    assert stage.rows(Leg) == []
