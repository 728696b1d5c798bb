"""Random lives of a helpline: callers, psychologists, and everything that can go wrong, in any order."""

from __future__ import annotations

import logging
import shutil
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import text

from helpline.store.sessions import Store
from helpline.twin import REST_FAULTS, WEBHOOK_FAULTS, CallHandle, Incoming, accept
from tests.scenarios.making import staged
from tests.scenarios.stage import BACKUP, HOUR, NIGHT, NOON, PEOPLE, SECOND_BACKUP, Stage
from tests.stateful import promises
from tests.stateful.adversary import OF_THE_DATABASE, OF_THE_PROCESS, Adversary, Way
from tests.stateful.people import BEHAVIOURS, ROTAS, Ids

MOST_CALLERS = 4
STEPS = 15
"""Most steps of a sequence."""
KINDS = ("voice", "gather", "wait", "enqueue", "dial", "whisper", "redirect", "status")
LATE = 60.0
"""How much later than promised, in seconds, whoever meets any number of faults may hear a human or an alternative."""
NUMBERS = (*[person.phone for person in PEOPLE.values()], BACKUP, SECOND_BACKUP)
few = st.integers(1, 3)
REST = sorted({*REST_FAULTS} - {"hang", "refuse"})
seconds_after = st.sampled_from([0.2, 1.0, 3.0, 8.0, 13.0, 30.0])
behaviours = st.lists(st.sampled_from(sorted(BEHAVIOURS)), min_size=1, max_size=3)


