"""Ten lines with their psychologists, and callers who wait already: rows and signed requests for the load."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import insert

from helpline.app import Service, create_service
from helpline.calls.facts import dump_plan
from helpline.carrier.signature import Signature
from helpline.carrier.urls import WaitToken
from helpline.cli.setting_up import create_folder
from helpline.settings import load, read_secrets
from helpline.shifts.importing import touch
from helpline.store.migrate import migrate
from helpline.store.tables import Leg, LiveCall, Person, Shift
from ivr_flows.ringing import CallState, LegState
from rota.plan import RingPlan, Target, Wave
from tests.bench.client import Prepared, post
from tests.bench.stage import FIELDS

LINES = tuple(f"line-{letter}" for letter in "abcdefghij")
CREW = 12
"""Psychologists on call on each line, each a tier of their own: one phone rings for a caller, then the next."""
DAY = 86_400
LONG = 235
"""Seconds that the waiting callers' plan lasts: no leg is believed to live longer (`ringing.LONGEST_LEG`)."""
_LINE = """
[lines.{name}]
flow = "france"
timezone = "Europe/Paris"
published = "+33826000401"
outbound_caller_id = "+33199000401"
[lines.{name}.floods]
caller_calls = 0
line_calls = 0
"""


class Stage:
    """A folder, its database and a service that makes URLs; another process serves."""

    def __init__(self, folder: Path, database_url: str | None, public_url: str, api_url: str) -> None:
        self.config = create_folder(folder, demo=False)
        text = self.config.read_text()
        text = text[: text.index("# One table for each line.")]
        if database_url:
            text = re.sub(r'(?m)^database_url = ".*"$', f'database_url = "{database_url}"', text)
        text = re.sub(r'(?m)^public_url = ".*"$', f'public_url = "{public_url}"', text)
        text = text.replace('api_base_url = ""', f'api_base_url = "{api_url}"')
        text = text.replace("creations_per_second = 1.0", "creations_per_second = 100.0")
        self.config.write_text(text + "".join(_LINE.format(name=name) for name in LINES))
        settings, secrets = load(self.config), read_secrets(self.config.parent)
        self.service: Service = create_service(settings, secrets)
        self._base = public_url
        self._signature = Signature(secrets.auth_tokens)
        migrate(self.service.store)

    def fill(self, waiting: int) -> None:
        """Everybody on call; so many callers who wait, each with a psychologist of their own who hears who it is."""
        now, crew = int(time.time()), len(LINES) * CREW
        with self.service.store.durable() as tx:
            tx.execute(insert(Person), [
                {"id": n, "name": f"Person {n}", "phone": f"+33199{n:06}", "languages": "fr"}
                for n in range(1, crew + waiting + 1)
            ])  # fmt: skip
            tx.execute(insert(Shift), [
                {
                    "line": line, "tier": 1 + seat, "person": 1 + CREW * place + seat, "source": "load",
                    "starts_at": now - DAY, "ends_at": now + DAY,
                }
                for place, line in enumerate(LINES) for seat in range(CREW)
            ])  # fmt: skip
            touch(tx)
            if waiting:
                tx.execute(insert(LiveCall), [self._call(n, now) for n in range(waiting)])
                tx.execute(insert(Leg), [self._leg(n, crew + n + 1, now) for n in range(waiting)])

    def _call(self, number: int, now: int) -> dict[str, object]:
        plan = RingPlan((Wave((Target(1, None, "fr", LONG),), LONG, "exact", 1),))
        return {
            "id": self._call_id(number), "line": LINES[number % len(LINES)], "language": "fr", "step": "ring",
            "state": CallState.WAITING, "attempt": 1, "plan": dump_plan(plan), "wave": 0, "wave_at": now,
            "entered_at": now, "queued_at": now, "heartbeat_at": now, "carrier_id": waiting_sid(number),
            "until": now + LONG,
        }  # fmt: skip

    def _leg(self, number: int, person: int, now: int) -> dict[str, object]:
        return {
            "id": f"{number:032x}", "call_id": self._call_id(number), "line": LINES[number % len(LINES)], "attempt": 1,
            "wave": 0, "person": person, "language": "fr", "ring_seconds": LONG, "state": LegState.SCREENING,
            "until": now + LONG, "carrier_id": f"CW{number:032x}",
        }  # fmt: skip

    def _call_id(self, number: int) -> str:
        return self.service.placing.ringing.call_id(waiting_sid(number))

    def wait_url(self, number: int) -> str:
        """Where a waiting caller's hold loop asks first."""
        return self.service.urls.wait(self.service.lines[LINES[number % len(LINES)]], WaitToken("fr", 1))

    def entry(self, line: str) -> tuple[str, str]:
        """What the operator gave the carrier: the voice URL and the status callback."""
        found = self.service.lines[line]
        return self.service.urls.entry(found), self.service.urls.entry_status(found)

    def request(self, url: str, fields: Mapping[str, str], expect: bytes = b" 200 ") -> Prepared:
        """A signed webhook to a URL that was handed out; `expect` is the status its answer must have."""
        public = url.partition("#")[0]
        form = {**FIELDS, **fields}
        signature = self._signature.sign(public, form.items())
        return post(public.removeprefix(self._base), urlencode(form).encode(), signature, expect)


def waiting_sid(number: int) -> str:
    """The carrier's id of a waiting caller."""
    return f"CB{number:032x}"
