"""A psychologist lets their own phone ring, to see whether it works."""

from __future__ import annotations

import re

import pytest

from helpline.figures import records
from helpline.store.tables import Erasure, Leg
from helpline.twin import Behaviour, Faults, accept, busy, ignore, voicemail
from tests.pages.my.thumb import Thumb
from tests.pages.signed import HOST, Office
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import SECRETS, Stage
from tests.shell import SetClock

PRESSES = Behaviour(keys=("1",))


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


def telephone(stage: Stage, name: str = "Alix") -> Thumb:
    """Somebody on their own page."""
    if not stage.rehearsal.service.routes:
        stage.replace(pages=True)
    office = Office(stage.rehearsal.service, SetClock(stage.now), SECRETS.link_key)
    return Thumb(office.browser("psychologist", person=stage.person(name)))


def heard(stage: Stage) -> list[str]:
    """What was said to whoever picked up."""
    return [entry.text for leg in stage.twin.legs() for entry in leg.entries if entry.event == "hears"]


def test_it_rings_and_the_key_is_heard(stage: Stage) -> None:
    """Two taps; the phone shows the line's number and says why it rings; after the 1 the page says that it works."""
    stage.phones(Alix=PRESSES)
    page = telephone(stage).open("/my/phone").tap("Faites sonner mon téléphone").tap("Faire sonner maintenant")
    assert "Votre téléphone va sonner." in page.says
    stage.twin.run_until_idle()
    assert stage.rung("Alix") == 1
    line = stage.rehearsal.service.lines["france"].flow.spoken["fr"]
    assert heard(stage) == [stage.says("try-hello", line=line), stage.says("try-heard")]
    page.tap("Voir si c’est arrivé")
    assert page.taps == 3
    assert "Nous avons entendu la touche 1" in page.says


def test_it_is_no_call_of_anybodys(stage: Stage) -> None:
    """Nothing is counted or to be coded, the leg is gone and will be erased; what is left for a day names nobody."""
    stage.phones(Alix=PRESSES)
    telephone(stage).open("/my/phone/ring").tap("Faire sonner maintenant")
    stage.twin.run_until_idle()
    kept = {row["carrier_id"]: row for row in stage.rows(Erasure)}
    assert stage.counted() == {}
    with stage.store.read() as connection:
        assert records.pending(connection, stage.person("Alix")) == []
    assert stage.rows(Leg) == []
    [leg] = stage.twin.legs()
    assert kept.pop(leg.sid)["erased_at"] is None
    assert {row["kind"] for row in kept.values()} == {"try"}
    assert all(re.fullmatch(r"(try|heard)-[0-9a-f]{32}", name) for name in kept)
    assert all(row["due_at"] % 86_400 == 0 for row in kept.values())


@pytest.mark.parametrize(
    "way", [voicemail(after=3), ignore(), busy(), Behaviour(keys=("", "")), Behaviour(keys=("5",))]
)
def test_without_the_key_it_did_not_work(stage: Stage, way: Behaviour) -> None:
    """A voicemail, a phone that rings out or is engaged, silence, another key: the page says what to look at."""
    stage.phones(Alix=way)
    page = telephone(stage).open("/my/phone/ring").tap("Faire sonner maintenant")
    stage.twin.run_until_idle()
    page.tap("Voir si c’est arrivé")
    assert "nous n’avons pas entendu la touche 1" in page.says


def test_whoever_is_slow_is_asked_twice(stage: Stage) -> None:
    """The phone is at the ear a little late: the second question is answered."""
    stage.phones(Alix=Behaviour(keys=("", "1")))
    page = telephone(stage).open("/my/phone/ring").tap("Faire sonner maintenant")
    stage.twin.run_until_idle()
    assert "Nous avons entendu la touche 1" in page.tap("Voir si c’est arrivé").says


def test_it_rings_at_most_once_a_minute(stage: Stage) -> None:
    """Tapped twice it rings once; two minutes later it may ring again."""
    stage.phones(Alix=PRESSES)
    stage.twin.run_for(40)
    page = telephone(stage).open("/my/phone/ring").again("Faire sonner maintenant")
    assert page.status == 409
    assert "Vous venez de faire un essai" in page.says
    stage.twin.run_for(50)
    assert telephone(stage).open("/my/phone/ring").tap("Faire sonner").status == 409
    assert stage.rung("Alix") == 1
    stage.twin.run_for(31)
    telephone(stage).open("/my/phone/ring").tap("Faire sonner")
    stage.twin.run_until_idle()
    assert stage.rung("Alix") == 2