class Helpline(RuleBasedStateMachine):
    """Both lines on one database, and a carrier in front."""

    url = ""
    """Of a PostgreSQL database; without one each sequence makes a SQLite file."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="helpline-stateful-"))
        self.stack.callback(shutil.rmtree, self.folder)
        self.calls: list[CallHandle] = []
        self.mended = 0.0
        self.excused: list[float] = []
        self.trouble = False
        self.rest_down = ""

    @initialize(
        rota=st.sampled_from(sorted(ROTAS)),
        night=st.booleans(),
        backup=st.sampled_from(["", "one", "both"]),
        how=st.fixed_dictionaries(dict.fromkeys(PEOPLE, behaviours)),
    )
    def set_the_stage(self, rota: str, night: bool, backup: str, how: dict[str, list[str]]) -> None:
        """Who is on call and when, how they treat calls, and whether the lines have backup numbers."""
        numbers = {"": [], "one": [BACKUP], "both": [BACKUP, SECOND_BACKUP]}[backup]
        patch = self.stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr("secrets.token_hex", Ids().token_hex)
        lines: dict[str, Any] = {
            "france": {"backup": numbers},
            "belgium": {"backup": numbers[:1], "keypad_coding": True},
        }
        self.stage: Stage = self.stack.enter_context(
            staged(self.new_database(), self.folder, ROTAS[rota], start=NIGHT if night else NOON, **lines)
        )
        self.adversary = self.stack.enter_context(Adversary(self.stage))
        self.services = [self.stage.rehearsal.service]
        for name, each in how.items():
            self._behave(PEOPLE[name].phone, each)
        for down in ("500", "429", "cut"):
            self.stage.twin.faults.script_rest(down, when=partial(self._is_down, down), times=None)

    def _is_down(self, way: str, _request: Incoming) -> bool:
        return self.rest_down == way

    def new_database(self) -> str:
        """The URL of an empty database."""
        if not self.url:
            return f"sqlite:///{self.folder}/helpline.db"
        store = Store(self.url)
        with store.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        store.close()
        return self.url

    # --- people

    @precondition(lambda self: len(self.calls) < MOST_CALLERS)
    @rule(
        line=st.sampled_from(["france", "france", "belgium"]),
        keys=st.sampled_from([(), (), ("2",), ("3",), ("9",), ("7",), ("", "9")]),
        talks=st.sampled_from([5.0, 30.0, 90.0]),
        leaves=st.sampled_from([None, None, None, 7.0, 13.0, 20.0, 45.0]),
        seconds=seconds_after,
    )
    def dial(self, line: str, keys: tuple[str, ...], talks: float, leaves: float | None, seconds: float) -> None:
        """Somebody dials a line; each has a number of their own."""
        number = f"+3319900900{len(self.calls) + 1}"
        self.calls.append(self.stage.dial(line, keys, from_=number, talks=talks, hang_up_after=leaves))
        self.stage.twin.run_for(seconds)

    @precondition(lambda self: self.calls)
    @rule(which=st.integers(0, MOST_CALLERS - 1), seconds=seconds_after)
    def hang_up(self, which: int, seconds: float) -> None:
        """A caller puts the phone down."""
        self.calls[which % len(self.calls)].hang_up()
        self.stage.twin.run_for(seconds)

    @precondition(lambda self: self.calls)
    @rule(which=st.integers(0, MOST_CALLERS - 1), key=st.sampled_from("1295#*"), seconds=seconds_after)
    def press(self, which: int, key: str, seconds: float) -> None:
        """A caller presses a key."""
        self.calls[which % len(self.calls)].press(key)
        self.stage.twin.run_for(seconds)

    @precondition(lambda self: self.calls)
    @rule(number=st.sampled_from(NUMBERS), how=behaviours, seconds=seconds_after)
    def behave(self, number: str, how: list[str], seconds: float) -> None:
        """From the next call on somebody treats calls so."""
        self._behave(number, how)
        self.stage.twin.run_for(seconds)

    def _behave(self, number: str, how: list[str]) -> None:
        chosen = [BEHAVIOURS[each] for each in how]
        # Two who hand over whatever comes would send a caller back and forth for ever.
        last = [accept(talks=None)] if chosen[-1].star_after else []
        self.stage.twin.phones[number].behave(*chosen, *last)

    # --- time

    @precondition(lambda self: self.calls)
    @rule(seconds=st.sampled_from([1.0, 20.0, 70.0]))
    def pass_time(self, seconds: float) -> None:
        """Time goes by."""
        self.stage.twin.run_for(seconds)

    @rule(seconds=st.sampled_from([-3600.0, -40.0, -5.0, 5.0, 40.0, 3600.0]), after_that=seconds_after)
    def jump(self, seconds: float, after_that: float) -> None:
        """The service's clock is set; for people and the carrier no time passes."""
        self.stage.twin.clock.jump(seconds)
        self.excused.append(self.stage.twin.clock.elapsed())
        self.stage.twin.run_for(after_that)

    # --- what goes wrong

    @precondition(lambda self: self.calls)
    @rule(
        fault=st.sampled_from(WEBHOOK_FAULTS),
        kind=st.sampled_from(KINDS),
        times=st.integers(1, 3),
        seconds=seconds_after,
    )
    def webhook_fault(self, fault: str, kind: str, times: int, seconds: float) -> None:
        """The next webhooks of a kind meet a fault, at their first attempt: the one retry we ask for is served."""
        self.trouble = True
        self.stage.twin.faults.script(fault, kind, when=lambda request: request.attempt == 0, times=times)
        self.stage.twin.run_for(seconds)

    @precondition(lambda self: self.calls)
    @rule(
        fault=st.sampled_from(sorted({*REST_FAULTS} - {"hang", "refuse"})),
        method=st.sampled_from(["POST", "DELETE"]),
        times=st.integers(1, 3),
        seconds=seconds_after,
    )
    def rest_fault(self, fault: str, method: str, times: int, seconds: float) -> None:
        """The next requests to the carrier meet a fault."""
        self.trouble = True
        self.stage.twin.faults.script_rest(fault, method, times=times)
        self.stage.twin.run_for(seconds)

    @precondition(lambda self: self.calls)
    @rule(how=st.sampled_from(["500", "429", "cut"]), seconds=seconds_after)
    def rest_goes_down(self, how: str, seconds: float) -> None:
        """The carrier's REST API answers nothing useful any more."""
        self.trouble = True
        self.rest_down = how
        self.stage.twin.run_for(seconds)

    @precondition(lambda self: self.rest_down)
    @rule(seconds=seconds_after)
    def rest_is_back(self, seconds: float) -> None:
        """It works again."""
        self._mend()
        self.rest_down = ""
        self.stage.twin.run_for(seconds)

    @precondition(lambda self: self.calls)
    @rule(way=st.sampled_from(OF_THE_DATABASE), seconds=seconds_after)
    def database_breaks(self, way: Way, seconds: float) -> None:
        """No access to the database succeeds any more, or none is known to."""
        self.trouble = True
        self.adversary.strike(way, times=None)
        self.stage.twin.run_for(seconds)

    @precondition(lambda self: self.trouble)
    @rule(seconds=seconds_after)
    def database_is_back(self, seconds: float) -> None:
        """It works again."""
        self._mend()
        self.adversary.relent()
        self.stage.twin.run_for(seconds)

    @precondition(lambda self: self.calls)
    @rule(way=st.sampled_from(OF_THE_DATABASE), after=st.integers(0, 6), times=few, seconds=seconds_after)
    def database_stumbles(self, way: Way, after: int, times: int, seconds: float) -> None:
        """Some accesses fail."""
        self.trouble = True
        self.adversary.strike(way, after=after, times=times)
        self.stage.twin.run_for(seconds)

    @precondition(lambda self: self.calls)
    @rule(way=st.sampled_from(OF_THE_PROCESS), after=st.integers(0, 8), seconds=seconds_after)
    def process_breaks(self, way: Way, after: int, seconds: float) -> None:
        """The process dies at a database access, or its code meets what nobody foresaw."""
        self.trouble = True
        self.adversary.strike(way, after=after)
        self.stage.twin.run_for(seconds)

    @rule(seconds=seconds_after)
    def deploy(self, seconds: float) -> None:
        """A new version takes over."""
        self.stage.replace()
        self.services.append(self.stage.rehearsal.service)
        self.stage.twin.run_for(seconds)

    @precondition(lambda self: self.calls)
    @rule(keep=st.booleans(), seconds=seconds_after)
    def rotate_the_key(self, keep: bool, seconds: float) -> None:
        """A new key seals URLs; the one before still opens them, or doesn't."""
        old = self.stage.secrets
        fresh = f"seal key number {len(self.services):12} of the machine".encode()
        keys = (fresh, *old.seal_keys) if keep else (fresh,)
        if not keep:
            self.trouble = True
            self.excused.append(self.stage.twin.clock.elapsed())
        self.stage.replace(secrets=old.model_copy(update={"seal_keys": keys}))
        self.services.append(self.stage.rehearsal.service)
        self.stage.twin.run_for(seconds)

    def _mend(self) -> None:
        self.mended = self.stage.twin.clock.elapsed()

    # --- what must hold

    @invariant()
    def every_answer_is_one_the_carrier_runs(self) -> None:
        """At every moment; what else is promised is checked at the end."""
        if hasattr(self, "stage"):
            wrong = [v for v in self.stage.twin.violations if not (self.trouble and v.kind == "status")]
            assert not wrong, wrong

    def teardown(self) -> None:
        """Everything is mended, and time passes until nothing more happens: then all that is promised must hold."""
        with self.stack:
            if not hasattr(self, "stage"):
                return
            try:
                self._settle()
                self._check()
            except AssertionError:
                print(self.stage.story, self.logged(), sep="\n")  # noqa: T201 - shown when the test fails
                raise

    def _settle(self) -> None:
        self.rest_down = ""
        self.adversary.relent()
        self.stage.twin.faults.clear()
        self._mend()
        assert self.stage.twin.run_until_idle(), "a call never ends"

    def _check(self) -> None:
        promises.check_callers(self.stage, self.calls, late=LATE if self.trouble else 0.0)
        if not self.trouble:
            promises.check_answers(self.stage)
        promises.check_phones(self.stage, self.excuses)
        promises.check_silence(self.stage, self.services, self.mended, 25.0 if self.trouble else 3.0)
        self.stage.twin.clock.jump(3 * HOUR)  # ends told by a clock that was set forth must be past
        self.stage.rehearsal.settle()
        promises.check_rows(self.stage)
        if not self.trouble and not self.excused:
            promises.check_figures(self.stage)

    @property
    def excuses(self) -> list[float]:
        """When something happened, in elapsed seconds, that no service can see through: whose phone is busy is lost."""
        return [*self.excused, *self.adversary.struck_at]

    def logged(self) -> str:
        """What the service said of errors, for whoever reads about a failure."""
        return "\n".join(map(logging.Formatter().format, self.stage.log))
