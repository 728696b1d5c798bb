import re

import pytest
from sqlalchemy import func, select

from helpline.store.tables import WrapUp
from tests.demo.conftest import NUMBERS, Demo, told


def test_a_voice_answers_the_caller(demo: Demo) -> None:
    """The page is told what is being said, since when and for how long, and in which language."""
    call = demo.dial()
    demo.passes(3)
    caller = demo.state(call)["caller"]
    greeting = caller["story"][-1]
    assert (caller["state"], caller["status"]) == ("connected", "listening to the line")
    assert greeting["text"].startswith("Ligne d’écoute des médecins, bonjour.")
    assert (greeting["kind"], greeting["locale"]) == ("said", "fr-FR")
    assert caller["hears"]["line"] == greeting["id"]
    assert 2 < caller["hears"]["since"] < 3.1 < caller["hears"]["seconds"] < 13


def test_whoever_is_on_call_is_rung(demo: Demo) -> None:
    """The phones of the first tier ring, showing the line's number, and no other does."""
    demo.dial()
    demo.passes(17)
    state = demo.state()
    first = [name for name in ("Camille", "Dominique", "Sacha") if state["roles"][NUMBERS[name]] == "On call"]
    assert sorted(demo.ringing()) == sorted(first)
    assert len(first) == 2
    assert told(demo.phone(first[0])) == ["Rings. Shows 01 99 00 04 01"]
    assert state["step"] == "answer"


def test_the_caller_waits_to_music(demo: Demo) -> None:
    """While phones ring the caller's page is given the real music's address, on its own host."""
    call, _ = demo.rung()
    caller = demo.state(call)["caller"]
    assert caller["status"] == "waiting"
    assert caller["hears"]["audio"].startswith("/audio/")
    assert demo.browser.get(caller["hears"]["audio"]).content_type == "audio/wav"
    assert told(caller)[-1] == "Hold music"


def test_who_picks_up_hears_who_is_calling(demo: Demo) -> None:
    """The whisper appears under the phone, and the page knows that a key is awaited."""
    _, name = demo.rung()
    assert demo.do("pick_up", phone=NUMBERS[name]).status_code == 200
    demo.passes(4)
    phone = demo.phone(name)
    assert (phone["state"], phone["asks"]) == ("connected", True)
    assert told(phone)[1] == "Picks up"
    assert "Appel en français" in told(phone)[2]
    assert demo.state()["step"] == "press"


def test_one_takes_the_call(demo: Demo) -> None:
    """With key 1 both phones talk, each page line says with whom, and the colleague's phone falls silent."""
    call, name = demo.talking()
    state, phone = demo.state(call), demo.phone(name)
    assert (state["caller"]["state"], phone["state"], state["step"]) == ("talking", "talking", "talk")
    assert told(state["caller"])[-1] == f"Talking with {name} Exemple"
    assert told(phone)[-2:] == ["1", "Talking with the caller"]
    silent = [told(each)[-1] for each in state["phones"] if each["state"] == "idle" and each["story"]]
    assert silent == ["Stops ringing"]


def test_a_call_that_is_over_waits_to_be_coded(demo: Demo) -> None:
    """The caller hangs up: one wrap-up waits, and the page says for whom and that coding comes next."""
    call, name = demo.talking()
    demo.do("hang_up", call=call)
    demo.passes(1)
    state = demo.state(call)
    assert state["caller"]["state"] == "idle"
    assert told(state["caller"])[-1] == "Hangs up"
    assert sorted(text for _, _, text in state["waiting"]) == ["1 call to code", "nothing to code", "nothing to code"]
    assert state["step"] == "code"
    with demo.store.read() as connection:
        assert connection.execute(select(func.sum(WrapUp.n))).scalar_one() == 1
    assert name in {"Camille", "Dominique", "Sacha"}


def test_the_last_call_is_told_in_ten_lines(demo: Demo) -> None:
    """How long until a sound, a ring and a human, how many signed requests, and that nothing is left."""
    call, name = demo.talking()
    demo.passes(60)
    demo.do("hang_up", call=call)
    demo.passes(1)
    last = dict(demo.state(call)["last"])
    assert len(last) == 10
    assert last["Line"] == "France helpline"
    assert last["First sound"] in {"after 0.0 s", "after 0.1 s"}
    assert 12 < float(last["First ring"].split()[1]) < 16
    assert last["First human voice"].endswith(f" s · {name} Exemple")
    assert re.fullmatch("1:0[0-5]", last["Conversation"])
    assert int(last["Carrier’s requests"].split(",")[0]) > 8
    assert last["Refused by the carrier"] == "nothing"
    assert last["Calls in progress in the database"] == "0"


def test_nothing_has_happened_yet(demo: Demo) -> None:
    """Before the first call the first step is next, every phone is free, and there is no last call."""
    state = demo.state()
    assert (state["step"], state["last"], state["others"]) == ("dial", [], [])
    assert {phone["status"] for phone in state["phones"]} == {"free"}
    assert state["caller"]["status"] == "on the hook"


