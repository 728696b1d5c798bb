"""A service's folder, its server process and signed requests, for a benchmark."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import insert

from helpline.app import Service, create_service
from helpline.calls.facts import dump_plan
from helpline.carrier.signature import Signature
from helpline.cli.setting_up import create_folder
from helpline.settings import load, read_secrets
from helpline.shifts.importing import touch
from helpline.store.migrate import migrate
from helpline.store.tables import Leg, LiveCall, Person, Shift
from ivr_flows.ringing import LONGEST_LEG, SKEW_SECONDS, CallState, LegState
from rota.plan import RingPlan, Target, Wave
from tests.bench.client import Client, Prepared, post

PEOPLE = 37
ON_CALL = 4
LINE = "belgium"
FIELDS = {
    "AccountSid": "AC" + "0" * 32, "ApiVersion": "2010-04-01", "CallStatus": "in-progress", "Direction": "inbound",
    "Called": "+3280023460", "CalledCity": "", "CalledCountry": "BE", "CalledState": "", "CalledZip": "",
    "Caller": "+33199001234", "CallerCity": "PARIS", "CallerCountry": "FR", "CallerState": "", "CallerZip": "",
    "From": "+33199001234", "FromCity": "PARIS", "FromCountry": "FR", "FromState": "", "FromZip": "",
    "To": "+3280023460", "ToCountry": "BE",
}  # fmt: skip
"""What the carrier sends besides what a request is about: 21 fields."""
HOUR = 3600


class Desk:
    """A service on a database of its own: this process prepares rows and requests, another one serves."""

    def __init__(self, folder: Path, database_url: str | None) -> None:
        self.config = create_folder(folder, demo=False)
        text = self.config.read_text()
        if database_url:
            text = re.sub(r'(?m)^database_url = ".*"$', f'database_url = "{database_url}"', text)
        # Nothing listens there, and the placer must not take the processor from what is measured.
        text = text.replace('api_base_url = ""', 'api_base_url = "http://127.0.0.1:9"')
        text = text.replace("creations_per_second = 1.0", "creations_per_second = 0.001")
        self.config.write_text(text)
        settings, secrets = load(self.config), read_secrets(self.config.parent)
        self.service: Service = create_service(settings, secrets)
        self.signature = Signature(secrets.auth_tokens)
        migrate(self.service.store)
        self._fill()

    def _fill(self) -> None:
        """37 people, four of them on call, and 4,000 more without shifts, so that each claim can have its own."""
        now = int(time.time())
        with self.service.store.durable() as tx:
            people = [
                {"id": n, "name": f"Person {n}", "phone": f"+3319900{n:04}", "languages": "fr nl"}
                for n in range(1, PEOPLE + 4001)
            ]
            tx.execute(insert(Person), people)
            shifts = [
                {
                    "line": LINE, "tier": 1 + n % 2, "person": n % PEOPLE + 1, "source": "bench",
                    "starts_at": now - HOUR + day * 24 * HOUR, "ends_at": now + 23 * HOUR + day * 24 * HOUR,
                }
                for day in range(-7, 8)
                for n in range(day % PEOPLE, day % PEOPLE + ON_CALL)
            ]  # fmt: skip
            tx.execute(insert(Shift), shifts)
            touch(tx)

    def request(self, url: str, expect: bytes = b" 200 ", **fields: str) -> Prepared:
        """A signed webhook to a URL that we handed out."""
        base = self.service.settings.service.public_url
        public = url.partition("#")[0]
        form = {**FIELDS, **fields}
        return post(
            public.removeprefix(base), urlencode(form).encode(), self.signature.sign(public, form.items()), expect
        )

    def waiting_call(self, number: int, *, stale: bool) -> tuple[str, str]:
        """Inserts a call that waits, with one psychologist's phone answered; the carrier's id and the leg's."""
        carrier_id, now = f"CB{number:032}", int(time.time())
        call_id = self.service.placing.ringing.call_id(carrier_id)
        plan = RingPlan((Wave((Target(1, None, "fr", 600),), 600, "exact", 1),))
        leg_id = f"{number:032x}"
        with self.service.store.live() as tx:
            tx.execute(insert(LiveCall).values(
                id=call_id, line=LINE, language="fr", step="ring", state=CallState.WAITING, attempt=1,
                plan=dump_plan(plan), wave=0, wave_at=now, entered_at=now, queued_at=now,
                heartbeat_at=now - 60 if stale else now + SKEW_SECONDS, carrier_id=carrier_id,
            ))  # fmt: skip
            tx.execute(insert(Leg).values(
                id=leg_id, call_id=call_id, line=LINE, attempt=1, wave=0, person=PEOPLE + number % 4000 + 1,
                language="fr", ring_seconds=600, state=LegState.SCREENING, until=now + LONGEST_LEG,
                carrier_id=f"CL{number:032}",
            ))  # fmt: skip
        return carrier_id, leg_id


def handed_out(answer: bytes, attribute: str) -> str:
    """The URL in one attribute of a TwiML answer."""
    found = re.search(rf'{attribute}="([^"]*)"', answer.decode())
    assert found is not None, answer
    return unescape(found.group(1))


@contextmanager
def process(*command: str, port: int, log: Path) -> Iterator[Client]:
    """A server process on `port`, and a client of it; ended by SIGTERM."""
    with log.open("wb") as output:
        started = subprocess.Popen([sys.executable, "-m", *command], stdout=output, stderr=output)
        try:
            _wait_for(port, started)
            yield Client(port)
        finally:
            started.terminate()
            started.wait(timeout=30)


def _wait_for(port: int, started: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert started.poll() is None, "the server ended by itself; see its log"
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"no server on port {port}")


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
