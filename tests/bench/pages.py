"""How heavy each page is and how long it takes a server, with 37 people and a year of shifts on two lines."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import delete, insert, select

from helpline.accounts.model import ROLES
from helpline.shifts.importing import touch
from helpline.store.sessions import Store
from helpline.store.tables import Person, Shift
from tests.browser.house import NOON, House, furnish, settled
from tests.browser.walking import walk

PEOPLE, DAYS = 37, 365
HALF, DAY = 43_200, 86_400
HEAVIEST, SLOWEST = 60_000, 0.05
"""Aims: bytes of HTML, seconds."""
ROUNDS = 7


def print_pages() -> None:
    """Prints each page that a role comes to along the links, the slowest of each kind: its bytes and its time."""
    with tempfile.TemporaryDirectory(prefix="helpline-bench-") as folder:
        (Path(folder) / "furnished").mkdir()
        furnished = furnish(Path(folder) / "furnished")
        with settled(furnished, Path(folder) / "house") as house:
            _crowd(house.service.store)
            kinds = _measured(house)
    for kind, (seconds, size, address) in sorted(kinds.items(), key=lambda item: -item[1][0]):
        over = "" if seconds <= SLOWEST and size <= HEAVIEST else "  OVER"
        print(f"page      {kind:34} {seconds * 1e3:6.1f} ms {size / 1e3:6.1f} kB{over}  {address}")
    late = sum(seconds > SLOWEST for seconds, _, _ in kinds.values())
    large = sum(size > HEAVIEST for _, size, _ in kinds.values())
    print(f"pages     {len(kinds)}, {late} over {SLOWEST * 1e3:.0f} ms, {large} over {HEAVIEST / 1e3:.0f} kB")


def _measured(house: House) -> dict[str, tuple[float, int, str]]:
    """Page -> seconds, bytes and the address of its slowest example."""
    kinds: dict[str, tuple[float, int, str]] = {}
    urls = house.service.web.url_map.bind("localhost")
    for role in ROLES:
        client = house.client(role)
        for address in walk(house, role).pages:
            path, _, query = address.partition("?")
            endpoint = str(urls.match(path, "GET")[0]).partition(".")[2]
            names = "&".join(sorted(part.partition("=")[0] for part in query.split("&") if part))
            kind = f"{endpoint}{'?' * bool(names)}{names}"[:34]
            kinds[kind] = max(kinds.get(kind, (0.0, 0, "")), (*_seconds(client, house.base, address), address))
    return kinds


def _seconds(client: FlaskClient, base: str, address: str) -> tuple[float, int]:
    times, size = [], 0
    for _ in range(ROUNDS + 1):
        before = time.perf_counter()
        size = len(client.get(address, base_url=base).data)
        times.append(time.perf_counter() - before)
    return statistics.median(times[1:]), size


def _crowd(store: Store) -> None:
    """Thirty-four more people, and three seats by day and by night for a year on two lines; a seat in 97 is empty."""
    rows = [
        {"name": f"Personne {n:02}", "phone": f"+331990002{n:02}", "languages": ("fr en", "fr nl", "fr de en")[n % 3]}
        for n in range(PEOPLE)
    ]
    begin = NOON // DAY * DAY - DAYS // 2 * DAY + 7 * 3_600
    with store.durable() as tx:
        known = tx.scalars(select(Person.id)).all()
        tx.execute(insert(Person), rows[: PEOPLE - len(known)])
        people = tx.scalars(select(Person.id).order_by(Person.id)).all()
        tx.execute(delete(Shift))
        shifts = [
            {
                "line": line,
                "tier": tier,
                "person": people[(n * 6 + seat) % len(people)] if (n * 6 + seat) % 97 else None,
                "starts_at": begin + n * HALF,
                "ends_at": begin + (n + 1) * HALF,
                "source": "bench",
            }
            for n in range(2 * DAYS)
            for seat, (line, tier) in enumerate((line, tier) for line in ("france", "belgium") for tier in (1, 1, 2))
        ]
        tx.execute(insert(Shift), shifts)
        touch(tx)


if __name__ == "__main__":
    print_pages()
