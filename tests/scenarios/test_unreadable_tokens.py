from pathlib import Path

import pytest

from helpline.settings import Secrets
from helpline.store.tables import LiveCall
from helpline.twin import Behaviour, CallHandle, ignore
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import SECRETS, TAKES, Stage, order_of_rings, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


NEW = b"another seal key of the scenarios"


def with_keys(*keys: bytes) -> Secrets:
    """The service's secrets with other seal keys, newest first."""
    return SECRETS.model_copy(update={"seal_keys": keys})


ROTATED = with_keys(NEW, *SECRETS.seal_keys)
REPLACED = with_keys(NEW)


def replaced_at(make_stage: MakeStage, seconds: float, secrets: Secrets, *alix: Behaviour) -> tuple[Stage, CallHandle]:
    """A call of the French line, and the keys changed so many seconds into it."""
    stage = make_stage()
    stage.phones(Alix=alix)
    call = stage.dial(talks=40)
    stage.at(seconds)
    stage.replace(secrets=secrets)
    return stage, call


@pytest.mark.parametrize("seconds", [6, 13, 16, 19, 21, 23.9, 25, 30, 70])
def test_a_rotated_key_is_not_noticed(make_stage: MakeStage, seconds: float) -> None:
    """A new seal key beside the old one, at whatever moment of a call: every URL handed out before still opens."""
    stage, call = replaced_at(make_stage, seconds, ROTATED, TAKES)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert order_of_rings(call) == ["Alix"]
    assert stage.counted() == {"answered": 1}


def test_the_old_key_goes_while_the_caller_hears_the_greeting(make_stage: MakeStage) -> None:
    """The caller's place can't be read any more: they are put through to a human all the same."""
    stage, call = replaced_at(make_stage, 6, REPLACED, TAKES)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}


def test_the_old_key_goes_while_a_belgian_caller_chooses(make_stage: MakeStage) -> None:
    """The choice can't be read any more: the caller goes on in the line's first language, to a psychologist."""
    stage = make_stage({"belgium": [["Billie"]]})
    call = stage.dial("belgium", talks=30)
    stage.at(2)
    stage.replace(secrets=REPLACED)
    call.press("2")
    stage.twin.run_until_idle()
    assert call.talked_to == ["Billie"]


def test_the_old_key_goes_while_the_caller_waits(make_stage: MakeStage) -> None:
    """The wait can't be read any more: the caller leaves the queue, is rung for anew, and talks to a psychologist."""
    stage, call = replaced_at(make_stage, 16, REPLACED, ignore(), TAKES)
    stage.twin.run_until_idle()
    assert len(times(call, "queued")) == 2
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}


def test_the_old_key_goes_and_nobody_answers(make_stage: MakeStage) -> None:
    """The same with nobody there: the caller hears the spoken alternative, counted once."""
    stage, call = replaced_at(make_stage, 16, REPLACED, ignore())
    stage.twin.run_until_idle()
    assert stage.says("crisis-france") in call.heard()
    assert stage.counted() == {"unanswered": 1}


def test_the_old_key_goes_and_the_caller_too(make_stage: MakeStage) -> None:
    """The caller hangs up right after: the phone that was ringing falls silent, and the call is counted once."""
    stage, call = replaced_at(make_stage, 16, REPLACED, ignore())
    call.hang_up()
    stage.twin.run_until_idle()
    assert times(call, "call ends", "Alix")[0] < 17
    assert stage.counted() == {"abandoned": 1}


def test_the_old_key_goes_during_the_whisper(make_stage: MakeStage) -> None:
    """The psychologist's key can't be read any more: they hear kind words, and the caller is rung for anew."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    call = stage.dial(talks=40)
    stage.at(19)
    stage.replace(secrets=REPLACED)
    stage.twin.run_until_idle()
    assert call.heard("Alix")[-1] == stage.says("not-valid")
    assert call.talked_to == ["Billie"]
    assert stage.counted() == {"answered": 1}


def test_the_old_key_goes_while_they_talk(make_stage: MakeStage) -> None:
    """A conversation isn't touched; when the caller hangs up it is counted as answered, once."""
    stage, call = replaced_at(make_stage, 40, REPLACED, TAKES)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert call.bridged_at is not None
    assert times(call, "hangs up")[0] - call.bridged_at == pytest.approx(40, abs=0.5)
    assert stage.counted() == {"answered": 1}


