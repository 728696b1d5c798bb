"""What signing in, proving and enrolling ask of a request, and how a refusal is said."""

from __future__ import annotations

from babel.dates import format_timedelta
from flask import request

from helpline.accounts.signing_in import Refusal
from helpline.pages.account.devices import device
from helpline.pages.site import PageError, Visit
from reports.words import Language

MOST_PASSWORD = 1_000
"""Signs that are looked at; a password has fewer, see `helpline.accounts.passwords`."""
MOST_CREDENTIAL = 20_000
"""Signs of what a device answers, as JSON."""
STATUS = {"wrong": 400, "slow": 429, "busy": 503}


def password(name: str) -> str:
    """A password as it was typed, blanks and all."""
    return request.form.get(name, "")[:MOST_PASSWORD]


def credential() -> str:
    """What the script has put down of a device's answer, "" without script. Raises `PageError`."""
    text = request.form.get("credential", "")
    if len(text) > MOST_CREDENTIAL:
        raise PageError(400, "error-form")
    return text


def this_device() -> str:
    """The browser in words."""
    return device(request.user_agent.string)


def refused(visit: Visit, refusal: Refusal, wrong: str) -> tuple[str, int]:
    """What to say to whoever isn't let in, and the answer's status; `wrong` is the key of the text for that."""
    if refusal.kind == "slow":
        text = visit.say("signin-slow", time=wait(refusal.seconds, visit.language))
    else:
        text = visit.say("signin-busy" if refusal.kind == "busy" else wrong)
    return text, STATUS[refusal.kind]


def wait(seconds: int, language: Language) -> str:
    """`30 secondes`, `4 minutes`: never less than it takes."""
    if seconds > 90:
        seconds = -(-seconds // 60) * 60
    return format_timedelta(seconds, granularity="second", threshold=1.5, locale=language)
