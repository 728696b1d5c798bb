import itertools
import re

import pytest

from ivr_flows.check import seconds_to_say
from ivr_flows.load import shipped_flow, shipped_names, shipped_prompts
from ivr_flows.model import LANGUAGES, Language, MenuStep, SayStep
from ivr_flows.prompts import PromptError, parse_prompts

FILES = dict.fromkeys(LANGUAGES, 'hello = "Hello {name}."\nbye = "Goodbye."')

WITHOUT_VALUES = """
    hold-1 hold-2 hold-3 hold-4 hold-second hold-backup hold-again degraded connecting cut-off one-moment trouble
    not-understood whisper-accept taken gone declined thanks handover-choice handover-done
    not-valid code-reason code-again code-saved code-unknown code-later wait-minute category-doctor
    category-in-training category-relative category-other-carer language-fr language-nl language-de language-en
"""
SPOKEN_BY_THE_MACHINES: dict[str, set[str]] = {
    **{key: set() for key in WITHOUT_VALUES.split()},
    "language-choice": {"key"},
    "hold-accepted": {"language"},
    "hold-busy": {"wait"},
    "whisper": {"line", "language", "wait"},
    "whisper-category": {"category"},
    "wait-seconds": {"n"},
    "wait-minutes": {"n"},
    "code-confirm": {"reason"},
}


def problems(files: dict[Language, str]) -> tuple[str, ...]:
    """What is wrong with the four files, some of them replaced."""
    with pytest.raises(PromptError) as refused:
        parse_prompts(FILES | files)
    return refused.value.problems


def test_a_prompt_is_filled_with_its_values() -> None:
    """A value takes its placeholder's place, and a value nobody asked for changes nothing."""
    assert parse_prompts(FILES).text("hello", "nl", name="Ana", more="x") == "Hello Ana."


def test_a_value_may_be_called_language() -> None:
    """The names that `text` gives its own arguments are free for placeholders."""
    spoken = shipped_prompts().text("whisper", "en", line="Test line", language="Dutch", wait="one minute")
    assert spoken == "Test line. A call in Dutch, waiting for one minute."


def test_a_value_is_never_taken_for_a_text() -> None:
    """Braces in a value are spoken as they are."""
    assert parse_prompts(FILES).text("hello", "fr", name="{bye}") == "Hello {bye}."


def test_a_missing_value_is_an_error() -> None:
    """Nobody hears a placeholder."""
    with pytest.raises(PromptError, match=r"de: prompt hello needs a value for \{name\}"):
        parse_prompts(FILES).text("hello", "de")


def test_a_missing_prompt_is_an_error() -> None:
    """A key that no file has is named with its language."""
    with pytest.raises(PromptError, match="en: there is no prompt 'hullo'"):
        parse_prompts(FILES).text("hullo", "en")


def test_the_four_files_have_the_same_keys() -> None:
    """A prompt that was not translated is found when the files are read, not when it is to be spoken."""
    found = problems({"de": 'hello = "Hallo {name}."'})
    assert found == ("de.toml: prompt bye is missing, and fr, nl, en has it; translate it",)


def test_the_four_files_have_the_same_placeholders() -> None:
    """A translation that forgot a value is found."""
    (problem,) = problems({"nl": 'hello = "Dag."\nbye = "Dag."'})
    assert problem.startswith("prompt hello: the placeholders differ (fr has {name}; nl has none; de has {name}")


def test_every_file_is_needed() -> None:
    """A language without a file is named."""
    with pytest.raises(PromptError, match=r"nl\.toml: this file is missing"):
        parse_prompts({language: FILES[language] for language in LANGUAGES if language != "nl"})


def test_a_toml_error_keeps_its_file_and_line() -> None:
    """A missing quote is found by its line."""
    (problem,) = problems({"en": 'hello = "Hello {name}."\nbye = Goodbye'})
    assert problem.startswith("en.toml: not valid TOML:")
    assert "line 2" in problem


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("3", "must be a text between quotes"),
        ('" "', "is empty; write what is to be said"),
        ('"<break/>"', "contains '<'; write plain words on one line, without markup"),
        ('"this & that"', "contains '&'"),
        ('"one\\ntwo"', r"contains '\n'"),
        ('"{name"', "braces don't pair up"),
        ('"{}"', "{...} can't be filled; a placeholder is one word in small letters"),
        ('"{name.first}"', "{name.first...} can't be filled"),
        ('"{name!r}"', "{name...} can't be filled"),
        ('"{name:9}"', "{name...} can't be filled"),
    ],
)
def test_a_text_that_cannot_be_spoken_is_refused(text: str, told: str) -> None:
    """Markup, line breaks and clever placeholders are refused with file and key."""
    found = problems({"fr": f'hello = {text}\nbye = "Bye."'})
    assert any(f"fr.toml: prompt hello: {told}" in problem for problem in found)


def test_a_line_may_say_something_its_own_way() -> None:
    """An override replaces one text in one language and leaves the others."""
    ours = parse_prompts(FILES).overridden({"fr": {"hello": "Salut {name}."}}, "config.toml")
    assert ours.text("hello", "fr", name="Ana") == "Salut Ana."
    assert ours.text("hello", "nl", name="Ana") == "Hello Ana."


def test_a_line_may_add_a_prompt() -> None:
    """A new key is there in the languages that were given; whether those are enough is the flow's proof."""
    ours = parse_prompts(FILES).overridden({"fr": {"news": "Des nouvelles."}}, "config.toml")
    assert ours.has("news", "fr")
    assert not ours.has("news", "nl")


