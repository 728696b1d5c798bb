"""The spoken directory's URLs: what goes in comes out, and nothing of it can be read."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.carrier.directory_urls import PURPOSE, DirectoryUrls
from helpline.carrier.seal import Seal
from helpline.errors import BadToken
from ivr_flows.directory import Place, Stage
from ivr_flows.model import LANGUAGES
from tests.shell import PUBLIC, lines_in

LINES = lines_in(Path("/"))
LINE = LINES["france"]
SEAL = Seal([b"a seal key of the tests"])
URLS = DirectoryUrls(PUBLIC, SEAL)
NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=40)
PLACES = st.builds(
    Place,
    st.sampled_from(list(Stage)),
    NAMES,
    st.sampled_from(LANGUAGES),
    st.none() | NAMES,
    st.text("0123456789*", max_size=32),
    st.lists(NAMES, max_size=3).map(tuple),
    st.integers(0, 1),
    st.booleans(),
)
HERE = Place(Stage.READ, "directory", "fr", None, "31555", ("an-association",))


def token(url: str) -> str:
    """The token of a URL."""
    return url.partition("#")[0].rsplit("/", 1)[1]


@given(PLACES)
def test_a_caller_comes_back_to_where_they_were(place: Place) -> None:
    """To the same place, every time; the URL is the same every time, too, and short enough for the carrier."""
    url = URLS.place(LINE, place)
    assert URLS.open(LINE, token(url)) == place
    assert URLS.place(LINE, place) == url
    assert len(url) < 1000


def test_nothing_of_it_can_be_read() -> None:
    """Neither what was keyed nor what was read."""
    url = URLS.place(LINE, HERE)
    assert [word for word in ("31555", "association", "read") if word in url] == []


def test_a_token_opens_only_where_it_was_handed_out() -> None:
    """Not on another line, not with another key."""
    sealed = token(URLS.place(LINE, HERE))
    with pytest.raises(BadToken):
        URLS.open(LINES["belgium"], sealed)
    with pytest.raises(BadToken):
        DirectoryUrls(PUBLIC, Seal([b"another key"])).open(LINE, sealed)


@pytest.mark.parametrize(
    "payload",
    [
        [],
        ["read", "directory", "xx", None, "", "", 0, False],
        ["elsewhere", "directory", "fr", None, "", "", 0, False],
        ["read", "directory", "fr", None, "", 0, False],
        [None] * 8,
    ],
)
def test_a_token_of_another_version_is_refused(payload: list[Any]) -> None:
    """What this version can't read is a bad token and nothing else."""
    with pytest.raises(BadToken):
        URLS.open(LINE, SEAL.close(PURPOSE, LINE.name, payload))
