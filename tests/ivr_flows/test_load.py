import pytest

from helpline.store.tables import LiveCall
from ivr_flows.load import FlowError, load_flow, parse_flow, shipped_flow, shipped_names, shipped_prompts
from ivr_flows.model import (
    LANGUAGES,
    AskStep,
    DirectoryStep,
    ForwardStep,
    GoodbyeStep,
    LanguageStep,
    MenuStep,
    RingStep,
    SayStep,
    Voice,
)
from tests.ivr_flows.files import HEAD, STEPS, flow_text, prompts


def problems(text: str) -> list[str]:
    """What is wrong with a flow file, one sentence each."""
    with pytest.raises(FlowError) as refused:
        parse_flow(text, "test.toml")
    return str(refused.value).splitlines()


def test_a_flow_file_becomes_its_steps() -> None:
    """Every kind of step is read with what it says and where it leads."""
    extra = {
        "language": 'kind = "language"\nprompt = "choice"\nkeys = { 1 = "fr", 2 = "nl" }\nnext = "ask"',
        "ask": 'kind = "ask"\nprompt = "who"\nanswers = { 1 = "doctor", 0 = "relative" }\nnext = "ring"',
    }
    steps = parse_flow(flow_text(extra), "test.toml").steps
    assert dict(steps) == {
        "greeting": SayStep("greeting", "hello", "ring"),
        "ring": RingStep("ring", "unanswered"),
        "unanswered": MenuStep("unanswered", "sorry", {"1": "ring"}, "goodbye"),
        "goodbye": GoodbyeStep("goodbye", "bye"),
        "language": LanguageStep("language", "choice", {"1": "fr", "2": "nl"}, "ask"),
        "ask": AskStep("ask", "who", {"1": "doctor", "0": "relative"}, "ring"),
    }


def test_a_flow_file_says_who_it_is_for() -> None:
    """Name, languages, start, crisis numbers, spoken names and voices come from the head of the file."""
    flow = parse_flow(flow_text(), "test.toml")
    assert (flow.name, flow.languages, flow.start) == ("test", ("fr",), "greeting")
    assert (flow.crisis, flow.crisis_verified) == ("crisis", "2026-01-31")
    assert flow.spoken["nl"] == "Testlijn"
    assert flow.voices["de"] == Voice("de-DE", "Vicki")


def test_a_flow_cannot_be_changed_once_read() -> None:
    """Steps and keys are read-only, so that no request can change another's flow."""
    flow = parse_flow(flow_text(), "test.toml")
    with pytest.raises(TypeError):
        flow.steps["greeting"] = flow.steps["ring"]  # type: ignore[index]  # the point of the test


def test_every_problem_is_told_at_once() -> None:
    """A coordinator who made three mistakes hears of three mistakes, each with its step."""
    text = flow_text({"greeting": 'kind = "say"\nprompt = 3', "ring": 'kind = "ring"\nunanswered = "u"\nloud = true'})
    first, second, third = problems(text)
    assert first.startswith("test.toml: step greeting: prompt = 3 can't be used; it must be the key of a prompt")
    assert second.startswith("test.toml: step greeting: next is missing; it must be the step that follows")
    assert third == "test.toml: step ring: loud is not known here; take it out, or use one of kind, unanswered"


def test_the_error_carries_its_problems_as_data() -> None:
    """A page can show file, step and reason apart."""
    with pytest.raises(FlowError) as refused:
        parse_flow(flow_text({"goodbye": 'kind = "goodbye"'}), "test.toml")
    (problem,) = refused.value.problems
    assert (problem.source, problem.step) == ("test.toml", "goodbye")
    assert problem.reason.startswith("prompt is missing")


def test_a_toml_error_keeps_its_line() -> None:
    """A missing quote is found by its line."""
    (problem,) = problems('format = 1\nname = "test\nstart = 1')
    assert problem.startswith("test.toml: not valid TOML:")
    assert "line 2" in problem