def test_an_override_keeps_the_placeholders() -> None:
    """The call fills what our text asks for; another name would stay empty."""
    with pytest.raises(
        PromptError, match=r"config\.toml, fr: prompt hello must have exactly the placeholders \{name\}"
    ):
        parse_prompts(FILES).overridden({"fr": {"hello": "Salut {nom}."}}, "config.toml")


def test_every_fault_of_an_override_is_told() -> None:
    """Unknown languages and unspeakable texts are told at once."""
    with pytest.raises(PromptError) as refused:
        parse_prompts(FILES).overridden({"it": {"hello": "Ciao."}, "fr": {"bye": "<b>"}}, "config.toml")
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize(("key", "needed"), SPOKEN_BY_THE_MACHINES.items())
def test_what_the_machines_speak_is_shipped(key: str, needed: set[str]) -> None:
    """Every prompt that a call can need exists in four languages with the values the machines give."""
    shipped = shipped_prompts()
    assert all(shipped.placeholders(key, language) == needed for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", [key for key in shipped_prompts().texts["fr"] if key.startswith("hold-")])
def test_hold_words_fit_into_a_tick(key: str, language: Language) -> None:
    """What a waiting caller is told takes 8 s at most, whoever is being called."""
    assert seconds_to_say(shipped_prompts().texts[language][key]) <= 8


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("line", shipped_names())
def test_a_psychologist_knows_within_ten_seconds(line: str, language: Language) -> None:
    """The announcement, the category and the keys take 10 s at most, whatever the call."""
    prompts, flow = shipped_prompts(), shipped_flow(line)
    waits = [prompts.text("wait-minute", language), prompts.text("wait-minutes", language, n="12")]
    waits.append(prompts.text("wait-seconds", language, n="30"))
    categories = [key for key in prompts.texts[language] if key.startswith("category-")]
    for wait, category, spoken in itertools.product(waits, categories, LANGUAGES):
        called = prompts.text(f"language-{spoken}", language)
        said = [
            prompts.text("whisper", language, line=flow.spoken[language], language=called, wait=wait),
            prompts.text("whisper-category", language, category=prompts.text(category, language)),
            prompts.text("whisper-accept", language),
        ]
        assert seconds_to_say(" ".join(said)) <= 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bridge_is_announced_in_eight_words(language: Language) -> None:
    """Nobody waits for a sentence to end before they can talk."""
    prompts = shipped_prompts()
    for key in ("connecting", "connecting-backup"):
        assert len(prompts.text(key, language).split()) <= 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_question_who_calls_is_as_short_as_a_greeting(language: Language) -> None:
    """A line may ask before it rings without breaking its proof."""
    assert seconds_to_say(shipped_prompts().text("ask-category", language)) <= 12


@pytest.mark.parametrize(
    ("key", "language", "numbers"),
    [
        ("crisis-france", "fr", ["15", "112", "31 14"]),
        ("crisis-france", "nl", ["15", "112", "31 14"]),
        ("crisis-france", "de", ["15", "1 1 2", "31 14"]),
        ("crisis-france", "en", ["15", "1 1 2", "31 14"]),
        ("crisis-belgium", "fr", ["112", "0800 32 123", "107"]),
        ("crisis-belgium", "nl", ["112", "18 13", "106"]),
        ("crisis-belgium", "de", ["1 1 2", "1 0 8"]),
        ("crisis-belgium", "en", ["1 1 2", "0 8 0 0, 3 2, 1 2 3", "18 13"]),
        ("greeting-france", "fr", ["15"]),
        ("greeting-belgium", "fr", ["112"]),
        ("greeting-belgium", "nl", ["112"]),
        ("greeting-belgium", "de", ["1 1 2"]),
        ("greeting-belgium", "en", ["1 1 2"]),
    ],
)
def test_emergency_numbers_are_spoken_in_full(key: str, language: Language, numbers: list[str]) -> None:
    """Each language says its numbers, written as they are spoken."""
    text = shipped_prompts().text(key, language)
    assert all(number in text for number in numbers)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ["confidentiel", "anonyme", "sans enregistrement"]),
        ("nl", ["vertrouwelijk", "anoniem", "zonder opname"]),
        ("de", ["vertraulich", "anonym", "ohne aufzeichnung"]),
        ("en", ["confidential", "anonymous", "not recorded"]),
    ],
)
@pytest.mark.parametrize("line", shipped_names())
def test_the_greeting_makes_its_three_promises(line: str, language: Language, words: list[str]) -> None:
    """A caller hears that the call is confidential, anonymous and not recorded."""
    greeting = shipped_prompts().text(f"greeting-{line}", language).lower()
    assert all(word in greeting for word in words)


@pytest.mark.parametrize("key", ["greeting-france", "greeting-belgium", "unanswered-menu"])
def test_the_key_of_the_directory_is_the_one_that_leads_there(key: str) -> None:
    """What is announced in words is what the shipped flows do."""
    for line, language in itertools.product(shipped_names(), LANGUAGES):
        keys = [step.keys for step in shipped_flow(line).steps.values() if isinstance(step, SayStep | MenuStep)]
        assert all(each["3"] == "directory" for each in keys)
        assert re.search(r"\b3\b", shipped_prompts().text(key, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_typographically_clean(language: Language) -> None:
    """Curved apostrophes, no double spaces, and a sentence that ends as one; values and names are no sentences."""
    names = {f"language-{one}" for one in LANGUAGES}
    for key, text in shipped_prompts().texts[language].items():
        assert "'" not in text
        assert "  " not in text
        assert text == text.strip()
        if not key.startswith(("category-", "wait-")) and key not in names:
            assert text.endswith(".")
