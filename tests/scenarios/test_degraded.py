"""The degraded flow: without a database callers are put through by the carrier alone, one screened phone at a time."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from helpline.store.tables import HourlyCount, MonthlyCount, WrapUp
from helpline.twin import Behaviour, accept, busy, decline, failed, ignore, reject, silent, voicemail
from tests.scenarios.conftest import FRANCE, MakeStage
from tests.scenarios.stage import (
    BACKUP,
    NIGHT,
    PEOPLE,
    SECOND_BACKUP,
    SHOWN,
    TAKES,
    Stage,
    entries,
    order_of_rings,
    times,
)
from tests.scenarios.test_database_down import database_down

TWO = {"france": [["Alix", "Billie"]]}


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """These hardly depend on it."""
    return either_database_url


@pytest.mark.parametrize(
    "alix",
    [
        voicemail(),
        voicemail(after=2),
        decline(),
        silent(),
        silent(hang_up_after=3),
        ignore(),
        busy(),
        reject(),
        failed(),
    ],
    ids=["voicemail", "at once", "declined", "silent", "hung up", "ignored", "busy", "rejected", "no such number"],
)
def test_whatever_the_first_phone_does_the_next_one_rings(make_stage: MakeStage, alix: Behaviour) -> None:
    """A voicemail can't press 1, and so it never takes a call; nor does anything else that isn't a yes."""
    stage = make_stage(TWO)
    stage.phones(Alix=alix, Billie=TAKES)
    with database_down(stage):
        call = stage.call(talks=30)
    assert call.talked_to == ["Billie"]
    assert [name for name in order_of_rings(call) if name == "Billie"] == ["Billie"]
    assert stage.says("hold-4") in call.heard()


@pytest.mark.parametrize("key", ["3", "*", "#", "0"])
def test_only_a_1_is_a_yes(make_stage: MakeStage, key: str) -> None:
    """Any other key connects nobody."""
    stage = make_stage(TWO)
    stage.phones(Alix=accept(key=key), Billie=TAKES)
    with database_down(stage):
        assert stage.call(talks=30).talked_to == ["Billie"]


def test_one_phone_at_a_time(make_stage: MakeStage) -> None:
    """Never two, because the first to pick up would win, and that is a machine."""
    stage = make_stage(TWO, france={"backup": [BACKUP]})
    stage.phones(Alix=voicemail(), Billie=ignore())
    with database_down(stage):
        call = stage.call(talks=30)
    assert order_of_rings(call) == ["Alix", "Billie", "coordinator"]
    rang = [entry.at for entry in call.transcript if entry.event == "rings"]
    over = [entry.at for entry in call.transcript if entry.event == "call ends" and entry.who in ("Alix", "Billie")]
    assert all(end <= start for end, start in zip(over, rang[1:], strict=True))
    assert stage.says("hold-backup") in call.heard()


def test_neither_side_sees_the_others_number(stage: Stage) -> None:
    """The phones show the line's own; the caller's number is nowhere in what we answer."""
    with database_down(stage):
        call = stage.call(talks=30)
    leg = next(leg for leg in call.legs() if leg.to == PEOPLE["Alix"].phone)
    assert leg.from_ == SHOWN


def test_nobody_answers(make_stage: MakeStage) -> None:
    """After the last phone come the crisis numbers, and another try by the caller's choice."""
    stage = make_stage(TWO, france={"backup": [BACKUP, SECOND_BACKUP]})
    stage.phones(Alix=ignore(), Billie=voicemail())
    for number in (BACKUP, SECOND_BACKUP):
        stage.phone(number, ignore())
    with database_down(stage):
        call = stage.call()
    assert order_of_rings(call) == ["Alix", "Billie", "coordinator", "coordinator"]
    assert call.heard()[-3:] == [stage.says(key) for key in ("crisis-france", "unanswered-menu", "goodbye")]
    assert call.talked_to == []


def test_another_try_while_the_database_is_still_down(make_stage: MakeStage) -> None:
    """All are rung once more."""
    stage = make_stage()
    stage.phones(Alix=[ignore(), TAKES])
    with database_down(stage):
        call = stage.call(keys=("", "1"), talks=30)
    assert order_of_rings(call) == ["Alix", "Alix"]
    assert call.talked_to == ["Alix"]


def test_another_try_when_the_database_is_back(make_stage: MakeStage) -> None:
    """The caller waits in a queue as if nothing had been, and the call is counted as what became of it."""
    stage = make_stage()
    stage.phones(Alix=[ignore(), TAKES])
    call = stage.dial(keys=("", "1"), talks=30)
    with database_down(stage):
        stage.at(45.5)
    stage.twin.run_until_idle()
    assert len(times(call, "queued")) == 1
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}


