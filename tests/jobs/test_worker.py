"""All periodic jobs together, as the worker holds them."""

import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, timedelta
from pathlib import Path

import pytest
import responses
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from helpline import jobs as job_modules
from helpline import logs
from helpline.errors import StoreError
from helpline.figures import records
from helpline.jobs import coding
from helpline.store import erasures
from helpline.store.beats import is_fresh
from helpline.store.sessions import Store
from helpline.store.tables import CallRecord, Erasure, Pooled
from helpline.worker import NAME, create_scheduler, jobs
from tests.shell import NOON, SetClock, lines_in, opened, rows_of, settings_in, some_secrets

DAY = 86_400
EVERY = {
    "beat": timedelta(seconds=10),
    "erasing": timedelta(minutes=1),
    "reconciling": timedelta(minutes=1),
    "sweeping": timedelta(minutes=5),
    "calling_back": timedelta(seconds=10),
    "standing_by": timedelta(minutes=1),
    "truncating": timedelta(minutes=1),
    "generating": timedelta(seconds=2),
    "coding": timedelta(hours=1),
    "signing_out": timedelta(minutes=5),
    "materialising": timedelta(hours=1),
    "publishing": timedelta(hours=1),
    "logging_duty": timedelta(hours=1),
    "closing": timedelta(days=1),
    "forgetting": timedelta(days=1),
    "freezing": timedelta(days=1),
    "rolling_up": timedelta(days=1),
    "releasing": timedelta(seconds=2),
    "reminding": timedelta(minutes=5),
    "alarming": timedelta(minutes=5),
    "telling": timedelta(minutes=1),
}
NAMES = set(EVERY)
LATER = SetClock(NOON + 30 * DAY)


@pytest.fixture
def store(either_database_url: str, tmp_path: Path) -> Iterator[Store]:
    """Something to do for each job: a call to erase, and one that nobody coded in time."""
    with opened(either_database_url) as store:
        with store.durable() as tx:
            erasures.bury(tx, "CA1", NOON)
            records.expect(tx, lines_in(tmp_path)["france"], 1, NOON, 900, NOON)
        yield store


@pytest.fixture
def carrier() -> Iterator[responses.RequestsMock]:
    """Erases what it is asked to, and knows of no other call."""
    calls = "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000000/Calls"
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.delete(f"{calls}/CA1.json")
        mock.get(f"{calls}.json", json={"calls": [], "next_page_uri": None})
        yield mock


def deleted(carrier: responses.RequestsMock) -> int:
    """How often the carrier was asked to delete something."""
    return sum(call.request.method == "DELETE" for call in carrier.calls)


def test_every_module_is_a_job() -> None:
    """One for each, besides the beat; nothing is written and never run."""
    modules = {path.stem for folder in job_modules.__path__ for path in Path(folder).glob("*.py")}
    assert modules - {"__init__"} == NAMES - {"beat"}


def test_every_job_does_its_work(store: Store, tmp_path: Path, carrier: responses.RequestsMock) -> None:
    """Once, in any order, without an error; and again, when nothing is left to do."""
    found = jobs(settings_in(tmp_path), some_secrets(), store, LATER)
    assert set(found) == NAMES
    for _ in range(2):
        for _seconds, run in found.values():
            run()
    assert [row["erased_at"] for row in rows_of(store, Erasure)] == [LATER.at]
    assert is_fresh(store, NAME, int(LATER.at))
    assert [row["contact"] for row in rows_of(store, CallRecord)] == ["not-coded"]
    assert deleted(carrier) == 1


def test_what_expired_may_close_its_period(store: Store, tmp_path: Path) -> None:
    """Both in one run, in that order: a month doesn't wait another hour for its last call."""
    coding.run(store, lines_in(tmp_path), int(LATER.at))
    assert rows_of(store, Pooled) == []
    assert len(rows_of(store, CallRecord)) == 1


def scheduler(store: Store, folder: Path) -> BackgroundScheduler:
    """The worker's, not yet started."""
    return create_scheduler(settings_in(folder), some_secrets(), store, LATER)


def test_the_scheduler_knows_no_local_time(store: Store, tmp_path: Path) -> None:
    """On the night of the hour that comes twice a local schedule would fire twice."""
    made = scheduler(store, tmp_path)
    assert made.timezone is UTC
    assert {job.id for job in made.get_jobs()} == NAMES
    for job in made.get_jobs():
        assert job.trigger.timezone is UTC
    assert {job.id: job.trigger.interval for job in made.get_jobs()} == EVERY


def test_every_job_runs_as_soon_as_the_worker_starts(
    store: Store, tmp_path: Path, carrier: responses.RequestsMock
) -> None:
    """A worker that is restarted every half hour still codes; none runs beside itself; none fails."""
    made = scheduler(store, tmp_path)
    done: dict[str, BaseException | None] = {}
    all_done = threading.Event()

    def heard(event: JobExecutionEvent) -> None:
        done[event.job_id] = event.exception
        if set(done) == NAMES:
            all_done.set()

    made.add_listener(heard, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
    made.start()
    try:
        assert all_done.wait(timeout=20)
        assert {job.max_instances for job in made.get_jobs()} == {1}
        assert all(job.coalesce for job in made.get_jobs())
    finally:
        made.shutdown()
    assert done == dict.fromkeys(NAMES)
    assert deleted(carrier) == 1


def test_a_job_that_fails_is_logged_without_values(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its kind of error and the places in the code; the scheduler goes on."""
    made = scheduler(store, tmp_path)
    failed = threading.Event()

    def fail() -> None:
        raise ZeroDivisionError("+33199009999")

    made.remove_all_jobs()
    made.add_job(fail, "date", id="failing", misfire_grace_time=None)
    made.add_listener(lambda _: failed.set(), EVENT_JOB_ERROR)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure()
    try:
        made.start()
        assert failed.wait(timeout=20)
    finally:
        made.shutdown()
        root.handlers[:], root.level = before, level
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert "+33199009999" not in said


def test_a_worker_does_not_start_on_another_versions_database(database_url: str, tmp_path: Path) -> None:
    """It says which command mends it."""
    with closing(Store(database_url)) as store, pytest.raises(StoreError, match="helpline migrate"):
        scheduler(store, tmp_path)
