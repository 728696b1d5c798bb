"""Logs: one JSON object a line, on standard error, holding only fields that can't tell who called.

Our own messages are fixed words with allowed fields. Of other libraries' messages only the template is kept, never its
values, and of exceptions the type and the places in the code, never the message or a local variable. A message without
values may have them filled in already: of such a one only the words up to the first sign are kept.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime

ALLOWED = ("line", "kind", "reason", "job", "n", "seconds")
OWN = "helpline."
"""Our modules. The web framework logs as `helpline`, with the path of a request, and is not one of them."""
LONGEST = 200
_WORDS = re.compile(r"[A-Za-z ]*")


class SafeFormatter(logging.Formatter):
    """See the module's head."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        entry |= {name: getattr(record, name) for name in ALLOWED if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            entry["exception"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            entry["where"] = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(entry, ensure_ascii=False)


def _event(record: logging.LogRecord) -> str:
    if record.name.startswith(OWN):
        return record.getMessage()
    template = str(record.msg)[:LONGEST]
    return template if record.args else (_WORDS.match(template) or [""])[0].strip()


def configure(level: int = logging.INFO) -> None:
    """Sends every log record of this process through `SafeFormatter`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(SafeFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Each request of ours to the carrier would be logged with its URL.
    for noisy in ("urllib3", "twilio.http_client", "werkzeug", "alembic", "apscheduler"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
