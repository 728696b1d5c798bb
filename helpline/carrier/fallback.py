"""Static files for when this service is down: the carrier's number falls back to them, and somebody is rung.

They are asked by GET and know nothing: no key can be compared, no call remembered. So whoever picks up presses any key
(a machine presses none), one phone rings after the other, and each file begins by letting go who has talked already.
They hold telephone numbers, and so their names can't be guessed; the same line always gets the same names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from helpline.carrier.seal import Seal
from helpline.carrier.twiml import EMPTY, HEAD, TAIL, Renderer
from helpline.carrier.urls import OVERRIDES
from helpline.lines import Line
from ivr_flows.actions import Say
from ivr_flows.model import Language
from ivr_flows.psychologist import TALK_LIMIT
from ivr_flows.standby import WHISPER_SILENCE


@dataclass(frozen=True, slots=True)
class Spare:
    """A phone to ring: its number (E.164), the language its owner is spoken to in, and for how many seconds."""

    number: str
    language: Language
    seconds: int


def stem(line: Line, seal: Seal) -> str:
    """What the names of a line's files begin with, and end in `.xml`: the entry is this alone."""
    return f"{line.name}-{seal.name('fallback', line.name)}"


class Fallback:
    """One line's files. `base` is the URL of the folder they will lie in, or empty: then they name each other alone."""

    def __init__(self, line: Line, name: str, base: str = "") -> None:
        self.name = name
        self._line = line
        self._base = f"{base}/" if base else ""
        self._renderer = Renderer(line.prompts, line.flow.voices, lambda _: "")

    def url(self, *parts: str) -> str:
        """The URL of one of the files, with the carrier's connection settings; of the entry without parts."""
        return self._base + "-".join((self.name, *parts)) + ".xml" + OVERRIDES

    def files(self, phones: Sequence[Spare]) -> Mapping[str, str]:
        """Name -> content. `phones` are rung in this order, and are at least one."""
        return {url.removeprefix(self._base).removesuffix(OVERRIDES): text for url, text in self._files(phones)}

    def _files(self, phones: Sequence[Spare]) -> Iterator[tuple[str, str]]:
        for place, phone in enumerate(phones, 1):
            here = () if place == 1 else (str(place),)
            then = ("end",) if place == len(phones) else (str(place + 1),)
            said = self._say(Say("fallback" if place == 1 else "fallback-next", each) for each in self._languages)
            yield self.url(*here), HEAD + said + self._dial(phone, then) + TAIL
        said = self._say(Say("fallback-next", each) for each in self._languages)
        said += self._say(Say(self._line.flow.crisis, each) for each in self._languages)
        said += self._say(Say("goodbye", each) for each in self._languages)
        yield self.url("end"), HEAD + said + "<Hangup/>" + TAIL
        for language in sorted({phone.language for phone in phones}):
            yield self.url("screen", language), HEAD + self._screen(language) + "<Hangup/>" + TAIL
        yield self.url("accept"), EMPTY

    @property
    def _languages(self) -> tuple[Language, ...]:
        """Nobody can say which one the caller chose: all of the line's."""
        return self._line.flow.languages

    def _say(self, says: Iterable[Say]) -> str:
        return self._renderer.sounds(*says)

    def _dial(self, phone: Spare, then: tuple[str, ...]) -> str:
        shown = self._line.settings.outbound_caller_id
        return (
            f'<Dial method="GET" action={quoteattr(self.url(*then))} timeout="{phone.seconds}" '
            f'timeLimit="{TALK_LIMIT}" callerId={quoteattr(shown)} answerOnBridge="true" record="do-not-record">'
            f'<Number method="GET" url={quoteattr(self.url("screen", phone.language))}>{escape(phone.number)}</Number>'
            "</Dial>"
        )

    def _screen(self, language: Language) -> str:
        """An empty document connects, so any key leads to one; after silence the next verb hangs up."""
        whisper = Say("fallback-whisper", language, (("line", self._line.flow.spoken[language]),))
        return (
            f'<Gather input="dtmf" numDigits="1" timeout="{WHISPER_SILENCE}" finishOnKey="" '
            f'actionOnEmptyResult="false" method="GET" action={quoteattr(self.url("accept"))}>'
            f"{self._renderer.sounds(whisper, whisper)}</Gather>"
        )
