"""A call: what the carrier knows of one leg, the news that can interrupt it, and its lines of the transcript."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from helpline.twin.process import Future, Interrupt, Process
from helpline.twin.transcript import Entry
from helpline.twin.world import Exchange, World

if TYPE_CHECKING:
    from helpline.twin.bridging import Bridge
    from helpline.twin.conferring import Participant
    from helpline.twin.phones import Party
    from helpline.twin.verbs import Gather

FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


@dataclass(frozen=True, slots=True)
class Goto:
    """A document to run next: fetched from `url`, or `body` itself when it came inline."""

    url: str
    kind: str
    method: str = "POST"
    params: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


class HungUp(Interrupt):
    """The party at this leg's phone hung up, or the carrier ended the leg."""

    rank = 3


class Cancelled(Interrupt):
    """The leg must stop ringing; `status` is what it ends with."""

    rank = 3

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Redirected(Interrupt):
    """The REST API sent the leg to another document."""

    rank = 2

    def __init__(self, goto: Goto) -> None:
        super().__init__(goto)
        self.goto = goto


class Listening:
    """A Gather at work: the keys so far, and a future for the next one."""

    def __init__(self, world: World, gather: Gather) -> None:
        self._world = world
        self.gather = gather
        self.digits = ""
        self.finished_on = ""
        self.pressed: Future[None] = Future(world.kernel)

    @property
    def complete(self) -> bool:
        """Enough keys, or the finishing one."""
        return bool(self.finished_on) or (0 < self.gather.num_digits <= len(self.digits))

    def key(self, key: str) -> None:
        """Take one key; after the last one needed they are lost."""
        if self.complete:
            return
        if key == self.gather.finish_on_key:
            self.finished_on = key
        else:
            self.digits += key
        self.pressed.resolve(None)

    def next_key(self) -> Future[None]:
        """Known when a key arrives that hasn't been waited for yet."""
        if self.pressed.done:
            self.pressed = Future(self._world.kernel)
        return self.pressed


@dataclass(frozen=True, slots=True)
class Speech:
    """What a leg hears right now; times in elapsed seconds."""

    text: str
    locale: str
    voice: str
    since: float
    seconds: float
    audio_url: str = ""


@dataclass
class Call:
    """One leg between the carrier and one phone."""

    world: World
    sid: str
    from_: str
    to: str
    direction: str
    party: Party
    parent_sid: str = ""
    status: str = "queued"
    status_url: str = ""
    status_method: str = "POST"
    status_events: frozenset[str] = frozenset({"completed"})
    fallback: Goto | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    """What the network told of the caller: cities, names, tokens."""
    created_wall: float = 0.0
    created: float = 0.0
    answered: float | None = None
    answered_wall: float | None = None
    ended: float | None = None
    ended_wall: float | None = None
    process: Process | None = None
    answer: Future[str] = field(init=False)
    listening: Listening | None = None
    saying: Speech | None = None
    bridge: Bridge | None = None
    room: Participant | None = None
    """Its place in a conference."""
    queue_name: str = ""
    callbacks: int = 0
    performed: float = 0.0
    """Seconds spent on verbs: tells a wait document that takes time from one that doesn't."""
    overtaken: Future[None] = field(init=False, repr=False)
    """Known at the leg's next webhook; a reordered one waits for it."""
    met: set[str] = field(default_factory=set)
    """Ids of the legs this one was bridged with."""
    entries: list[Entry] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.answer = Future(self.world.kernel)
        self.overtaken = Future(self.world.kernel)
        self.created = self.world.elapsed()
        self.created_wall = self.world.now()

    @property
    def over(self) -> bool:
        """Has the leg ended?"""
        return self.status in FINAL

    @property
    def duration(self) -> int:
        """Whole seconds from answer to end; 0 when never answered."""
        if self.answered is None:
            return 0
        return round((self.world.elapsed() if self.ended is None else self.ended) - self.answered)

    def interrupt(self, news: Interrupt) -> None:
        """Bring news to the leg wherever it waits."""
        if self.process is not None and not self.over:
            self.process.interrupt(news)

    def note(self, event: str, text: str = "", locale: str = "", who: str = "") -> None:
        """Write into the transcript, as this leg's party unless told otherwise."""
        self.world.note(self, who or self.party.name, event, text, locale)
