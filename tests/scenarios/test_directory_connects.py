"""A caller is put through to somebody of the directory, or to a partner, and what becomes of the call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import update

from helpline.carrier.rest import CarrierApi
from helpline.errors import ConfigError
from helpline.jobs import erasing
from helpline.lines import load_lines
from helpline.store.erasures import ERASE_AFTER
from helpline.store.tables import Erasure, Person
from helpline.twin import Behaviour, busy, failed, ignore, reject, voicemail
from tests.scenarios.conftest import MakeStage
from tests.scenarios.directory import LISTED, list_entries, reads, telephone
from tests.scenarios.stage import SHOWN, Stage
from tests.scenarios.test_database_down import database_down

THROUGH = ("3", "31#", "1")
"""Keys of a caller in Toulouse who is put through to the nearest."""
pytestmark = pytest.mark.slow  # in `make check`: `make test` has five minutes
ANSWERS = Behaviour()
"""Whoever picks up there presses nothing."""
NUMBER = LISTED["toulouse"].phone


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


@pytest.fixture
def stage(make_stage: MakeStage) -> Stage:
    """The French line with Alix on call, and a directory."""
    stage = make_stage()
    list_entries(stage)
    telephone(stage, "toulouse", ANSWERS)
    return stage


def test_they_talk_without_a_key_and_the_lines_number_shows(stage: Stage) -> None:
    """As if the caller had dialled it themselves, but for their number."""
    call = stage.call(keys=THROUGH, talks=60)
    assert call.talked_to == ["toulouse"]
    assert stage.says("directory-connecting", name=LISTED["toulouse"].name) in call.heard()
    (leg,) = [leg for leg in stage.twin.legs() if leg.to == NUMBER]
    assert leg.from_ == SHOWN
    (dial,) = [exchange.body.decode() for exchange in stage.twin.requests if f">{NUMBER}<".encode() in exchange.body]
    assert re.search(r'<Dial [^>]*timeout="30" timeLimit="7200" [^>]*record="do-not-record"><Number>', dial)


def test_who_hangs_up_there_left_before_the_ring(stage: Stage) -> None:
    """No psychologist was rung: counted as a call that left in the greeting, and never as one of which nobody knows."""
    stage.call(keys=THROUGH, talks=60)
    assert stage.counted() == {"left_in_greeting": 1}


@pytest.mark.parametrize("seconds", [1, 6, 9], ids=["asked", "ringing", "talking"])
def test_who_hangs_up_on_the_way(stage: Stage, seconds: int) -> None:
    """At the question, while it rings, while they talk: the same."""
    stage.call(keys=THROUGH, hang_up_after=seconds)
    assert stage.counted() == {"left_in_greeting": 1}


def test_the_service_hangs_up_first(stage: Stage) -> None:
    """The caller hears that they may stay, and comes to a psychologist by doing so."""
    telephone(stage, "toulouse", ANSWERS.but(hang_up_after=30.0))
    call = stage.call(keys=THROUGH, talks=50)
    assert stage.says("directory-after") in call.heard()
    assert call.talked_to == ["toulouse", "Alix"]
    assert stage.counted() == {"answered": 1}


@pytest.mark.parametrize(
    "phone", [ignore(), busy(), reject(), failed()], ids=["no answer", "busy", "rejected", "failed"]
)
def test_nobody_there(stage: Stage, phone: Behaviour) -> None:
    """It is said, the entries are read again, and staying on the line leads to a psychologist."""
    telephone(stage, "toulouse", phone)
    call = stage.call(keys=THROUGH, talks=20)
    said = call.heard()
    assert reads(stage, "toulouse") in said[said.index(stage.says("directory-not-reached")) :]
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}


def test_a_voicemail_is_theirs_to_talk_to(stage: Stage) -> None:
    """Nobody is asked for a key there: a caller may leave a message."""
    telephone(stage, "toulouse", voicemail(after=5, lasts=20))
    call = stage.call(keys=THROUGH, talks=50)
    assert call.talked_to == ["toulouse", "Alix"]


def test_after_an_unanswered_ring_it_stays_unanswered(make_stage: MakeStage) -> None:
    """Whom they were put through to then isn't one of ours."""
    stage = make_stage({})
    list_entries(stage)
    telephone(stage, "toulouse", ANSWERS)
    call = stage.call(keys=("", *THROUGH), talks=60)
    assert call.talked_to == ["toulouse"]
    assert stage.counted() == {"unanswered": 1}


