import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.messages.gsm import in_alphabet, length, spelt


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ligne d’écoute Belgique", "Ligne d'écoute Belgique"),
        ("garde\u00a0: forêt, François, Noël, cœur", "garde : foret, Francois, Noel, coeur"),
        ("Grüße aus Österreich", "Grüße aus Österreich"),
        ("België … «\u202fja\u202f»", 'Belgie ... " ja "'),
        ("e\u0301cole", "école"),
    ],
)
def test_a_text_keeps_what_the_alphabet_has_and_spells_the_rest(text: str, expected: str) -> None:
    """Accents that text messages know stay; others go, so that 160 signs fit in one."""
    assert spelt(text) == expected
    assert in_alphabet(spelt(text))


def test_what_has_no_spelling_is_left_as_it_is() -> None:
    """A name in another script is told as it is written, in a longer message."""
    assert spelt("Ирина") == "Ирина"
    assert not in_alphabet("Ирина")


def test_some_signs_count_twice() -> None:
    """The euro and brackets are written with an escape."""
    assert length("[€]") == 6
    assert length("éèà@") == 4


@given(st.text(max_size=40))
def test_spelling_twice_changes_nothing_more(text: str) -> None:
    """What has been spelt is spelt."""
    assert spelt(spelt(text)) == spelt(text)
