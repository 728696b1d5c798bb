"""Flow files and prompts for tests."""

from collections.abc import Mapping

from ivr_flows.model import LANGUAGES
from ivr_flows.prompts import Prompts

HEAD = """
format = 1
name = "test"
languages = ["fr"]
start = "greeting"
[crisis]
prompt = "crisis"
verified = 2026-01-31
[spoken]
fr = "Ligne d’essai"
nl = "Testlijn"
de = "Testtelefon"
en = "Test line"
[voices]
fr = { locale = "fr-FR", name = "Lea" }
nl = { locale = "nl-BE", name = "Lisa" }
de = { locale = "de-DE", name = "Vicki" }
en = { locale = "en-GB", name = "Amy" }
"""

STEPS = {
    "greeting": 'kind = "say"\nprompt = "hello"\nnext = "ring"',
    "ring": 'kind = "ring"\nunanswered = "unanswered"',
    "unanswered": 'kind = "menu"\nprompt = "sorry"\nkeys = { 1 = "ring" }\nsilence = "goodbye"',
    "goodbye": 'kind = "goodbye"\nprompt = "bye"',
}

TEXTS = {"hello": "Hello.", "sorry": "Sorry.", "bye": "Goodbye.", "crisis": "Call 112.", "choice": "Press {key}."}


def flow_text(steps: Mapping[str, str | None] | None = None, head: str = HEAD) -> str:
    """A flow file: the usual steps with some replaced, added or, with None, taken out."""
    tables = {**STEPS, **(steps or {})}
    return head + "\n".join(f"[steps.{name}]\n{body}" for name, body in tables.items() if body is not None)


def prompts(**texts: str) -> Prompts:
    """The same few texts in every language; a keyword's underscores are hyphens."""
    named = {key.replace("_", "-"): text for key, text in texts.items()}
    return Prompts({language: {**TEXTS, **named} for language in LANGUAGES})
