"""The URLs of a psychologist's phone that is being tried."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.carrier.seal import Payload, Seal
from helpline.carrier.urls import OVERRIDES
from helpline.errors import BadToken
from helpline.lines import Line
from ivr_flows.model import as_language
from ivr_flows.trying import Place


@dataclass(frozen=True, slots=True)
class TryUrls:
    """Builds and opens these URLs under `base` (no final slash). They know one of our legs, and nobody's number."""

    base: str
    seal: Seal

    def _url(self, line: Line, purpose: str, payload: Payload) -> str:
        return f"{self.base}/voice/{line.name}/{purpose}/{self.seal.close(purpose, line.name, payload)}{OVERRIDES}"

    def trying(self, line: Line, leg: str, place: Place) -> str:
        """Where the leg comes back to."""
        return self._url(line, "trying", [leg, place.language, place.nth])

    def open_trying(self, line: Line, token: str) -> tuple[str, Place]:
        """Raises `BadToken`."""
        match self.seal.open("trying", line.name, token):
            case [str(leg), language, int(nth)]:
                try:
                    return leg, Place(as_language(language), nth)
                except ValueError as error:
                    raise BadToken("language") from error
        raise BadToken("trying")

    def tried(self, line: Line, leg: str) -> str:
        """Where the carrier reports what becomes of the leg."""
        return self._url(line, "tried", [leg])

    def open_tried(self, line: Line, token: str) -> str:
        """Raises `BadToken`."""
        match self.seal.open("tried", line.name, token):
            case [str(leg)]:
                return leg
        raise BadToken("tried")
