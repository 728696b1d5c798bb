"""The steps of a call, each told by a whole call in which it happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpline.twin import HANG_UP, Behaviour, CallHandle, accept, busy, decline, ignore, silent
from tests.scenarios.services import FAR, JOINS, service, shelve
from tests.scenarios.stage import TAKES, Rota, Stage


@dataclass(frozen=True)
class Story:
    """A call that ends well. `steps` are those of its webhooks that meet a fault, named by `adversary.step_of`."""

    steps: Mapping[str, str]
    phones: Mapping[str, Sequence[Behaviour]]
    """Who is on call, the first in the first tier, the second in the second; and their ways with calls."""
    line: str = "france"
    keys: tuple[str, ...] = ()
    script: tuple[tuple[float, str], ...] = ()
    """What the caller does so many seconds after dialling."""
    service: Sequence[Behaviour] = ()
    """The ways with calls of the one service in the directory, if there is one."""

    @property
    def rota(self) -> Rota:
        """One in each tier."""
        return {self.line: [[name] for name in self.phones]}

    def dial(self, stage: Stage) -> CallHandle:
        """Somebody dials; no time passes. They talk for twenty seconds."""
        for name, behaviours in self.phones.items():
            stage.phone(name, *behaviours)
        if self.service:
            shelve(stage, FAR)
            service(stage, *self.service)
        does = Behaviour(answer="by hand", keys=self.keys, listens=False, talks=20.0, script=self.script)
        return stage.dial(self.line, behaviour=does)


BRINGS = Behaviour(keys=("1", "3", "#", "1"), star_after=8, listens=False)
"""Takes the call, presses * after some seconds, and brings the service."""

STORIES: Mapping[str, Story] = {
    "answered": Story(
        {
            "voice line 1": "the call arrives",
            "gather caller 1": "the greeting is over: the ring is entered",
            "wait wait 1": "the first tick",
            "leg ringing 1": "a phone rings",
            "voice leg 1": "a psychologist picks up",
            "leg in-progress 1": "word of it",
            "gather wait 1": "a later tick",
            "gather leg 1": "they press 1: the claim",
            "whisper bridge 1": "the caller is told",
            "enqueue caller 1": "the caller hangs up while they talk",
            "call completed 1": "word of it",
            "dial leg 1": "the psychologist's dial is over",
            "redirect leg 1": "is the caller still there?",
            "leg completed 1": "the psychologist's phone is put down",
        },
        {"Alix": [TAKES]},
    ),
    "another language": Story(
        {"gather caller 1": "the language is chosen", "gather caller 2": "the greeting is over"},
        {"Dirk": [TAKES]},
        line="belgium",
        keys=("2",),
    ),
    "cut off": Story(
        {
            "enqueue caller 1": "the psychologist is gone: the caller comes out of the bridge",
            "dial leg 1": "word of the dial",
            "leg completed 1": "word of the phone",
            "wait wait 2": "the caller is asked whether they were cut off",
            "gather wait 2": "they stay: the same person is rung again",
            "voice leg 2": "who picks up",
            "gather leg 2": "and takes the call once more",
            "whisper bridge 2": "the caller is told",
            "enqueue caller 2": "the caller hangs up",
        },
        {"Alix": [accept(talks=10), TAKES]},
    ),
    "handed over": Story(
        {
            "enqueue caller 1": "the psychologist presses the star: the caller comes out of the bridge",
            "dial leg 1": "the psychologist's dial is over",
            "wait wait 2": "the caller is asked for a moment's patience",
            "redirect leg 1": "the psychologist is asked what to do",
            "gather wait 2": "the caller waits",
            "gather leg 2": "the psychologist hands over",
            "leg completed 1": "and is gone",
            "voice leg 2": "a colleague picks up",
            "gather leg 3": "and takes the call",
        },
        {"Alix": [Behaviour(keys=("1", "1"), star_after=8)], "Billie": [TAKES]},
    ),
    "gone back to": Story(
        {"gather leg 2": "the psychologist goes back to the caller", "whisper bridge 2": "the caller is told"},
        {"Alix": [Behaviour(keys=("1", "2"), star_after=8)], "Billie": [TAKES]},
    ),
    "nobody at first": Story(
        {
            "gather leg 1": "the only psychologist declines",
            "leg completed 1": "word of the phone",
            "gather wait 2": "the caller is told to leave the queue",
            "enqueue caller 1": "the caller is outside",
            "gather caller 2": "the caller presses 1 to try again",
            "wait wait 2": "the first tick of the second wait",
            "gather leg 2": "the psychologist takes the call",
        },
        {"Alix": [decline(), TAKES]},
        script=((55.0, "1"),),
    ),
    "silence on the phone": Story(
        {"gather leg 1": "nothing is pressed: asked a second time", "gather leg 2": "a colleague takes the call"},
        {"Alix": [silent()], "Billie": [TAKES]},
    ),
    "hung up": Story(
        {
            "enqueue caller 1": "the caller hangs up while a phone rings",
            "call completed 1": "word of it",
            "gather leg 1": "the psychologist presses 1 all the same",
        },
        {"Alix": [TAKES]},
        script=((20.0, HANG_UP),),
    ),
    "a service": Story(
        {
            "gather leg 2": "the psychologist has pressed the star, and chooses to bring a service",
            "gather bring 1": "nothing is keyed: the whole country",
            "gather bring 2": "a service is chosen: its phone is wanted",
            "leg ringing 2": "it rings",
            "voice service 1": "it is picked up",
            "gather bring 3": "the psychologist asks what became of it",
            "gather wait 4": "the caller holds",
            "gather service 1": "the service accepts",
            "gather bring 7": "the psychologist is told",
            "redirect service 1": "the service waits for them",
            "gather wait 5": "the caller is told",
            "redirect bring 1": "the psychologist enters the room",
            "room lobby 1": "and is alone in it",
            "gather wait 7": "the caller is told to leave the queue",
            "enqueue caller 2": "and enters the room",
            "redirect service 3": "so does the service",
            "dial met 1": "the caller hangs up",
            "call completed 1": "word of it",
            "dial bring 1": "the psychologist is out of the room",
            "dial service 1": "so is the service",
            "redirect bring 2": "the psychologist is thanked",
            "leg completed 1": "the service's phone is put down",
        },
        {"Alix": [BRINGS, TAKES]},
        service=[JOINS],
    ),
    "left to a service": Story(
        {
            "dial bring 1": "the psychologist presses the star in the room",
            "dial met 1": "the caller is out of it",
            "dial service 1": "so is the service",
            "wait wait 3": "the caller waits in a new queue",
            "redirect bring 2": "the psychologist is asked",
            "redirect service 4": "the service waits",
            "gather bring 8": "the psychologist says nothing: the two stay together",
            "redirect service 7": "the service claims the caller",
            "whisper bridge 2": "the caller is told",
            "enqueue caller 3": "the caller hangs up",
            "dial service 2": "the service is thanked",
            "leg completed 2": "its phone is put down",
        },
        {"Alix": [BRINGS.but(script=((52.0, "*"),)), TAKES], "Billie": [TAKES]},
        service=[JOINS],
    ),
    "taken back": Story(
        {
            "gather bring 8": "the psychologist takes the caller back alone",
            "redirect service 5": "the service is thanked",
            "leg completed 1": "its phone is put down",
        },
        {"Alix": [BRINGS.but(script=((52.0, "*"), (56.0, "2"))), TAKES], "Billie": [TAKES]},
        service=[JOINS],
    ),
    "a service that leaves": Story(
        {
            "dial service 1": "the service hangs up in the room",
            "leg completed 1": "word of it",
            "dial bring 1": "the psychologist is out of the room",
            "dial met 1": "so is the caller",
            "redirect bring 2": "the psychologist has them back",
        },
        {"Alix": [BRINGS, TAKES]},
        service=[JOINS.but(talks=5.0)],
    ),
    "no service": Story(
        {
            "leg busy 1": "the service's line is engaged",
            "gather bring 3": "the psychologist is told",
            "gather leg 3": "and goes back to the caller",
        },
        {"Alix": [BRINGS.but(keys=("1", "3", "#", "1", "", "2")), TAKES]},
        service=[busy()],
    ),
    "hung up early": Story(
        {
            "enqueue caller 1": "the caller hangs up before anybody picks up",
            "call completed 1": "word of it",
            "leg canceled 1": "the phone falls silent",
        },
        {"Alix": [ignore()]},
        script=((16.0, HANG_UP),),
    ),
}
