"""A callback's URLs: what goes in comes out, and nothing else does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.carrier.callback_urls import BackRef, CallbackUrls
from helpline.carrier.seal import Seal
from helpline.errors import BadToken
from ivr_flows import callback, calling_back
from ivr_flows.calling_back import Hello
from ivr_flows.model import LANGUAGES
from tests.shell import PUBLIC, lines_in

LINES = lines_in(Path("/"))
LINE = LINES["france"]
SEAL = Seal([b"a seal key of the tests"])
URLS = CallbackUrls(PUBLIC, SEAL)
NAMES = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=20)
REFS = st.builds(BackRef, NAMES, NAMES, st.integers(1, 10**9), st.sampled_from(LANGUAGES))
ASKING = st.builds(
    callback.Place,
    st.sampled_from(list(callback.Stage)),
    NAMES,
    st.sampled_from(LANGUAGES),
    st.none() | NAMES,
    st.integers(0, 3),
    st.integers(0, 1),
    st.booleans(),
)
CALLING = st.builds(
    calling_back.Place, st.sampled_from(list(calling_back.Stage)), st.sampled_from(LANGUAGES), st.integers(1, 2)
)
HELLOS = st.builds(Hello, st.sampled_from(LANGUAGES), st.integers(0, 2))
REF = BackRef("callback", "leg", 1, "fr")
OPENS: dict[str, Callable[..., Any]] = {
    "asking": URLS.open_asking,
    "calling": URLS.open_calling,
    "called": URLS.open_called,
    "called-back": URLS.open_over,
}


def token(url: str) -> str:
    """The token of a URL."""
    return url.partition("#")[0].rsplit("/", 1)[1]


@given(ASKING)
def test_whoever_asks_comes_back_to_their_question(place: callback.Place) -> None:
    """To the same one, every time; the URL is the same every time, too."""
    url = URLS.asking(LINE, place)
    assert URLS.open_asking(LINE, token(url)) == place
    assert URLS.asking(LINE, place) == url


@given(REFS, CALLING, HELLOS)
def test_both_phones_come_back_to_their_callback(ref: BackRef, place: calling_back.Place, hello: Hello) -> None:
    """And the end of the psychologist's leg is told of the same."""
    assert URLS.open_calling(LINE, token(URLS.calling(LINE, ref, place))) == (ref, place)
    assert URLS.open_called(LINE, token(URLS.called(LINE, ref, hello))) == (ref, hello)
    assert URLS.open_over(LINE, token(URLS.over(LINE, ref))) == ref


@pytest.mark.parametrize("purpose", OPENS)
def test_a_token_opens_only_where_it_was_handed_out(purpose: str) -> None:
    """Not on another line, not for another purpose, not with another key."""
    tokens = {
        "asking": token(URLS.asking(LINE, callback.Place(callback.Stage.KEY, "callback", "fr"))),
        "calling": token(URLS.pick_up(LINE, REF, "fr")),
        "called": token(URLS.called(LINE, REF, Hello("fr"))),
        "called-back": token(URLS.over(LINE, REF)),
    }
    for name, opened in OPENS.items():
        if name != purpose:
            with pytest.raises(BadToken):
                opened(LINE, tokens[purpose])
    with pytest.raises(BadToken):
        OPENS[purpose](LINES["belgium"], tokens[purpose])
    with pytest.raises(BadToken):
        CallbackUrls(PUBLIC, Seal([b"another key"])).open_over(LINE, tokens["called-back"])


@pytest.mark.parametrize("purpose", OPENS)
@pytest.mark.parametrize("payload", [[], ["x"], ["key", "callback", "xx", None, 0, 0, False], [1, 2, 3, 4], [None] * 7])
def test_a_token_of_another_version_is_refused(purpose: str, payload: list[Any]) -> None:
    """What this version can't read is a bad token and nothing else."""
    with pytest.raises(BadToken):
        OPENS[purpose](LINE, SEAL.close(purpose, LINE.name, payload))
