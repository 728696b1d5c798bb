"""Every trace that a call could leave, as bytes; and every spelling of a number that could be among them."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from helpline.carrier.hooks import FIELDS
from helpline.figures.closing import Office, named
from helpline.figures.counting import one_moment, read_inputs
from helpline.logs import SafeFormatter
from helpline.store.tables import Base
from reports.build import report_of
from reports.closing import figures_of
from reports.figures import freeze
from reports.periods import Profile
from reports.render.files import names_of, render_one
from tests.scenarios.stage import PEOPLE, Stage

PACKED = (".pdf", ".xlsx")
"""Files in which nothing can be searched for; they are drawn from the same report as the others."""


def spellings(number: str) -> dict[str, bytes]:
    """`number` (E.164) as it could have been written down."""
    digits = number.removeprefix("+")
    national = "0" + digits[2:]
    pairs = [national[at : at + 2] for at in range(0, len(national), 2)]
    plain = {
        "digits": digits, "national": national, "spaced": " ".join(pairs), "dotted": ".".join(pairs),
        "dialled": f"00{digits}", "last eight": digits[-8:], "quoted": quote(number),
    }  # fmt: skip
    found = {name: text.encode() for name, text in plain.items()}
    for name, text in (("e164", number), ("digits", digits), ("national", national)):
        found[f"{name} in UTF-16"] = text.encode("utf-16-le")
        found[f"{name} in base64"] = base64.b64encode(text.encode()).rstrip(b"=")[:-1]
        for kind in ("md5", "sha1", "sha256"):
            digest = hashlib.new(kind, text.encode())
            found[f"{kind} of {name}"] = digest.hexdigest().encode()
            found[f"{kind} of {name}, raw"] = digest.digest()
    return found


def traces(stage: Stage, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Everything that the service wrote, said or handed out, by name."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()
    for table in Base.__subclasses__():
        yield table.__tablename__, json.dumps(stage.rows(table), default=repr).encode()
    formatter = SafeFormatter()
    for record in stage.log:
        yield "log", formatter.format(record).encode()
    for exchange in stage.twin.requests:
        yield "answer", exchange.body
        yield "url", exchange.url.encode()
    yield from _reports(stage)


def _reports(stage: Stage) -> Iterator[tuple[str, bytes]]:
    """The year as if it were closed now, and all that would be made of it."""
    line, service = stage.rehearsal.service.lines["france"], stage.rehearsal.service
    office = Office(stage.store, service.taxonomy, stage.secrets.report_secret, demo=False)
    year = str(line.local(stage.now).year)
    with one_moment(stage.store) as connection:
        inputs = read_inputs(connection, line, year)
    figures = figures_of(office.frame(named(line), year, Profile.MONTH, stage.now), inputs, office.secret)
    yield "frozen figures", freeze(figures).encode()
    report = report_of(figures)
    for name in names_of(report):
        if not name.endswith(PACKED):
            yield name, render_one(report, name)


def hits(stage: Stage, folder: Path, needles: dict[str, bytes]) -> list[tuple[str, str]]:
    """`(trace, spelling)` of everything found."""
    return [
        (where, how)
        for where, content in traces(stage, folder)
        for how, needle in needles.items()
        if needle.lower() in content.lower()
    ]


def told_of_callers(stage: Stage) -> dict[str, bytes]:
    """By name, what the network told of the callers' side in any webhook, as far as it is long enough to be searched.

    Not what the service needs to know, nor what it knew before: its own numbers, its account, the fixed words.
    """
    line = stage.settings.lines["france"]
    known = {*FIELDS, "AccountSid", "ApiVersion", "Direction", "FinishedOnKey", "msg", "Timestamp", "CallbackSource"}
    own = {line.published, line.outbound_caller_id, *line.inbound, *(person.phone for person in PEOPLE.values())}
    return {
        f"{name} of a webhook": value.encode()
        for exchange in stage.twin.requests
        for name, value in exchange.params.items()
        if name not in known and value not in own and not name.endswith("Sid") and len(value) >= 7
    }


def quiet(stage: Stage) -> list[logging.LogRecord]:
    """What was logged as an error, taken out of the log: a test that breaks something expects it."""
    errors = [record for record in stage.log if record.levelno >= logging.ERROR]
    for record in errors:
        stage.log.remove(record)
    return errors
