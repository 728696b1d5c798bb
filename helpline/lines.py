"""A line as the service runs it: its settings, its proven flow, its words, its zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from helpline.directory.phones import connectable
from helpline.errors import ConfigError
from helpline.settings import LineSettings, Settings
from ivr_flows.check import FlowError
from ivr_flows.load import load_flow, shipped_flow, shipped_names, shipped_prompts
from ivr_flows.model import Flow, ForwardStep
from ivr_flows.prompts import Prompts
from reports.model import is_night
from rota.plan import RingTimes


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `name` is its key in the configuration and in every URL."""

    name: str
    settings: LineSettings
    flow: Flow
    prompts: Prompts
    zone: ZoneInfo
    times: RingTimes

    def local(self, instant: int) -> datetime:
        """An instant (UTC seconds) as the line's people read it."""
        return datetime.fromtimestamp(instant, UTC).astimezone(self.zone)

    def is_night(self, instant: int) -> bool:
        """Whether `instant` lies in the night as the figures count it, in the line's local time."""
        return is_night(self.local(instant).hour)

    def month(self, instant: int) -> str:
        """`2026-03`, in local time."""
        return self.local(instant).strftime("%Y-%m")

    def period(self, instant: int) -> str:
        """What a record says of its time: a month, a quarter or a year, as the line's size allows."""
        local = self.local(instant)
        match self.settings.period:
            case "quarter":
                return f"{local.year}-Q{(local.month + 2) // 3}"
            case "year":
                return str(local.year)
        return f"{local.year}-{local.month:02}"


def load_lines(settings: Settings) -> dict[str, Line]:
    """Every configured line with its flow proven safe. Raises `ConfigError` with all that is wrong."""
    prompts = shipped_prompts()
    lines: dict[str, Line] = {}
    faults: list[str] = []
    for name, line in settings.lines.items():
        try:
            flow = _flow(settings, line.flow, prompts)
        except (FlowError, OSError) as error:
            faults.append(f"lines.{name}.flow: {error}")
            continue
        except UnicodeDecodeError:
            faults.append(f"lines.{name}.flow: {line.flow} isn't UTF-8; save it as UTF-8")
            continue
        faults += [f"lines.{name}.flow: {line.flow}: {fault}" for fault in _forwards(flow, line)]
        ringing = line.ringing
        times = RingTimes(ringing.wave, ringing.night_wave, ringing.backup, ringing.phone)
        lines[name] = Line(name, line, flow, prompts, ZoneInfo(line.timezone), times)
    if faults:
        raise ConfigError("lines", tuple(faults))
    return lines


def _flow(settings: Settings, name: str, prompts: Prompts) -> Flow:
    if name in shipped_names():
        return shipped_flow(name, prompts)
    return load_flow(settings.path(name).read_text(encoding="utf-8"), name, prompts)


def _forwards(flow: Flow, line: LineSettings) -> Iterator[str]:
    """Why a partner's number couldn't be dialled."""
    own = {*line.dialled, line.outbound_caller_id}
    for step in flow.steps.values():
        if isinstance(step, ForwardStep):
            where = f"step {step.name}: number = {step.number!r}"
            if step.number in own:
                yield f"{where} is the line's own; write the partner's"
            elif not connectable(step.number):
                yield f"{where} is none that a carrier dials, or of a special cost; write an ordinary number of theirs"


def by_number(lines: Mapping[str, Line]) -> dict[str, Line]:
    """Every number that can be dialled -> its line."""
    return {number: line for line in lines.values() for number in line.settings.dialled}
