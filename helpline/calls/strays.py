"""Who waits alone in a room is fetched out by REST, because a conference's wait document can't send anybody away.

Kept in this process's memory only: whoever is still there asks again in a few seconds, of any process.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from helpline.errors import CarrierError

log = logging.getLogger(__name__)


class Api(Protocol):
    """What this asks of the carrier."""

    def send_on(self, carrier_id: str, url: str) -> None:
        """Sends an answered call to another document, wherever it is."""
        ...


@dataclass(slots=True)
class Strays:
    """Legs to fetch: the carrier's id, and the URL where each is sent. Safe between threads."""

    wake: Callable[[], None]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _to: dict[str, str] = field(default_factory=dict)

    def add(self, carrier_id: str, url: str) -> None:
        """Fetch this leg as soon as possible."""
        with self._lock:
            self._to[carrier_id] = url
        self.wake()

    def fetch(self, api: Api) -> None:
        """Fetches all. One that can't be fetched asks again by itself."""
        with self._lock:
            to, self._to = self._to, {}
        for carrier_id, url in to.items():
            try:
                api.send_on(carrier_id, url)
            except CarrierError as error:
                log.warning("stray.not_fetched", extra={"reason": str(error)})
