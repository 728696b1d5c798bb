"""The edge: a webhook's bytes become a small value, or are refused. The caller's number is dropped here.

Only the fields named below are kept; everything else the carrier sends (From, Caller, names, cities) is used for the
signature and then forgotten. When a call arrives, its From is also asked whether the line takes the call: a yes or a
no. Unknown fields are ignored, because the carrier adds them without notice.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import unquote_plus

from helpline.carrier.signature import Signature
from helpline.errors import HelplineError

MAX_BODY = 32_768
MAX_FIELDS = 200
FIELDS = {
    "CallSid": "call",
    "CallStatus": "status",
    "Digits": "digits",
    "QueueResult": "queue_result",
    "QueueSid": "queue",
    "QueueTime": "queue_time",
    "DialCallStatus": "dial_status",
    "DialBridged": "dial_bridged",
    "DialCallDuration": "dial_duration",
    "DialCallSid": "dial_call",
}
FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
UNBRIDGED = FINAL - {"completed"}
MESSAGE = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}")
"""The carrier's id of a text message: random, and part of a URL of its API when the message is erased."""
YES = frozenset({"1", "oui", "ja", "yes", "ok"})
POLITE = frozenset({"merci", "bedankt", "dank", "u", "je", "wel", "danke", "vielen", "thanks", "thank", "you"})

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Hook:
    """What a webhook says. `call` is the carrier's id of the leg it speaks of."""

    call: str
    status: str = ""
    digits: str = ""
    queue_result: str = ""
    queue: str = ""
    queue_time: str = ""
    dial_status: str = ""
    dial_bridged: str = ""
    dial_duration: str = ""
    dial_call: str = ""
    """The carrier's id of the leg that a dial to a number rang."""

    @property
    def bridged(self) -> bool:
        """Whether a dial to a number is over that connected somebody who had accepted: a voicemail hasn't."""
        return self.dial_bridged == "true"

    @property
    def talked_for(self) -> int:
        """Seconds that a dial's two sides talked."""
        return _seconds(self.dial_duration)

    @property
    def queued_for(self) -> int:
        """Seconds the caller spent in the queue that they came out of."""
        return _seconds(self.queue_time)

    @property
    def unbridged(self) -> bool:
        """Whether a dial is over that connected nobody."""
        return self.dial_status in UNBRIDGED

    @property
    def over(self) -> bool:
        """Whether the leg it speaks of has ended."""
        return self.status in FINAL


def _seconds(text: str) -> int:
    """Whole seconds, 0 for what no call lasts: Python reads no number of thousands of digits."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


class Refused(HelplineError):  # noqa: N818 - it names what happened to the webhook
    """A webhook that changes nothing: `status` is the HTTP answer, `reason` a fixed word that is counted."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def read_hook(signature: Signature, url: str, body: bytes, content_type: str, given: str) -> Hook:
    """The webhook posted to `url` (public, without fragment). Raises `Refused`."""
    return _hook(_signed_form(signature, url, body, content_type, given))


def read_arrival(
    signature: Signature, url: str, body: bytes, content_type: str, given: str, admits: Callable[[str, str], bool]
) -> tuple[Hook, bool]:
    """The same of a call's first webhook, and whether the line takes the call. Raises `Refused`.

    `admits` is asked with the caller's number, as the carrier spells it, and the call's id. Nothing else ever sees the
    number: it ends here, as a yes or a no.
    """
    form = _signed_form(signature, url, body, content_type, given)
    hook = _hook(form)
    numbers = [value for name, value in form if name == "From"]
    # The signature folds doubles: of two numbers either could have been slipped in.
    return hook, admits(numbers[0] if len(numbers) == 1 else "", hook.call)


def read_asking(signature: Signature, url: str, body: bytes, content_type: str, given: str) -> tuple[Hook, str]:
    """The same of somebody who asks to be called back, and the number they call from, as the network shows it.

    The one place where a caller's number comes in: they chose the callback by a key. Raises `Refused`.
    """
    form = _signed_form(signature, url, body, content_type, given)
    numbers = [value for name, value in form if name == "From"]
    return _hook(form), numbers[0] if len(numbers) == 1 else ""


def read_reply(
    signature: Signature, url: str, body: bytes, content_type: str, given: str, heed: Callable[[str, str, bool], Answer]
) -> Answer:
    """What `heed` answers a text message: its sender's number, its id, and whether it says yes. Raises `Refused`.

    The number may be a caller's: it goes to `heed` and nowhere else. What they wrote ends here.
    """
    form = _signed_form(signature, url, body, content_type, given)
    named = [(name, value) for name, value in form if name in {"From", "Body", "MessageSid"}]
    fields = dict(named)
    if len(fields) != len(named):
        raise Refused(400, "given-twice")
    message = fields.get("MessageSid", "")
    if not MESSAGE.fullmatch(message):
        raise Refused(400, "field")
    return heed(fields.get("From", ""), message, says_yes(fields.get("Body", "")))


def says_yes(text: str) -> bool:
    """Whether a text message says yes, perhaps politely, and nothing else."""
    first, *rest = re.findall(r"\w+", unicodedata.normalize("NFKC", text[:100]).casefold()) or [""]
    return first in YES and len(text) <= 100 and set(rest) <= POLITE


def _signed_form(signature: Signature, url: str, body: bytes, content_type: str, given: str) -> list[tuple[str, str]]:
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Refused(400, "content-type")
    try:
        form = parse_form(body)
    except ValueError as error:
        raise Refused(400, "malformed") from error
    if not given or not signature.matches(url, form, given):
        raise Refused(403, "signature")
    return form


def _hook(form: list[tuple[str, str]]) -> Hook:
    known = [(FIELDS[name], value) for name, value in form if name in FIELDS]
    fields = dict(known)
    if len(fields) != len(known):
        raise Refused(400, "given-twice")
    if (
        not 0 < len(fields.get("call", "")) <= 64
        or len(fields.get("digits", "")) > 32
        or len(fields.get("queue", "")) > 64
        or len(fields.get("dial_call", "")) > 64
        or not all(value.isascii() and value.isprintable() for value in fields.values())
    ):
        raise Refused(400, "field")
    return Hook(**fields)


def parse_form(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form, in order, blank ones too. ValueError when it isn't one in ASCII and UTF-8.

    The same as `urllib.parse.parse_qsl`, which decodes each name and value whether it needs it or not: three times
    the cost on the fields a carrier sends.
    """
    pairs = body.decode("ascii").split("&")
    if len(pairs) > MAX_FIELDS:
        raise ValueError("too many fields")
    form = []
    for pair in pairs:
        name, _, value = pair.partition("=")
        if "%" in pair or "+" in pair:
            name, value = unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict")
        if pair:
            form.append((name, value))
    return form


class Tally:
    """How many webhooks this process refused, by reason; read by the health page."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, reason: str) -> None:
        """One more."""
        self.counts[reason] += 1