@pytest.mark.parametrize("key", ["9", "*", "#", "10", "a"])
@pytest.mark.parametrize("kind", ["menu", "ask", "language"])
def test_only_keys_0_to_8_can_be_bound(key: str, kind: str) -> None:
    """9 always speaks the crisis numbers, and * and # mean something to the carrier."""
    body = {
        "menu": 'kind = "menu"\nprompt = "p"\nkeys = { "KEY" = "ring" }\nsilence = "ring"',
        "ask": 'kind = "ask"\nprompt = "p"\nanswers = { "KEY" = "doctor" }\nnext = "ring"',
        "language": 'kind = "language"\nprompt = "p"\nkeys = { "KEY" = "fr" }\nnext = "ring"',
    }[kind].replace("KEY", key)
    (problem,) = problems(flow_text({"more": body}))
    assert problem.startswith("test.toml: step more: [")
    assert problem.endswith("use a key from 0 to 8" if key == "9" else "use one from 0 to 8")


def test_a_say_step_may_have_keys() -> None:
    """Those lead elsewhere; without them any key skips it."""
    flow = parse_flow(flow_text({"greeting": f'{STEPS["greeting"]}\nkeys = {{ 3 = "goodbye" }}'}), "test.toml")
    assert flow.steps["greeting"] == SayStep("greeting", "hello", "ring", {"3": "goodbye"})


def test_a_directory_and_a_forward_are_read() -> None:
    """Help nearby, and a partner's number."""
    more = {
        "near": 'kind = "directory"\nprompt = "hello"\nnext = "ring"',
        "partner": 'kind = "forward"\nnumber = "+33199001234"\nprompt = "hello"\nnext = "ring"',
    }
    flow = parse_flow(flow_text(more), "test.toml")
    assert flow.steps["near"] == DirectoryStep("near", "hello", "ring")
    assert flow.steps["partner"] == ForwardStep("partner", "+33199001234", "hello", "ring")


@pytest.mark.parametrize(
    "number", ['"0199001234"', '"+33 1 99 00 12 34"', '"112"', "33199001234", '"+330199001234567890"']
)
def test_a_partners_number_is_written_in_full(number: str) -> None:
    """A number that is dialled otherwise from elsewhere is refused with how to write it."""
    body = f'kind = "forward"\nnumber = {number}\nprompt = "hello"\nnext = "ring"'
    (problem,) = problems(flow_text({"partner": body}))
    assert problem.startswith("test.toml: step partner: number = ")
    assert problem.endswith("it must be a partner's number between quotes, with + and the country, without spaces")


@pytest.mark.parametrize("kind", ["record", "transcribe", "stream", "Say", ""])
def test_no_other_kind_exists(kind: str) -> None:
    """There is no kind of step that records, transcribes or streams a voice."""
    (problem,) = problems(flow_text({"more": f'kind = "{kind}"'}))
    assert problem.startswith(f"test.toml: step more: there is no kind '{kind}', and none that records a voice;")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("format = 1", "format = 2", "format = 2 can't be used; it must be 1"),
        ("format = 1", "format = true", "format = True can't be used; it must be 1"),
        ("format = 1\n", "", "format is missing; it must be 1"),
        ('["fr"]', '["fr", "it"]', "languages = ['fr', 'it'] can't be used; it must be a list of different languages"),
        ('["fr"]', '["fr", "fr"]', "languages = ['fr', 'fr'] can't be used"),
        ('["fr"]', "[]", "languages = [] can't be used"),
        ('["fr"]', '"fr"', "languages = 'fr' can't be used"),
        ('"greeting"', "1", "start = 1 can't be used; it must be the name of the first step"),
        ("2026-01-31", '"2026-01-31"', "[crisis] verified = '2026-01-31' can't be used; it must be the date"),
        ("2026-01-31", "2026-01-31T10:00:00", "[crisis] verified = datetime"),
        ('nl = "Testlijn"\n', "", "[spoken] nl is missing; it must be the line's name as it is spoken"),
        ('"Testlijn"', '" "', "[spoken] nl = ' ' can't be used"),
        ('"Testlijn"', '"<b>Lijn</b>"', "[spoken] nl = '<b>Lijn</b>' can't be used"),
        ('"nl-BE"', '"fr-BE"', "[voices] [nl] locale = 'fr-BE' is another language; it must be nl and a country"),
        ('"nl-BE"', '"nl"', "[voices] [nl] locale = 'nl' can't be used"),
        ('nl = { locale = "nl-BE", name = "Lisa" }', "", "[voices] nl is missing; it must be like { locale ="),
        ('name = "Lisa"', 'name = "Lisa & Co"', "[voices] [nl] name = 'Lisa & Co' can't be used"),
        ("[crisis]", "[crisis]\nnumber = 112", "[crisis] number is not known here; take it out, or use one of prompt,"),
    ],
)
def test_a_fault_in_the_head_is_told(old: str, new: str, told: str) -> None:
    """Whatever is missing, unknown or of the wrong kind is named with its table and how to mend it."""
    assert old in HEAD
    assert [problem for problem in problems(flow_text(head=HEAD.replace(old, new))) if told in problem]


