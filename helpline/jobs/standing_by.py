"""Every minute: the standby file says who is on call in the next two days, should the database stop answering."""

from __future__ import annotations

from helpline.shifts.standby import StandbyWriter


def run(writer: StandbyWriter, now: int) -> bool:
    """Whether the file had to be looked at."""
    return writer.refresh(now)