def test_the_old_key_goes_and_the_connection_drops(make_stage: MakeStage) -> None:
    """The psychologist's phone drops after the change: the caller is not thrown out but rung for anew."""
    stage, call = replaced_at(make_stage, 40, REPLACED, TAKES.but(talks=30), TAKES)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix", "Alix"]
    assert stage.counted() == {"answered": 1}


def test_a_status_that_cant_be_read_is_acknowledged(make_stage: MakeStage) -> None:
    """Word of a leg whose URL can't be read any more gets a 204: the carrier needn't ask again."""
    stage, call = replaced_at(make_stage, 16, REPLACED, ignore())
    stage.twin.run_until_idle()
    told = [e for e in call.webhooks if e.kind == "status" and "/status/" in e.url and e.at > stage.now - 400]
    assert told
    assert {exchange.status for exchange in told} == {204}


def test_forged_tokens_lead_to_a_human_or_to_kind_words(make_stage: MakeStage) -> None:
    """Rightly signed requests for URLs that nobody handed out: 200 and a spoken answer, 204 for a status."""
    stage = make_stage()
    stage.call(talks=20)
    client = stage.rehearsal.service.web.test_client()
    form = {"CallSid": "CAforged", "CallStatus": "in-progress"}
    wanted = {"wait": "<Leave/>", "leg": stage.says("not-valid"), "bridge": "<Response></Response>", "status": ""}
    for kind, text in wanted.items():
        path = f"/voice/france/{kind}/never-handed-out"
        answer = client.post(path, data=form, headers={"X-Twilio-Signature": stage.signature(path, form)})
        assert answer.status_code == (204 if kind == "status" else 200)
        assert text in answer.text
    assert stage.rows(LiveCall) == []


EDITED = """
format = 1
name = "france"
languages = ["fr"]
start = "welcome"
[crisis]
prompt = "crisis-france"
verified = 2026-01-01
[spoken]
fr = "Ligne d’écoute France"
nl = "Hulplijn Frankrijk"
de = "Hilfetelefon Frankreich"
en = "France helpline"
[voices]
fr = { locale = "fr-FR", name = "Polly.Lea-Neural" }
nl = { locale = "nl-BE", name = "Polly.Lisa-Neural" }
de = { locale = "de-DE", name = "Polly.Vicki-Neural" }
en = { locale = "en-GB", name = "Polly.Amy-Neural" }
[steps.welcome]
kind = "say"
prompt = "greeting-france"
next = "psychologists"
[steps.psychologists]
kind = "ring"
unanswered = "nobody"
[steps.nobody]
kind = "menu"
prompt = "unanswered-menu"
keys = { 1 = "psychologists" }
silence = "end"
[steps.end]
kind = "goodbye"
prompt = "goodbye"
"""
"""The French flow with every step renamed: no place that a caller can be in exists any more."""


def edit_flow(stage: Stage, folder: Path) -> None:
    """The coordinator's new flow goes live."""
    (folder / "edited.toml").write_text(EDITED, encoding="utf-8")
    line = stage.settings.lines["france"].model_copy(update={"flow": "edited.toml"})
    stage.replace(settings=stage.settings.model_copy(update={"lines": {**stage.settings.lines, "france": line}}))


@pytest.mark.parametrize("seconds", [6, 16, 19, 24, 40])
def test_the_flow_is_edited_in_the_middle_of_a_call(make_stage: MakeStage, tmp_path: Path, seconds: float) -> None:
    """The step a caller is at doesn't exist any more: from wherever they are they reach a psychologist."""
    stage = make_stage()
    call = stage.dial(talks=40)
    stage.at(seconds)
    edit_flow(stage, tmp_path)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}


def test_the_flow_is_edited_before_nobody_answers(make_stage: MakeStage, tmp_path: Path) -> None:
    """The caller comes out of the queue into a flow they never knew: rung for once more, then the alternative."""
    stage = make_stage()
    stage.phones(Alix=ignore())
    call = stage.dial()
    stage.at(16)
    edit_flow(stage, tmp_path)
    stage.twin.run_until_idle()
    assert stage.says("crisis-france") in call.heard()
    assert call.heard()[-1] == stage.says("goodbye")
    assert stage.counted() == {"unanswered": 1}


def test_the_flow_is_edited_while_the_menu_is_heard(make_stage: MakeStage, tmp_path: Path) -> None:
    """1 for another try, pressed in a menu that was renamed: the caller is rung for."""
    stage = make_stage()
    stage.phones(Alix=[ignore(), ignore(), TAKES])
    call = stage.dial(talks=30)
    stage.at(85)
    edit_flow(stage, tmp_path)
    call.press("1")
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
