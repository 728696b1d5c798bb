"""The carrier's REST API, through its own library: calls to psychologists, their end, and erasure.

A failure becomes one `CarrierError` that says whether asking again may help; it carries no number and no document.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from helpline.errors import CarrierError, ConfigError
from helpline.settings import Carrier, Secrets

LEG_EVENTS = ["ringing", "answered", "completed"]
TOO_MANY, GONE, SERVER_ERROR = 429, 404, 500


@dataclass(frozen=True, slots=True)
class NewLeg:
    """A call to place. Numbers are E.164; `ring_seconds` is how long the phone may ring."""

    to: str
    caller_id: str
    url: str
    status_url: str
    ring_seconds: int


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

    def erase(self, carrier_id: str) -> None:
        """Deletes a call that is over, with everything the carrier kept of it."""
        with _mapped("erase"):
            self._client.calls(carrier_id).delete()

    def erase_queue(self, carrier_id: str) -> None:
        """Deletes an empty queue."""
        with _mapped("erase queue"):
            self._client.queues(carrier_id).delete()


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