def test_nobody_to_ring(make_stage: MakeStage) -> None:
    """No one on call and no backup: an apology and the crisis numbers, at once."""
    stage = make_stage({})
    with database_down(stage):
        call = stage.call()
    assert call.heard()[1:4] == [stage.says(key) for key in ("trouble", "crisis-france", "unanswered-menu")]


def test_the_standby_file_is_missing(make_stage: MakeStage) -> None:
    """The backups need no file: they stand in the configuration."""
    stage = make_stage(FRANCE, france={"backup": [BACKUP]})
    stage.settings.path("run/standby").unlink()
    stage.replace()
    with database_down(stage):
        call = stage.call(talks=30)
    assert order_of_rings(call) == ["coordinator"]
    assert call.talked_to == ["coordinator"]


def test_the_caller_hangs_up_while_it_rings(stage: Stage) -> None:
    """The phone falls silent with the caller, and nobody hears a whisper about somebody who has gone."""
    with database_down(stage):
        call = stage.call(hang_up_after=22)
    assert call.heard("Alix") == []
    assert stage.counted() == {"unknown": 1}


def test_the_caller_hangs_up_during_the_whisper(stage: Stage) -> None:
    """The leg that listens ends with them."""
    with database_down(stage):
        call = stage.call(hang_up_after=26)
    assert call.talked_to == []
    assert {leg.over for leg in call.legs()} == {True}


def test_a_caller_who_is_cut_off_is_rung_back(make_stage: MakeStage) -> None:
    """The psychologist's phone drops: the same person once more, who hears that the conversation was cut off."""
    stage = make_stage(TWO)
    stage.phones(Alix=[accept(talks=20), TAKES])
    with database_down(stage):
        call = stage.call(talks=40)
    assert call.talked_to == ["Alix", "Alix"]
    assert stage.says("cut-off") in call.heard()
    assert stage.says("whisper-again", line="Ligne d’écoute France") in call.heard("Alix")


def test_cut_off_and_gone(make_stage: MakeStage) -> None:
    """If the same person can't be reached again, the others are rung."""
    stage = make_stage(TWO)
    stage.phones(Alix=[accept(talks=20), voicemail()], Billie=TAKES)
    with database_down(stage):
        call = stage.call(talks=40)
    assert call.talked_to == ["Alix", "Billie"]


def test_cut_off_twice(make_stage: MakeStage) -> None:
    """They are rung back once; after that they are let go kindly."""
    stage = make_stage()
    stage.phones(Alix=accept(talks=20))
    with database_down(stage):
        call = stage.call()
    assert call.talked_to == ["Alix", "Alix"]
    assert call.heard()[-1] == stage.says("goodbye")


def test_belgium_in_dutch(make_stage: MakeStage) -> None:
    """Whoever speaks Dutch is rung first, then French as the line accepts it; each side hears its own language."""
    stage = make_stage({"belgium": [["Alix", "Dirk"]]})
    stage.phones(Dirk=ignore(), Alix=TAKES)
    with database_down(stage):
        call = stage.call("belgium", keys="2", talks=30)
    assert order_of_rings(call) == ["Dirk", "Alix"]
    assert stage.says("degraded", "nl") in call.heard()
    assert stage.says("hold-accepted", "nl", language="Frans") in call.heard()
    assert stage.says("whisper-short", line="Ligne d’écoute Belgique", language="français") in call.heard("Alix")


def test_at_night_phones_ring_longer(make_stage: MakeStage) -> None:
    """As in the waves: who sleeps needs more time."""
    stage = make_stage(FRANCE, start=NIGHT)
    stage.phones(Alix=accept(after=29, talks=None))
    with database_down(stage):
        assert stage.call(talks=30).talked_to == ["Alix"]


def test_key_9_before_is_not_forgotten(stage: Stage) -> None:
    """The crisis numbers come first, and then the phones."""
    with database_down(stage):
        call = stage.call(keys="9", talks=30)
    assert call.heard()[1:3] == [stage.says("crisis-france"), stage.says("degraded")]
    assert call.talked_to == ["Alix"]


@pytest.mark.parametrize("back_at", [21, 30])
def test_the_database_is_back_when_they_have_talked(make_stage: MakeStage, back_at: float) -> None:
    """The call is counted as what it was, and waits to be coded by whoever took it."""
    stage = make_stage()
    call = stage.dial(talks=90)
    with database_down(stage):
        stage.at(back_at)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}
    (talk,) = stage.rows(MonthlyCount)
    assert (talk["n"], talk["talk_seconds"]) == (1, 90)
    (wrap_up,) = stage.rows(WrapUp)
    assert (wrap_up["person"], wrap_up["n"]) == (stage.person("Alix"), 1)
    assert stage.wait_bands() == {stage.rows(HourlyCount)[0]["wait_band"]: 1}


