import logging
import re
import threading
from pathlib import Path

import pytest

from helpline.calls.promise import promise
from helpline.pages.flows.retold import EVENTS
from helpline.pages.texts import load_texts
from helpline.trial import running
from helpline.trial.running import run_trial
from helpline.trial.values import CALLER, SITUATIONS, Moment, Trial
from helpline.twin import CALLER as TWINS
from tests.pages.signed import Office, words
from tests.shell import CONFIG, NOON, counted, lines_in, settings_in

TWIN = Path(__file__).parents[2] / "helpline" / "twin"
RICH = CONFIG.replace(
    'flow = "france"', 'flow = "france"\ntiers = 2\nbackup = ["+33199000501"]\naccepted_languages = ["nl"]'
)


class Keeper(logging.Handler):
    """Keeps what would be written to the log."""

    def __init__(self, kept: list[logging.LogRecord]) -> None:
        super().__init__()
        self.kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        self.kept.append(record)


def dial(site: Office, situation: str, keys: str = "", line: str = "france") -> str:
    """What the page says of a call."""
    return words(site.browser("coordinator").post(f"/flows/{line}/try", 200, situation=situation, keys=keys).text)


@pytest.mark.parametrize(
    ("situation", "ending"),
    [
        pytest.param("answered", "try-ended-human", marks=pytest.mark.slow),
        pytest.param("second", "try-ended-human", marks=pytest.mark.slow),
        ("busy", "try-ended-human"),
        ("nobody", "try-ended-others"),
        pytest.param("database", "try-ended-human", marks=pytest.mark.slow),
    ],
)
def test_each_situation_ends_as_it_would(site: Office, situation: str, ending: str) -> None:
    """Somebody answers, or the crisis numbers are given; and the wait is compared with the promise, if there is one."""
    said = dial(site, situation)
    assert load_texts()[ending].fr in said.replace(" ; ", "\u00a0; ")
    assert ("L’attente garantie est tenue." in said) == (situation != "database")
    assert "Alix Exemple son téléphone sonne" in said


def test_what_everybody_hears_is_told_in_order(site: Office) -> None:
    """The caller chooses Dutch by a key, hears it, and is connected; the psychologist hears who calls."""
    html = site.browser("coordinator").post("/flows/belgium/try", 200, situation="answered", keys="2").text
    said = words(html)
    line = site.service.lines["belgium"]
    greeting, connecting = (line.prompts.text(key, "nl") for key in ("greeting-belgium", "connecting"))
    assert f'<q lang="nl">{greeting}</q>' in html
    assert said.index("tape 2") < said.index(greeting) < said.index(connecting) < said.index("parle avec")


def test_key_nine_speaks_the_crisis_numbers(site: Office) -> None:
    """While the phones ring, and the call is answered all the same."""
    said = dial(site, "answered", "9")
    line = site.service.lines["france"]
    assert line.prompts.text(line.flow.crisis, "fr") in said
    assert "Quelqu’un a répondu" in said


def test_nothing_of_it_reaches_the_service(site: Office) -> None:
    """Not a row of the service's database changes, nothing is written beside it, and nothing is logged."""
    store, browser = site.service.store, site.browser("coordinator")
    kept: list[logging.LogRecord] = []
    before, files = counted(store), sorted(site.service.settings.folder.rglob("*"))
    handler = Keeper(kept)
    logging.getLogger().addHandler(handler)
    try:
        answer = browser.post("/flows/france/try", 200, situation="database")
    finally:
        logging.getLogger().removeHandler(handler)
    assert "Quelqu’un a répondu" in answer.text
    assert counted(store) == before
    assert sorted(site.service.settings.folder.rglob("*")) == files
    assert kept == []


def test_nobodys_real_number_or_secret_is_used(tmp_path: Path) -> None:
    """Phones, numbers and people of the trial are made up, those of the backup included; every tier is rung."""
    settings = settings_in(tmp_path, RICH)
    trial = run_trial(settings, lines_in(tmp_path, RICH)["france"], "", "nobody", NOON)
    rung = {moment.who for moment in trial.moments if moment.event == "rings"}
    assert rung == {"Alix Exemple", "Billie Exemple", "Camille Exemple", "backup-1"}
    assert trial.rung == 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("situation", "keys", "heard"),
    [("answered", "3 31# 1", "Association Exemple"), ("nobody", "3 31# 1 0", "Personne n’a pu vous répondre")],
)
def test_the_directory_is_tried(site: Office, situation: str, keys: str, heard: str) -> None:
    """Keys between spaces answer one question: a department, and whom to be put through to."""
    html = dial(site, situation, keys)
    assert "Vous avez indiqué Haute-Garonne." in html
    assert heard in html


