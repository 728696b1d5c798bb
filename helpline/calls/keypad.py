"""Coding by keypad after a call, on lines that allow it: two digits for the main reason, 1 to confirm."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.calls.ringing import LegRef
from helpline.figures import records
from helpline.figures.records import DAY, Coding
from helpline.lines import Line
from helpline.store.erasures import once
from helpline.store.sessions import Store
from ivr_flows.model import Language
from reports.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Keypad:
    """Use cases of coding by keypad."""

    store: Store
    taxonomy: Taxonomy

    def can_code(self, line: Line, ref: LegRef) -> bool:
        """Whether this psychologist may code by keypad, and has a call of this line to code."""
        if not line.settings.keypad_coding or ref.person is None:
            return False
        with self.store.read() as connection:
            return any(item.line == line.name for item in records.pending(connection, ref.person))

    def reason(self, digits: str, language: Language) -> str | None:
        """The label of the reason with this two-digit number."""
        code = self.taxonomy.reason_numbers().get(digits)
        return next((term.label.to(language) for term in self.taxonomy.reasons if term.code == code), None)

    def code(self, line: Line, ref: LegRef, digits: str, now: int) -> None:
        """Records the reason, once for this leg however often the carrier repeats the webhook.

        The tombstone that remembers the leg knows only the day: a second beside a pool of one would date its reason.
        """
        code = self.taxonomy.reason_numbers().get(digits)
        if code is None or ref.person is None:
            return
        with self.store.durable() as tx:
            if once(tx, ref.leg, "coded", now - now % DAY + DAY):
                records.code_one(tx, line, ref.person, Coding(reasons=(code,)))
