"""A carrier that remembers calls, as the jobs that count them ask it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from helpline.carrier.rest import DIALLED, CarrierCall
from helpline.errors import CarrierError
from tests.shell import NOON

GONE = CarrierError("fetch: the carrier answered 404 (code 20404)", permanent=True, gone=True)
REFUSED = CarrierError("fetch: the carrier answered 400 (code 20001)", permanent=True)
DOWN = CarrierError("fetch: no connection to the carrier", permanent=False, unknown=True)
PUBLISHED, SHOWN = "+33826000401", "+33199000401"
"""The French line's number, and the one that psychologists see."""


@dataclass
class Carrier:
    """Remembers what it is told to; `failures` are answered where a call, or a number, is asked about."""

    calls: dict[str, CarrierCall] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    failures: dict[str, CarrierError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    dialled: dict[str, str] = field(default_factory=dict)

    def inbound(self, key: str, status: str = "completed", start: int = NOON, end: int | None = NOON + 100) -> None:
        """Somebody called the French line."""
        self.calls[key] = CarrierCall(key, status, "inbound", "", start, end)
        self.numbers[key] = PUBLISHED

    def leg(
        self, key: str, parent: str = "", status: str = "completed", end: int | None = NOON + 90, to: str = ""
    ) -> None:
        """A phone was rung, from TwiML if it has a parent."""
        self.dialled[key] = to
        self.calls[key] = CarrierCall(key, status, DIALLED if parent else "outbound-api", parent, NOON, end)
        self.numbers[key] = SHOWN

    def fetch(self, carrier_id: str) -> CarrierCall:
        """A call."""
        self._ask(carrier_id)
        if carrier_id not in self.calls:
            raise GONE
        return self.calls[carrier_id]

    def children(self, carrier_id: str, but_to: Collection[str] = ()) -> list[CarrierCall]:
        """The calls that TwiML made for it, but for those to these numbers."""
        self._ask(carrier_id)
        mine = [call for call in self.calls.values() if call.parent == carrier_id]
        return [call for call in mine if self.dialled.get(call.id) not in but_to]

    def calls_to(self, number: str, since: int) -> list[CarrierCall]:
        """Calls to a number."""
        return self._numbered(number, since)

    def calls_from(self, number: str, since: int) -> list[CarrierCall]:
        """Calls that showed a number."""
        return self._numbered(number, since)

    def _numbered(self, number: str, since: int) -> list[CarrierCall]:
        self._ask(number)
        mine = [call for key, call in self.calls.items() if self.numbers.get(key) == number]
        return [call for call in mine if call.start is not None and call.start >= since]

    def _ask(self, about: str) -> None:
        self.asked.append(about)
        if about in self.failures:
            raise self.failures[about]
