"""The URLs of a caller who is helped on: where they are in the spoken directory, or in a forward."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.carrier.seal import Payload, Seal
from helpline.carrier.urls import OVERRIDES
from helpline.errors import BadToken
from helpline.lines import Line
from ivr_flows.directory import Place, Stage
from ivr_flows.model import as_language

PURPOSE = "directory"


@dataclass(frozen=True, slots=True)
class DirectoryUrls:
    """Builds and opens these URLs under `base` (no final slash). What was keyed is sealed in them alone."""

    base: str
    seal: Seal

    def place(self, line: Line, place: Place) -> str:
        """Where the caller's leg comes back to."""
        known: Payload = [place.stage, place.step, place.language, place.category, place.where, " ".join(place.read)]
        token = self.seal.close(PURPOSE, line.name, [*known, place.repeats, place.crisis])
        return f"{self.base}/voice/{line.name}/{PURPOSE}/{token}{OVERRIDES}"

    def open(self, line: Line, token: str) -> Place:
        """Raises `BadToken`."""
        match self.seal.open(PURPOSE, line.name, token):
            case [
                str(stage),
                str(step),
                str(spoken),
                str() | None as category,
                str(where),
                str(read),
                int(repeats),
                bool(crisis),
            ] if stage in set(Stage):
                try:
                    language = as_language(spoken)
                except ValueError as error:
                    raise BadToken("language") from error
                keys = tuple(read.split())
                return Place(Stage(stage), step, language, category, where, keys, repeats, crisis)
        raise BadToken(PURPOSE)
