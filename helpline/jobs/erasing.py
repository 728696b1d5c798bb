"""Every minute: what is over disappears at the carrier, and old tombstones here."""

from __future__ import annotations

import logging
from typing import Protocol

from helpline.errors import CarrierError
from helpline.store import erasures
from helpline.store.sessions import Store

log = logging.getLogger(__name__)
AGAIN_SECONDS = 300


class Api(Protocol):
    """What this job asks of the carrier."""

    def erase(self, carrier_id: str) -> None:
        """Deletes a call."""
        ...

    def erase_queue(self, carrier_id: str) -> None:
        """Deletes a queue."""
        ...

    def erase_text(self, carrier_id: str) -> None:
        """Deletes a text message."""
        ...


def run(store: Store, api: Api, now: int) -> int:
    """Erases what is due, again in five minutes where the carrier wouldn't; how many it confirmed."""
    done = 0
    with store.read() as connection:
        waiting = erasures.due(connection, now)
    for carrier_id, kind in waiting:
        if _erase(store, api, carrier_id, kind, now):
            done += 1
    with store.durable() as tx:
        erasures.forget(tx, now)
    return done


def _erase(store: Store, api: Api, carrier_id: str, kind: str, now: int) -> bool:
    try:
        {"queue": api.erase_queue, "text": api.erase_text}.get(kind, api.erase)(carrier_id)
    except CarrierError as error:
        if not error.gone:
            log.warning("erasure.postponed", extra={"kind": kind, "reason": str(error)})
            with store.durable() as tx:
                erasures.postpone(tx, carrier_id, now + AGAIN_SECONDS)
            return False
    with store.durable() as tx:
        erasures.erased(tx, carrier_id, now)
    return True