def test_a_phone_in_use_is_not_rung(stage: Stage) -> None:
    """Alix talks with a caller: her page says so, and the conversation isn't disturbed."""
    stage.phones(Alix=accept(talks=None))
    stage.dial(hang_up_after=120)
    stage.twin.run_for(60)
    page = telephone(stage).open("/my/phone/ring").tap("Faire sonner")
    assert (page.status, stage.rung("Alix")) == (409, 1)
    assert "vous êtes en ligne" in page.says
    stage.twin.run_until_idle()


def test_a_caller_comes_first(stage: Stage) -> None:
    """While somebody waits, no phone is tried."""
    stage.phones(Alix=ignore())
    stage.dial(hang_up_after=25)
    stage.twin.run_for(20)
    page = telephone(stage, "Billie").open("/my/phone/ring").tap("Faire sonner")
    assert (page.status, stage.rung("Billie")) == (409, 0)
    assert "qui passe avant un essai" in page.says
    stage.twin.run_until_idle()


def test_a_phone_that_is_tried_is_not_rung_for_a_caller(make_stage: MakeStage) -> None:
    """The caller is put through to somebody else meanwhile; a minute later Alix is rung again."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    stage.phones(Alix=Behaviour(keys=("", "1")))
    telephone(stage).open("/my/phone/ring").tap("Faire sonner")
    stage.twin.run_for(2)
    call = stage.call(talks=20)
    assert call.talked_to == ["Billie"]
    stage.twin.run_for(60)
    stage.phones(Alix=accept(talks=20))
    assert stage.call(talks=20).talked_to == ["Alix"]


def test_a_carrier_that_refuses_is_told_of(make_stage: MakeStage) -> None:
    """No leg is left that would keep callers from her phone."""
    faults = Faults()
    stage = make_stage(faults=faults)
    faults.script_rest("429", "POST", "Calls")
    page = telephone(stage).open("/my/phone/ring").tap("Faire sonner")
    assert page.status == 409
    assert "L’opérateur téléphonique n’a pas pu appeler" in page.says
    assert stage.rows(Leg) == []


def test_a_call_that_the_carrier_did_not_confirm_may_ring_all_the_same(make_stage: MakeStage) -> None:
    """Its answer was lost: the phone rings, and what is pressed is heard."""
    faults = Faults()
    stage = make_stage(faults=faults)
    stage.phones(Alix=PRESSES)
    faults.script_rest("lost answer", "POST", "Calls")
    page = telephone(stage).open("/my/phone/ring").tap("Faire sonner")
    stage.twin.run_until_idle()
    assert "Nous avons entendu la touche 1" in page.tap("Voir si c’est arrivé").says


def test_a_webhook_that_is_not_the_carriers_is_refused(stage: Stage) -> None:
    """Unsigned, nothing is heard; signed with a token that isn't ours, whoever is on the line is told goodbye."""
    client, path = stage.rehearsal.service.web.test_client(), "/voice/france/trying/x"
    form = {"CallSid": "CA" + "1" * 32, "Digits": "1"}
    assert client.post(path, base_url=HOST, data=form).status_code == 403
    signed = {"X-Twilio-Signature": stage.signature(path, form)}
    assert stage.says("not-valid") in client.post(path, base_url=HOST, data=form, headers=signed).text.replace(
        "&#x27;", "'"
    )
    path = "/voice/france/tried/x"
    signed = {"X-Twilio-Signature": stage.signature(path, form)}
    assert client.post(path, base_url=HOST, data=form, headers=signed).status_code == 204
    assert client.post("/voice/nowhere/tried/x", base_url=HOST, data=form).status_code == 404


def test_nobody_asks_about_somebody_elses_try(stage: Stage) -> None:
    """While Alix's phone rings, Billie's page says nothing of it."""
    stage.phones(Alix=PRESSES)
    page = telephone(stage).open("/my/phone/ring").tap("Faire sonner")
    [leg] = [row["id"] for row in stage.rows(Leg)]
    assert "va sonner" not in telephone(stage, "Billie").open(f"/my/phone/ring?try={leg}").says
    assert "va sonner" in page.says
    stage.twin.run_until_idle()