@pytest.mark.slow
@pytest.mark.parametrize("name", ["france", "belgium"])
@pytest.mark.parametrize("keys", ["", "9", "999", "111111111111", "1-2-1-2", "19", "#*0", "2222", "3 31# 1", "3 3 3"])
def test_no_keys_keep_a_call_from_its_end(tmp_path: Path, name: str, keys: str) -> None:
    """Whatever is pressed in whatever situation, the call ends; without keys within the promise."""
    settings, line = settings_in(tmp_path, RICH), lines_in(tmp_path, RICH)[name]
    kept = promise(line)
    for situation in SITUATIONS:
        trial = run_trial(settings, line, keys, situation, NOON)
        assert trial.over
        assert {moment.event for moment in trial.moments} <= set(EVENTS)
        if not keys and situation != "database":
            most = kept.seconds_busy if situation == "busy" else kept.seconds
            assert trial.waited is not None
            assert trial.waited <= most


def test_a_form_that_makes_no_sense_keeps_what_was_typed(site: Office) -> None:
    """The same page, what is wrong beside its field, and nothing to type again."""
    browser = site.browser("coordinator")
    for situation, keys, field in (
        ("asleep", "1", "situation"),
        ("", "1", "situation"),
        ("nobody", "12a", "keys"),
        ("nobody", "1" * 13, "keys"),
        ("nobody", "١", "keys"),
    ):
        html = browser.post("/flows/france/try", 400, situation=situation, keys=keys).text
        assert f'<a href="#{field}">' in html
        assert f'value="{keys}"' in html
        assert ('value="nobody" checked' in html) == (situation == "nobody")


def test_one_call_at_a_time(site: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes meanwhile is asked to wait; then it works again."""
    began, go_on = threading.Event(), threading.Event()

    def slow(*_args: object) -> Trial:
        began.set()
        assert go_on.wait(10)
        return Trial((Moment(0.0, "caller", "dials"),), None, None, None, 0, over=True)

    monkeypatch.setattr(running, "run_trial", slow)
    browser, other = site.browser("coordinator"), site.browser("operator")
    first = threading.Thread(target=lambda: browser.post("/flows/france/try", 200, situation="nobody"))
    first.start()
    try:
        assert began.wait(10)
        said = words(other.post("/flows/france/try", 409, situation="busy", keys="19").text)
        assert "Un autre essai est en cours" in said
    finally:
        go_on.set()
        first.join()
    assert "L’appel s’est terminé sans réponse" in words(other.post("/flows/france/try", 200, situation="busy").text)


def test_a_call_that_cannot_be_tried_says_so(site: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk ends in words, and doesn't keep the next call from being tried."""

    def full(*_args: object) -> Trial:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(running, "run_trial", full)
    browser = site.browser("coordinator")
    for _ in range(2):
        said = words(browser.post("/flows/france/try", 503, situation="nobody").text)
        assert "L’essai n’a pas pu aller à son terme." in said


def test_everything_that_the_twin_tells_has_words() -> None:
    """An event that is new in the twin's sources needs a text here."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in TWIN.glob("*.py"))
    told = set(re.findall(r'\bnote\(\s*"([^"]+)"', source)) | {"hears", "hears audio"}
    assert told <= set(EVENTS)
    assert CALLER == TWINS
    assert set(EVENTS.values()) <= set(load_texts())


def test_a_call_that_goes_on_and_on_is_left(site: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither virtual time nor the processor's is without end; what happened until then is shown."""
    monkeypatch.setattr(running, "MOST_SECONDS", 10)
    said = dial(site, "nobody")
    assert "L’appel dure encore : l’essai s’est arrêté là." in said
    assert "Qui appelle compose le numéro" in said
