"""Quiet music for the wait, made here: nothing to license, nothing to fetch, the same bytes every time.

Slow broken chords of bell-like tones, between 260 and 1050 Hz, where a telephone line is at its clearest.
"""

from __future__ import annotations

import io
import math
import sys
import wave
from array import array
from functools import cache
from typing import Final

RATE: Final = 8000
"""Samples a second: what a telephone carries; more would be thrown away on the way."""
PEAK: Final = 10 ** (-15 / 20)
"""The loudest sample, as a part of full scale: 15 dB under it, so that it stays below the voice."""
LONGEST: Final = 600

_BEAT = 0.6
_NOTE = 3.0
_DECAY = 0.9
_ATTACK = 0.05
_FADE = 0.8
_LAST_NOTE = 1.2
"""Seconds: from note to note, how long one is heard, to a third of its strength, to reach it, the fade at both ends,
and how long before the end the last one begins."""

_C4, _E4, _F4, _G4, _A4, _B4 = 261.63, 329.63, 349.23, 392.00, 440.00, 493.88
_C5, _D5, _E5, _G5 = 523.25, 587.33, 659.26, 783.99
_TUNE = (
    *(_C4, _G4, _C5, _E5, _G5, _E5),
    *(_A4, _C5, _E5, _G5, _E5, _C5),
    *(_F4, _A4, _C5, _E5, _C5, _A4),
    *(_G4, _B4, _D5, _G5, _D5, _B4),
)
_PARTIALS = ((1.0, 1.0), (2.0, 0.22))
"""Each tone's frequency, as a multiple of the note's, and its strength. The octave is kept under 1600 Hz."""


def hold_music(seconds: int) -> bytes:
    """A WAV file of exactly this many seconds: mono, 8 kHz, 16-bit. It begins and ends in silence, so it loops.

    Raises ValueError unless `seconds` is 1 to 600.
    """
    if not 1 <= seconds <= LONGEST:
        raise ValueError(f"hold music lasts 1 to {LONGEST} seconds, not {seconds}")
    samples = _faded(_mixed(seconds * RATE))
    scale = PEAK * 32767 / max(map(abs, samples))
    pcm = array("h", (round(sample * scale) for sample in samples))
    if sys.byteorder == "big":
        pcm.byteswap()
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(pcm.itemsize)
        out.setframerate(RATE)
        out.writeframes(pcm.tobytes())
    return file.getvalue()


def _mixed(length: int) -> list[float]:
    """The tune's notes, each begun on its beat and ringing on over the next ones."""
    mix = [0.0] * length
    last = max(1, length - round(_LAST_NOTE * RATE))
    for beat, start in enumerate(range(0, last, round(_BEAT * RATE))):
        note = _note(_TUNE[beat % len(_TUNE)])
        end = min(length, start + len(note))
        mix[start:end] = [old + new for old, new in zip(mix[start:end], note, strict=False)]
    return mix


def _faded(samples: list[float]) -> list[float]:
    """The samples without their mean, raised from silence and led back to it."""
    # The mean goes first: taken out afterwards, it would lift the ends off zero, and that clicks.
    mean = sum(samples) / len(samples)
    steady = [sample - mean for sample in samples]
    length = min(round(_FADE * RATE), len(samples) // 2)
    for index in range(length):
        part = 0.5 - 0.5 * math.cos(math.pi * index / length)
        steady[index] *= part
        steady[-1 - index] *= part
    return steady


@cache
def _note(frequency: float) -> array[float]:
    """One tone: soft attack, slow decay, and silent at its end."""
    length = round(_NOTE * RATE)
    turns = [(2 * math.pi * frequency * multiple / RATE, strength) for multiple, strength in _PARTIALS]
    attack, release = round(_ATTACK * RATE), round(_FADE * RATE)
    tone = array("d", bytes(8 * length))
    for index in range(length):
        level = math.exp(-index / (_DECAY * RATE))
        level *= min(1.0, index / attack, (length - 1 - index) / release)
        tone[index] = level * sum(strength * math.sin(turn * index) for turn, strength in turns)
    return tone
