import io
import wave
from array import array
from itertools import pairwise

import pytest

from helpline.carrier.music import RATE, hold_music

FULL = 32767


def samples(seconds: int) -> list[int]:
    """The music's samples, read back by the standard library."""
    with wave.open(io.BytesIO(hold_music(seconds))) as file:
        return array("h", file.readframes(file.getnframes())).tolist()


@pytest.mark.parametrize("seconds", [1, 5, 9, 30])
def test_the_music_lasts_as_long_as_asked(seconds: int) -> None:
    """The hold loop's clock can count on it: exactly so many seconds, as a telephone carries them."""
    with wave.open(io.BytesIO(hold_music(seconds))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        assert file.getnframes() == seconds * RATE


@pytest.mark.parametrize("seconds", [1, 9, 30])
def test_the_music_stays_below_the_voice(seconds: int) -> None:
    """Its loudest sample is 15 dB under full scale, whatever its length."""
    loudest = max(map(abs, samples(seconds))) / FULL
    assert loudest == pytest.approx(10 ** (-15 / 20), rel=0.01)


def test_the_music_is_there_all_the_time() -> None:
    """No second of it is silent: a caller must never think the line is dead."""
    heard = samples(30)
    seconds = [heard[start : start + RATE] for start in range(0, len(heard), RATE)]
    assert all(max(map(abs, second)) > 0.03 * FULL for second in seconds)


def test_the_music_rests_on_zero() -> None:
    """There is no direct current in it, which a line would turn into a thump."""
    heard = samples(9)
    assert abs(sum(heard) / len(heard)) < 0.001 * FULL


@pytest.mark.parametrize("seconds", [1, 9])
def test_both_ends_are_silent(seconds: int) -> None:
    """It can be played again and again without a click."""
    heard = samples(seconds)
    assert heard[0] == heard[-1] == 0
    assert max(map(abs, [*heard[:80], *heard[-80:]])) < 0.002 * FULL


def test_the_music_swells_and_fades() -> None:
    """The first and the last quarter of a second are softer than what is between."""
    heard = samples(9)
    loudest = max(map(abs, heard))
    assert max(map(abs, heard[: RATE // 4])) < loudest / 2
    assert max(map(abs, heard[-RATE // 4 :])) < loudest / 4


def test_nothing_in_it_clicks() -> None:
    """From one sample to the next it never jumps by more than its own tones can."""
    assert max(abs(one - two) for one, two in pairwise(samples(9))) < 0.12 * FULL


def test_the_same_seconds_are_the_same_bytes() -> None:
    """The carrier may keep it: it never changes."""
    assert hold_music(3) == hold_music(3)


@pytest.mark.parametrize("seconds", [0, -1, 601])
def test_an_impossible_length_is_refused(seconds: int) -> None:
    """The length comes from our own documents; anything odd is a mistake."""
    with pytest.raises(ValueError, match="hold music lasts 1 to 600 seconds"):
        hold_music(seconds)