def test_a_key_nobody_waits_for_is_shown_as_lost(demo: Demo) -> None:
    """A key pressed at the wrong moment is seen, with a word on what became of it."""
    call, _ = demo.talking()
    demo.do("press", call=call, keys="7")
    demo.passes(1)
    assert demo.state(call)["caller"]["story"][-1]["note"] == "nobody was waiting for a key"


def test_a_ringing_phone_can_be_refused(demo: Demo) -> None:
    """Hanging up a phone that rings refuses the call; the caller keeps waiting."""
    call, name = demo.rung()
    demo.do("hang_up", phone=NUMBERS[name])
    demo.passes(1)
    assert told(demo.phone(name))[-1] == "Refuses the call"
    assert demo.state(call)["caller"]["status"] == "waiting"


def test_a_psychologist_can_hang_up(demo: Demo) -> None:
    """A conversation that the psychologist ends isn't over for the caller, who is told to stay if it was cut off."""
    call, name = demo.talking()
    demo.do("hang_up", phone=NUMBERS[name])
    demo.passes(2)
    caller = demo.state(call)["caller"]
    assert caller["state"] == "connected"
    assert told(caller)[-1].startswith("Si la communication a été coupée, restez en ligne")


def test_belgium_speaks_four_languages(demo: Demo) -> None:
    """The Belgian line offers each language in its own voice, and goes on in the one that is chosen."""
    call = demo.dial("belgium")
    demo.passes(10)
    assert [line["locale"] for line in demo.state(call)["caller"]["story"] if line["kind"] == "said"] == [
        "fr-BE",
        "nl-BE",
        "de-DE",
        "en-GB",
    ]
    demo.do("press", call=call, keys="2")
    demo.passes(2)
    story = demo.state(call)["caller"]["story"]
    assert (story[-1]["locale"], story[-2]["kind"], story[-2]["text"]) == ("nl-BE", "key", "2")


def test_a_withheld_number_changes_nothing_for_the_caller(demo: Demo) -> None:
    """Somebody who hides their number is answered and put through alike."""
    call = demo.dial(withheld=True)
    assert demo.rehearsal.twin.calls[call].from_ == "anonymous"
    demo.passes(17)
    assert len(demo.ringing()) == 2


def test_two_tabs_two_callers(demo: Demo) -> None:
    """Each tab has a caller of its own, and sees the other's call in a line."""
    one = demo.dial()
    other = demo.dial("belgium")
    demo.passes(2)
    seen = demo.state(one)
    assert seen["caller"]["story"][-1]["text"].startswith("Ligne d’écoute des médecins")
    assert [(each["key"], each["text"]) for each in seen["others"]] == [
        (other, "Belgium helpline · listening to the line")
    ]
    assert [each["key"] for each in demo.state(other)["others"]] == [one]
    assert len(demo.state()["others"]) == 2


def test_two_callers_reach_two_psychologists(demo: Demo) -> None:
    """Nobody is rung in the middle of a conversation: the second caller gets somebody else."""
    call, name = demo.talking()
    second = demo.dial()
    demo.passes(17)
    assert name not in demo.ringing()
    other = demo.ringing()[0]
    demo.do("pick_up", phone=NUMBERS[other])
    demo.passes(4)
    demo.do("press", phone=NUMBERS[other], keys="1")
    demo.passes(5)
    assert {demo.state(each)["caller"]["state"] for each in (call, second)} == {"talking"}
    assert {demo.phone(each)["state"] for each in (name, other)} == {"talking"}


def test_the_coordination_is_rung_in_the_end(demo: Demo) -> None:
    """When nobody picks up, the number of the last resort rings, and whoever answers there can take the call."""
    demo.dial()
    for _ in range(60):
        demo.passes(5)
        if demo.ringing() == ["Coordination"]:
            break
    assert demo.phone("Coordination")["status"] == "ringing"
    assert demo.state()["roles"][NUMBERS["Coordination"]] == "When nobody else can answer"


@pytest.mark.parametrize(
    ("language", "status", "story"),
    [
        ("fr", "sonne", "Ça sonne. Affiche 01 99 00 04 01"),
        ("nl", "rinkelt", "Rinkelt. Toont 01 99 00 04 01"),
        ("de", "klingelt", "Klingelt. Zeigt 01 99 00 04 01"),
        ("en", "ringing", "Rings. Shows 01 99 00 04 01"),
        ("xx", "sonne", "Ça sonne. Affiche 01 99 00 04 01"),
    ],
)
def test_the_state_speaks_the_pages_language(demo: Demo, language: str, status: str, story: str) -> None:
    """What a phone does is told in the language of the page that asks, French if it is none of ours."""
    _, name = demo.rung()
    phone = demo.phone(name, language)
    assert (phone["status"], told(phone)[-1]) == (status, story)
