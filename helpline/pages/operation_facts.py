"""What the operator's page looks at: the database, this machine, the files that a next start would read.

Counts and states only: nothing of any call, no person's name, no address.
"""

from __future__ import annotations

import platform
import resource
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sqlalchemy import Connection, func, make_url, select, text

from helpline.accounts.model import ROLES, Role, read_roles
from helpline.errors import HelplineError
from helpline.figures.taxonomies import load_taxonomy
from helpline.lines import load_lines
from helpline.messages.notices import FAILED, WANTED
from helpline.pages.health import OVERDUE
from helpline.pages.site import Site
from helpline.settings import load, read_secrets
from helpline.store.account_tables import Account
from helpline.store.migrate import current, head
from helpline.store.rota_tables import Notice
from helpline.store.tables import Beat, Erasure

WEEK = 7 * 86_400
HOUR = 3600
CONFIG = "config.toml"
SWAPS = Path("/proc/swaps")


@dataclass(frozen=True, slots=True)
class Disk:
    """A folder that the service writes to, and the share of its disk that is used."""

    folder: str
    used: float


@dataclass(frozen=True, slots=True)
class Files:
    """What a start would find in the files: `faults`, and whether it is anything else than what runs.

    `found`: they are where `helpline init` puts them.
    """

    found: bool
    faults: tuple[str, ...] = ()
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Members:
    """Accounts of a role: those that work, those whose owner has still to choose a password, those switched off."""

    role: Role
    active: int
    invited: int
    disabled: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is looked at. `beats`: process -> when it last said that it is well (UTC seconds).

    `skew`: by how many seconds the database's clock is ahead of ours, None where it is the same clock.
    """

    database: str
    revision: str
    newest: str
    beats: Mapping[str, int]
    skew: float | None
    overdue: int
    unsent: int
    undeliverable: int
    refused: Mapping[str, int]
    disks: tuple[Disk, ...]
    files: Files
    dumps: bool
    swap: bool
    members: tuple[Members, ...]
    versions: tuple[tuple[str, str], ...]


def gather(site: Site, now: int) -> Facts:
    """Looks at everything once."""
    revision = current(site.store) or ""
    with site.store.read() as connection:
        kind, at = _database(connection)
        counts = _counts(connection, now)
        beats = {row.name: row.at for row in connection.execute(select(Beat.name, Beat.at))}
        members = tuple(_members(connection))
    return Facts(
        database=kind,
        revision=revision,
        newest=head() or "",
        beats=beats,
        skew=None if at is None else at - site.clock.now(),
        overdue=counts[0],
        unsent=counts[1],
        undeliverable=counts[2],
        refused=dict(site.tally.counts),
        disks=tuple(_disks(site)),
        files=_files(site),
        dumps=resource.getrlimit(resource.RLIMIT_CORE)[0] != 0,
        swap=_swaps(),
        members=members,
        versions=(("helpline", _version()), ("Python", platform.python_version()), ("", kind)),
    )


def _database(connection: Connection) -> tuple[str, float | None]:
    """What database this is, and what time it is there, if its clock may be another."""
    if connection.dialect.name == "sqlite":
        return f"SQLite {connection.scalar(select(func.sqlite_version()))}", None
    at = connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())"))
    return f"PostgreSQL {connection.scalar(text('SHOW server_version'))}", float(at or 0)


def _counts(connection: Connection, now: int) -> tuple[int, int, int]:
    """Erasures that are late, messages that are, and messages of a week that nobody could be sent."""
    wanted = (
        select(func.count()).where(Erasure.due_at <= now - OVERDUE, Erasure.erased_at.is_(None)),
        select(func.count()).where(Notice.state == WANTED, Notice.due_at <= now - HOUR),
        select(func.count()).where(Notice.state == FAILED, Notice.due_at > now - WEEK),
    )
    late, unsent, failed = (connection.scalar(each) or 0 for each in wanted)
    return late, unsent, failed


def _members(connection: Connection) -> Iterator[Members]:
    found: Counter[tuple[Role, str]] = Counter()
    rows = select(Account.roles, Account.disabled, (Account.password == "").label("new"))
    for row in connection.execute(rows):
        state = "disabled" if row.disabled else "invited" if row.new else "active"
        found.update((role, state) for role in read_roles(row.roles))
    for role in ROLES:
        yield Members(role, *(found[role, state] for state in ("active", "invited", "disabled")))


def _disks(site: Site) -> Iterator[Disk]:
    """The folder of what runs, and the database's, where that is a file: one entry for each disk."""
    folders = [site.settings.path("run").resolve()]
    url = make_url(site.settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        folders.append(Path(url.database).resolve().parent)
    seen: set[int] = set()
    for folder in folders:
        there = next(each for each in (folder, *folder.parents) if each.exists())
        if there.stat().st_dev not in seen:
            seen.add(there.stat().st_dev)
            usage = shutil.disk_usage(there)
            # As `df` counts: what only root may still use is none of ours.
            yield Disk(str(folder), usage.used / max(1, usage.used + usage.free))


def _files(site: Site) -> Files:
    """As `helpline check` looks at them, the database apart. Of a demonstration nobody edits them."""
    path = site.settings.path(CONFIG)
    if site.settings.service.demo or not path.exists():
        return Files(found=False)
    faults: list[str] = []
    changed = False
    with _noting(faults):
        changed = read_secrets(site.settings.folder) != site.secrets
    with _noting(faults):
        settings = load(path)
        changed = changed or settings != site.settings
        for look in (load_lines, load_taxonomy):
            with _noting(faults):
                look(settings)
    return Files(True, tuple(faults), changed)


@contextmanager
def _noting(faults: list[str]) -> Iterator[None]:
    try:
        yield
    except HelplineError as error:
        faults.append(str(error))


def _swaps() -> bool:
    """Whether this machine may write memory to a disk; no where nothing tells."""
    try:
        return len(SWAPS.read_text(encoding="ascii").splitlines()) > 1
    except OSError:
        return False


def _version() -> str:
    try:
        return version("helpline")
    except PackageNotFoundError:
        return "?"
