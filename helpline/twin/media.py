"""How long sounds last: speech by its words, recordings by their WAV header."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable

from helpline.twin.transport import Answer, ConnectFailed, ReadTimedOut, Transport
from helpline.twin.urls import Overrides

SHORTEST = 0.5
"""Seconds the shortest utterance takes."""
UNKNOWN = 3.0
"""Seconds a recording is taken to last when its header doesn't tell (an MP3, say)."""
PlaySeconds = Callable[[str], float | None]
"""Seconds a recording's URL lasts; None when the carrier couldn't play it."""


def speech_seconds(text: str, words_per_minute: float = 150.0) -> float:
    """Seconds a text takes to say: 150 words a minute, half a second at least."""
    return max(SHORTEST, len(text.split()) * 60.0 / words_per_minute)


def tone_seconds(digits: str) -> float:
    """Seconds a `Play digits` takes: a quarter for each key, half for each `w`."""
    return sum(0.5 if key == "w" else 0.25 for key in digits)


class Recordings:
    """Asks the product for each recording once and remembers how long it lasts."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._known: dict[str, float] = {}

    def __call__(self, url: str) -> float | None:
        """Seconds the recording lasts; None when it can't be fetched or isn't audio."""
        if url not in self._known:
            try:
                answer = self._transport.send("GET", url, None, {"User-Agent": "TwilioProxy/1.1"}, Overrides())
            except (ConnectFailed, ReadTimedOut):
                return None
            if answer.status != 200 or not answer.media_type.startswith("audio/"):
                return None
            self._known[url] = _wav_seconds(answer)
        return self._known[url]


def _wav_seconds(answer: Answer) -> float:
    try:
        with wave.open(io.BytesIO(answer.body)) as recording:
            return float(recording.getnframes() / recording.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        return UNKNOWN
