from helpline.store.beats import FRESH_SECONDS, beat, is_fresh
from helpline.store.sessions import Store
from helpline.store.tables import Beat
from tests.shell import NOON, rows_of, together


def test_a_process_that_never_said_so_is_not_well(store: Store) -> None:
    """Nor is one because another is."""
    beat(store, "serve", NOON)
    assert not is_fresh(store, "work", NOON)


def test_a_beat_is_fresh_for_half_a_minute(store: Store) -> None:
    """And one word later it is fresh again."""
    beat(store, "work", NOON)
    assert is_fresh(store, "work", NOON + FRESH_SECONDS - 1)
    assert not is_fresh(store, "work", NOON + FRESH_SECONDS)
    beat(store, "work", NOON + FRESH_SECONDS)
    assert is_fresh(store, "work", NOON + FRESH_SECONDS)
    assert len(rows_of(store, Beat)) == 1


def test_processes_may_begin_at_once(store: Store) -> None:
    """Several of one kind, on an empty database: one row, and no error."""

    def work() -> None:
        for second in range(3):
            beat(store, "serve", NOON + second)

    together([work] * 6)
    assert rows_of(store, Beat) == [{"name": "serve", "at": NOON + 2}]