def test_a_steps_name_fits_into_its_column() -> None:
    """PostgreSQL refuses the row of a call whose step has a longer one, and every caller would hear of a fault."""
    longest = LiveCall.__table__.c.step.type.length  # type: ignore[attr-defined] # a String
    goodbye = 'kind = "goodbye"\nprompt = "hello"'
    assert "n" * longest in parse_flow(flow_text({"n" * longest: goodbye}), "test.toml").steps
    name = "n" * (longest + 1)
    (problem,) = problems(flow_text({name: goodbye}))
    assert problem == f"test.toml: step {name}: a step's name is small letters, digits and hyphens, 60 at most"


def test_a_file_without_steps_is_refused() -> None:
    """An empty flow would strand its first caller."""
    assert problems(HEAD + "[steps]") == ["test.toml: [steps] has no step; write at least a ring and a goodbye"]


def test_a_menu_without_keys_is_refused() -> None:
    """A question nobody can answer is a mistake."""
    (problem,) = problems(flow_text({"more": 'kind = "menu"\nprompt = "p"\nkeys = {}\nsilence = "ring"'}))
    assert problem == "test.toml: step more: [keys] is empty; write at least one key, like 1 = (the name of a step)"


def test_loading_also_proves_the_flow_safe() -> None:
    """A well-formed flow that would strand a caller is refused with file, step and reason."""
    with pytest.raises(FlowError, match=r"test\.toml: step greeting: then leads to 'nowhere', which is not a step"):
        load_flow(flow_text({"greeting": 'kind = "say"\nprompt = "hello"\nnext = "nowhere"'}), "test.toml", prompts())


def test_a_safe_flow_is_loaded() -> None:
    """What parses and is proven safe is handed out."""
    assert load_flow(flow_text(), "test.toml", prompts()) == parse_flow(flow_text(), "test.toml")


def test_france_and_belgium_are_shipped() -> None:
    """The two lines of the product come with it."""
    assert shipped_names() == ("belgium", "france")


@pytest.mark.parametrize(("name", "languages"), [("france", ("fr",)), ("belgium", LANGUAGES)])
def test_a_shipped_flow_is_safe_and_complete(name: str, languages: tuple[str, ...]) -> None:
    """A shipped flow passes its proof with the shipped prompts, and has voices and names for every psychologist."""
    flow = shipped_flow(name)
    assert (flow.name, flow.languages) == (name, languages)
    assert set(flow.voices) == set(flow.spoken) == set(LANGUAGES)


def test_an_unknown_shipped_flow_names_those_there_are() -> None:
    """A misspelt name is answered with the right ones, and can't reach another file."""
    with pytest.raises(FlowError, match=r"\.\./model: no such flow; there are belgium, france"):
        shipped_flow("../model")


def test_a_shipped_flow_is_proven_with_the_lines_own_prompts() -> None:
    """A line that makes the greeting too long is refused."""
    longer = {"fr": {"greeting-france": "mot " * 31}}
    with pytest.raises(FlowError, match=r"france\.toml: step greeting: takes 12\.4 s to say in fr; 12 s is the most"):
        shipped_flow("france", shipped_prompts().overridden(longer, "[lines.france.prompts]"))
