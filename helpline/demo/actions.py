"""What a person does at a phone, as the page posts it: read strictly, refused in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from helpline.app import Service
from helpline.demo.callers import AT_ONCE, Callers, TooManyCallers
from helpline.errors import HelplineError
from helpline.twin import CallHandle, Phone, Twin
from helpline.twin.phones import Party

MAX_BODY = 1_000
KEYS = frozenset("0123456789*#")
MOST_KEYS = 20


class Refusal(HelplineError):  # noqa: N818 - it is what the answer is, and it never leaves the page's routes
    """An action can't be done. `reason` is a key of the page's texts, `status` the HTTP answer."""

    def __init__(self, status: int, reason: str, **values: object) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.values = values


def refuse_foreign(request: Request, own: tuple[str, ...]) -> None:
    """Refuses what another page in the same browser made it send. `own` are the origins of our page.

    A browser says where a request comes from, and scripts can't change that; who sends neither header is no browser.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if (site not in {None, "same-origin"}) or (site is None and origin is not None and origin not in own):
        raise Refusal(403, "foreign")


def guard(request: Request, own: tuple[str, ...]) -> None:
    """The same for what our page's script posts."""
    refuse_foreign(request, own)
    # Another page can't send JSON without asking first, and we never say yes.
    if request.mimetype != "application/json":
        raise Refusal(415, "not-understood", what="Content-Type: application/json")


def read(request: Request) -> Mapping[str, Any]:
    """The posted object. Raises `Refusal`."""
    request.max_content_length = MAX_BODY
    try:
        posted = request.get_json()
    except RequestEntityTooLarge:
        raise Refusal(413, "not-understood", what=f"> {MAX_BODY} B") from None
    except BadRequest:
        raise Refusal(400, "not-understood", what="JSON") from None
    if not isinstance(posted, dict):
        raise Refusal(400, "not-understood", what="{...}")
    return posted


class Actions:
    """Four things to do with a telephone. Each answers with what the page should know."""

    def __init__(self, twin: Twin, service: Service, callers: Callers) -> None:
        self._twin = twin
        self._service = service
        self._callers = callers

    def all(self) -> Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]:
        """Each action by the last part of its address."""
        return {"dial": self.dial, "press": self.press, "pick_up": self.pick_up, "hang_up": self.hang_up}

    def dial(self, posted: Mapping[str, Any]) -> dict[str, Any]:
        """`{"line": "france", "withheld": false}`: a new caller dials that line."""
        withheld = posted.get("withheld", False)
        if not isinstance(withheld, bool):
            raise Refusal(400, "not-understood", what="withheld")
        line = self._service.lines.get(_text(posted, "line"))
        if line is None:
            raise Refusal(404, "no-line")
        try:
            call = self._callers.dial(line.settings.published, withheld=withheld)
        except TooManyCallers:
            raise Refusal(409, "too-many", n=AT_ONCE) from None
        return {"call": call.sid}

    def press(self, posted: Mapping[str, Any]) -> dict[str, Any]:
        """`{"phone": ..., "keys": "1"}`, or a caller's `call` instead of `phone`."""
        keys = _text(posted, "keys")
        if not keys or len(keys) > MOST_KEYS or not set(keys) <= KEYS:
            raise Refusal(400, "not-understood", what="keys")
        self._party(posted).press(keys)
        return {}

    def pick_up(self, posted: Mapping[str, Any]) -> dict[str, Any]:
        """`{"phone": ...}`: answers the call that rings there."""
        phone = self._phone(posted)
        if phone.call is None or phone.call.status != "ringing":
            raise Refusal(409, "not-ringing")
        phone.pick_up()
        return {}

    def hang_up(self, posted: Mapping[str, Any]) -> dict[str, Any]:
        """`{"phone": ...}` or `{"call": ...}`: puts it down, or refuses the call that rings."""
        self._party(posted).hang_up()
        return {}

    def _party(self, posted: Mapping[str, Any]) -> Party | CallHandle:
        """A phone that is on a call, or a caller who is. Raises `Refusal`."""
        if "call" not in posted:
            phone = self._phone(posted)
            if phone.call is None:
                raise Refusal(409, "not-calling")
            return phone
        call = self._callers.find(_text(posted, "call"))
        if call is None:
            raise Refusal(404, "no-phone")
        if call.over:
            raise Refusal(409, "not-calling")
        return call

    def _phone(self, posted: Mapping[str, Any]) -> Phone:
        phone = self._twin.phones.get(_text(posted, "phone"))
        if phone is None:
            raise Refusal(404, "no-phone")
        return phone


def _text(posted: Mapping[str, Any], key: str) -> str:
    value = posted.get(key)
    if not isinstance(value, str):
        raise Refusal(400, "not-understood", what=key)
    return value