def test_somebody_on_the_rota_who_is_listed_too_is_in_doubt(stage: Stage) -> None:
    """Their phone may have been rung for the line: nobody can know, so nobody says so."""
    with stage.store.durable() as tx:
        tx.execute(update(Person).where(Person.name == "Emma").values(phone=NUMBER))
    stage.call(keys=THROUGH, talks=60)
    assert stage.counted() == {"unknown": 1}


def test_its_leg_is_erased_like_any_other(stage: Stage) -> None:
    """The carrier forgets whom they were put through to."""
    stage.call(keys=THROUGH, talks=60)
    stage.rehearsal.settle()
    (leg,) = [leg for leg in stage.twin.legs() if leg.to == NUMBER]
    assert leg.sid in {row["carrier_id"] for row in stage.rows(Erasure)}
    api = CarrierApi(stage.rehearsal.service.settings.carrier, stage.secrets)
    erasing.run(stage.store, api, stage.now + ERASE_AFTER)
    assert not stage.twin.calls


def test_it_can_be_done_without_a_database(stage: Stage) -> None:
    """What was read once is enough."""
    stage.rehearsal.service.shelf.entries(stage.now)
    call = stage.dial(keys=THROUGH, talks=60)
    stage.at(0.5)
    with database_down(stage):
        stage.twin.run_until_idle()
    assert call.talked_to == ["toulouse"]
    assert stage.counted() == {"left_in_greeting": 1}


# --- a partner of the line

FLOW = """
[steps.partner]
kind = "forward"
number = "{number}"
prompt = "one-moment"
next = "ring"
"""


def with_partner(tmp_path: Path, number: str = NUMBER) -> Mapping[str, str]:
    """The French flow, whose key 4 puts through to a partner."""
    shipped = Path("ivr_flows/flows/france.toml").read_text(encoding="utf-8")
    steps = shipped.replace('keys = { 3 = "directory" }', 'keys = { 3 = "directory", 4 = "partner" }')
    path = tmp_path / "mine.toml"
    path.write_text(steps + FLOW.format(number=number), encoding="utf-8")
    return {"flow": str(path)}


@pytest.mark.parametrize("phone", [ANSWERS.but(hang_up_after=30.0), ignore()], ids=["answers", "no answer"])
def test_a_partner(make_stage: MakeStage, tmp_path: Path, phone: Behaviour) -> None:
    """A key puts through; whoever stays, or isn't answered, comes to a psychologist."""
    stage = make_stage(france=with_partner(tmp_path))
    telephone(stage, "toulouse", phone)
    call = stage.call(keys="4", talks=50)
    assert stage.says("one-moment") in call.heard()
    assert stage.says("directory-shown") in call.heard()
    assert call.talked_to[-1] == "Alix"
    assert stage.counted() == {"answered": 1}


def test_who_talked_with_a_partner_only(make_stage: MakeStage, tmp_path: Path) -> None:
    """Left before any ring."""
    stage = make_stage(france=with_partner(tmp_path))
    telephone(stage, "toulouse", ANSWERS)
    stage.call(keys="4", talks=20)
    assert stage.counted() == {"left_in_greeting": 1}


@pytest.mark.parametrize(
    ("number", "why"),
    [("+33826000499", "none that a carrier dials"), (SHOWN, "the line's own"), ("+3312", "can't be used")],
)
def test_a_partner_that_cant_be_dialled(stage: Stage, tmp_path: Path, number: str, why: str) -> None:
    """The service doesn't start, and says in which file and step, and what to write."""
    lines = dict(stage.settings.lines)
    lines["france"] = lines["france"].model_copy(update=with_partner(tmp_path, number))
    with pytest.raises(ConfigError, match=rf"mine\.toml: step partner: number = '\{number}' .*{why}"):
        load_lines(stage.settings.model_copy(update={"lines": lines}))
