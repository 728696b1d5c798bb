import re
import string
import tomllib
from pathlib import Path

import pytest

import helpline.demo
from helpline.demo.telling import DID, ENDS
from helpline.demo.texts import load_texts
from reports.words import LANGUAGES

FOLDER = Path(helpline.demo.__file__).parent
TEXTS = tomllib.loads((FOLDER / "texts.toml").read_text(encoding="utf-8"))
SOURCES = "\n".join(
    path.read_text(encoding="utf-8") for pattern in ("*.py", "templates/*.html") for path in FOLDER.glob(pattern)
)
BUILT = ("state-", "step-", "as-", *DID.values(), *ENDS.values())
"""Keys that are put together, or chosen from a table."""


@pytest.mark.parametrize("key", TEXTS)
def test_every_text_is_in_four_languages(key: str) -> None:
    """Each text says something in each language, with the same values to fill in."""
    assert set(TEXTS[key]) == set(LANGUAGES)
    assert all(text.strip() == text and text for text in TEXTS[key].values())
    names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in TEXTS[key].values()]
    assert all(each == names[0] for each in names)


@pytest.mark.parametrize("key", TEXTS)
def test_every_text_is_used(key: str) -> None:
    """A text that nothing says any more is thrown away."""
    assert f'"{key}"' in SOURCES or key.startswith(BUILT)


def test_every_text_that_is_said_exists() -> None:
    """Whatever a template or a module says has a text."""
    said = set(re.findall(r'\bsay\("([a-z-]+)"', SOURCES)) | set(re.findall(r'Refusal\(\d+, "([a-z-]+)"', SOURCES))
    assert said - set(load_texts()) - {"state-", "step-", "as-"} == set()
    assert {*DID.values(), *ENDS.values()} <= set(load_texts())


@pytest.mark.parametrize("key", TEXTS)
def test_french_is_set_as_french(key: str) -> None:
    """A space before a colon, a question mark or inside quotation marks doesn't break, and apostrophes are round."""
    french = TEXTS[key]["fr"]
    assert not re.search(r" [:;?!»]|« |'", french)
