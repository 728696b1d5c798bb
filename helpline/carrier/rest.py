"""The carrier's REST API, through its own library: calls to psychologists, their end, what became of them, and erasure.

A failure becomes one `CarrierError` that says whether asking again may help; it carries no number and no document.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance

from helpline.carrier.hooks import FINAL
from helpline.errors import CarrierError, ConfigError
from helpline.settings import Carrier, Secrets

LEG_EVENTS = ["ringing", "answered", "completed"]
DIALLED = "outbound-dial"
"""The direction of a call that was made by TwiML, for another one: its parent."""
PAGE = 1000
"""Calls the carrier lists at a time: the most it allows."""
TOO_MANY, GONE, SERVER_ERROR = 429, 404, 500
NOT_LET_IN = (401, 403)


@dataclass(frozen=True, slots=True)
class NewLeg:
    """A call to place. Numbers are E.164; `ring_seconds` is how long the phone may ring."""

    to: str
    caller_id: str
    url: str
    status_url: str
    ring_seconds: int


@dataclass(frozen=True, slots=True)
class CarrierCall:
    """A call as the carrier remembers it, without a number: those it tells of are never kept.

    `start` and `end` are UTC seconds, None where the carrier doesn't say or it isn't over; `parent` is the call for
    which TwiML made it, "" for one of its own.
    """

    id: str
    status: str
    direction: str
    parent: str
    start: int | None
    end: int | None

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.status in FINAL

    @property
    def connected(self) -> bool:
        """Whether it was ever answered."""
        return self.status == "completed"


class CarrierApi:
    """Asks the carrier for things. Every method may raise `CarrierError`. Safe between threads."""

    def __init__(self, settings: Carrier, secrets: Secrets) -> None:
        """Raises `ConfigError` for an API key without its secret."""
        if settings.api_key and not secrets.api_secret:
            fault = "carrier.api_key needs the secret of the key: set HELPLINE_API_SECRET, or write secrets/api_secret"
            raise ConfigError("secrets", (fault,))
        # The library has no default timeout, and a carrier that hangs must not hang us.
        http = TwilioHttpClient(timeout=settings.timeout, max_retries=0)
        self._client = Client(
            settings.api_key or settings.account,
            secrets.api_secret if settings.api_key else secrets.auth_tokens[0],
            settings.account,
            region=settings.region or None,
            edge=settings.edge or None,
            http_client=http,
        )
        if settings.api_base_url:
            self._client.api.base_url = settings.api_base_url

    def create(self, leg: NewLeg) -> str:
        """Places a call; the carrier's id for it."""
        with _mapped("create"):
            call = self._client.calls.create(
                to=leg.to,
                from_=leg.caller_id,
                url=leg.url,
                method="POST",
                timeout=leg.ring_seconds,
                status_callback=leg.status_url,
                status_callback_event=LEG_EVENTS,
                status_callback_method="POST",
            )
        if not call.sid:
            raise CarrierError("create: the carrier answered without an id", permanent=False, unknown=True)
        return str(call.sid)

    def stop_ringing(self, carrier_id: str) -> None:
        """Ends a call that still rings or is queued; one that has been answered goes on (it is told instead)."""
        with _mapped("cancel"):
            self._client.calls(carrier_id).update(status="canceled")

    def send_on(self, carrier_id: str, url: str) -> None:
        """Sends an answered call to another document, wherever it is."""
        with _mapped("send on"):
            self._client.calls(carrier_id).update(url=url, method="POST")

    def erase(self, carrier_id: str) -> None:
        """Deletes a call that is over, with everything the carrier kept of it."""
        with _mapped("erase"):
            self._client.calls(carrier_id).delete()

    def fetch(self, carrier_id: str) -> CarrierCall:
        """A call; the error is `gone` when the carrier doesn't know it."""
        with _mapped("fetch"):
            return _read(self._client.calls(carrier_id).fetch())

    def children(self, carrier_id: str, but_to: Collection[str] = ()) -> list[CarrierCall]:
        """The calls that TwiML made for this one, but for those to these numbers (E.164)."""
        with _mapped("list"):
            found = self._client.calls.stream(parent_call_sid=carrier_id, page_size=PAGE)
            return [_read(call) for call in found if call.to not in but_to]

    def calls_to(self, number: str, since: int) -> list[CarrierCall]:
        """Calls to a number of ours (E.164) that began after `since` (UTC seconds)."""
        with _mapped("list"):
            found = self._client.calls.stream(to=number, start_time_after=_moment(since), page_size=PAGE)
            return [_read(call) for call in found]

    def calls_from(self, number: str, since: int) -> list[CarrierCall]:
        """Calls that showed a number of ours (E.164) and began after `since` (UTC seconds)."""
        with _mapped("list"):
            found = self._client.calls.stream(from_=number, start_time_after=_moment(since), page_size=PAGE)
            return [_read(call) for call in found]

    def send_message(self, to: str, from_: str, text: str) -> None:
        """Sends a text message between two numbers (E.164). That we aren't let in is no fault of the message's."""
        with _mapped("message"):
            try:
                self._client.messages.create(to=to, from_=from_, body=text)
            except TwilioRestException as error:
                if error.status not in NOT_LET_IN:
                    raise
                raise CarrierError("message: the carrier doesn't let us in", permanent=False) from None

    def erase_queue(self, carrier_id: str) -> None:
        """Deletes an empty queue."""
        with _mapped("erase queue"):
            self._client.queues(carrier_id).delete()

    def erase_text(self, carrier_id: str) -> None:
        """Deletes a text message that isn't on its way any more: who wrote, to whom, and what."""
        with _mapped("erase text"):
            self._client.messages(carrier_id).delete()


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _read(call: CallInstance) -> CarrierCall:
    """Without the numbers, names and prices that the answer holds."""
    if not (call.sid and call.status):
        raise ValueError("a call without an id or a status")
    # A call that was cancelled before it began has no start of its own.
    start, end = call.start_time or call.date_created, call.end_time or call.date_updated
    return CarrierCall(
        call.sid,
        str(call.status),
        call.direction or "",
        call.parent_call_sid or "",
        None if start is None else int(start.timestamp()),
        None if end is None or call.status not in FINAL else int(end.timestamp()),
    )


@contextmanager
def _mapped(what: str) -> Iterator[None]:
    """The library's failures as ours, without its message: that holds the number and the URL."""
    try:
        yield
    except (TwilioRestException, TwilioServiceException) as error:
        # Of an answer that we didn't write, only numbers go into a message.
        status, code = (number if isinstance(number, int) else 0 for number in (error.status, error.code))
        permanent = 0 < status < SERVER_ERROR and status != TOO_MANY
        message = f"{what}: the carrier answered {status} (code {code})"
        raise CarrierError(message, permanent=permanent, gone=status == GONE) from None
    except requests.ConnectTimeout:
        raise CarrierError(f"{what}: no connection to the carrier in time", permanent=False) from None
    except requests.Timeout:
        raise CarrierError(f"{what}: no answer from the carrier in time", permanent=False, unknown=True) from None
    except requests.ConnectionError:
        raise CarrierError(f"{what}: no connection to the carrier", permanent=False, unknown=True) from None
    except (TwilioException, requests.RequestException, ValueError, TypeError, AttributeError) as error:
        # The last three are what the library makes of an answer that isn't what it expects.
        raise CarrierError(f"{what}: {type(error).__name__}", permanent=False, unknown=True) from None