def test_counted_once_though_the_talk_is_told_twice(make_stage: MakeStage) -> None:
    """A caller who is cut off and rung back had one call, with the database back from the first talk on."""
    stage = make_stage()
    stage.phones(Alix=[accept(talks=20), TAKES])
    call = stage.dial(talks=40)
    with database_down(stage):
        stage.at(30)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix", "Alix"]
    assert stage.counted() == {"answered": 1}


def test_a_backup_has_nothing_to_code(make_stage: MakeStage) -> None:
    """The coordinator took the call: counted as answered, on nobody's list."""
    stage = make_stage({}, france={"backup": [BACKUP]})
    stage.dial(talks=90)
    with database_down(stage):
        stage.at(30)
    stage.twin.run_until_idle()
    assert stage.counted() == {"answered": 1}
    assert stage.rows(WrapUp) == []


def test_the_database_is_back_between_two_phones(make_stage: MakeStage) -> None:
    """Nobody is queued again: the phones go on, and the conversation is counted."""
    stage = make_stage(TWO)
    stage.phones(Alix=ignore(), Billie=TAKES)
    call = stage.dial(talks=30)
    with database_down(stage):
        stage.at(30)
    stage.twin.run_until_idle()
    assert times(call, "queued") == []
    assert call.talked_to == ["Billie"]
    assert stage.counted() == {"answered": 1}


def test_the_database_breaks_while_the_caller_waits(make_stage: MakeStage) -> None:
    """Nobody comes back to them: after a few documents they leave the queue, and phones are rung from their own leg."""
    stage = make_stage(TWO, france={"backup": [BACKUP]})
    stage.phones(Alix=[ignore(), voicemail()], Billie=[ignore(), ignore()])
    call = stage.dial(talks=30)
    stage.at(16)
    with database_down(stage):
        stage.twin.run_until_idle()
    assert call.talked_to == ["coordinator"]
    assert len(times(call, "leaves the queue")) == 1
    left = times(call, "leaves the queue")[0]
    assert left < 75
    assert entries(call, "bridged")[0].at > left


def test_the_database_breaks_while_the_caller_waits_and_comes_back(make_stage: MakeStage) -> None:
    """Back as the caller leaves: they are put through all the same, and counted once as what it was."""
    stage = make_stage(TWO)
    stage.phones(Alix=[ignore(), TAKES], Billie=[ignore(), TAKES])
    call = stage.dial(talks=30)
    stage.at(16)
    with database_down(stage):
        while not times(call, "leaves the queue"):
            stage.at(stage.twin.clock.elapsed() + 0.01)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}


def test_it_needs_no_database_at_all(make_stage: MakeStage) -> None:
    """From the first webhook to the last: a call that the database never hears of until it is over."""
    stage = make_stage()
    with database_down(stage):
        call = stage.call(talks=30)
    assert call.talked_to == ["Alix"]
    with stage.store.read() as connection:
        assert connection.execute(select(HourlyCount.n)).first() is None


def test_a_rotated_key_in_the_middle(make_stage: MakeStage) -> None:
    """The place can't be read any more and the database is down: the phones are rung from the beginning."""
    stage = make_stage(TWO, france={"backup": [BACKUP]})
    stage.phones(Alix=ignore(), Billie=TAKES)
    call = stage.dial(talks=30)
    with database_down(stage):
        stage.at(30)
        stage.replace(secrets=stage.secrets.model_copy(update={"seal_keys": (b"quite another seal key",)}))
        stage.twin.run_until_idle()
    assert call.talked_to == ["coordinator"]  # the standby file is sealed with the old key


def test_a_screening_that_cannot_be_read_connects_nobody(make_stage: MakeStage) -> None:
    """Whoever picks up hears a kind word and the leg ends; the caller is put through to the next."""
    stage = make_stage(TWO)
    stage.phones(Alix=accept(after=8, talks=None), Billie=TAKES)
    old, keys = stage.secrets, (b"quite another seal key", *stage.secrets.seal_keys)
    call = stage.dial(talks=30)
    with database_down(stage):
        stage.at(22)
        stage.replace(secrets=old.model_copy(update={"seal_keys": keys[:1]}))
        stage.at(29)
        stage.replace(secrets=old.model_copy(update={"seal_keys": keys}))
        stage.twin.run_until_idle()
    assert call.heard("Alix") == [stage.says("not-valid")]
    assert call.talked_to == ["Billie"]
