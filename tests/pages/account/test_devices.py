import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.pages.account.devices import BROWSERS, SYSTEMS, device

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox, Android"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36", "Chrome, Android"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/140.0.0.0", "Edge, Windows"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME} Safari/537.36", "Chrome, ChromeOS"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1 Version/18.5 Safari/605.1", "Safari, Mac"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1 CriOS/140.0 Mobile Safari/604.1",
            "Chrome, iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)
def test_a_browser_in_two_words(agent: str, said: str) -> None:
    """What its owner calls it."""
    assert device(agent) == said


@given(agent=st.text() | st.lists(st.sampled_from([sign for sign, _ in BROWSERS + SYSTEMS])).map(" ".join))
def test_it_is_never_more_than_our_own_words(agent: str) -> None:
    """Whatever a browser says of itself, none of it is kept but two words from our lists."""
    ours = {"", *(word for _, word in BROWSERS + SYSTEMS)}
    assert set(device(agent).split(", ")) <= ours
