"""The degraded flow as a pure machine: whom it rings, in which order, and what both sides hear."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows import caller, standby
from ivr_flows.actions import Ask, Document, Hangup, Listen, Phone
from ivr_flows.load import shipped_flow
from ivr_flows.model import LANGUAGES, Flow, Language
from ivr_flows.psychologist import TALK_LIMIT
from ivr_flows.standby import Accept, Candidate, DialEnded, Keyed, Place, Screen, Stage, Target
from tests.ivr_flows.machines import hangs_up, said, seconds, walked_flows

FRANCE, BELGIUM = shipped_flow("france"), shipped_flow("belgium")
ALIX = Candidate("1", "+33199000101", ("fr",), 20)
BILLIE = Candidate("2", "+33199000102", ("fr", "en"), 20)
DIRK = Candidate("4", "+33199000104", ("nl", "fr"), 20)
EMMA = Candidate("6", "+33199000106", ("en",), 20)
BACKUP = Candidate("b0", "+33199000190", (), 25)
RING = caller.Place("ring", "fr")
EVENTS: tuple[standby.Event, ...] = (
    DialEnded(bridged=True),
    DialEnded(bridged=False),
    *map(Keyed, ("", "1", "9", "#")),
)


def targets(*candidates: Candidate, language: Language = "fr", accepted: Sequence[Language] = ()) -> tuple[Target, ...]:
    """Whom a caller of this language is put through to."""
    return standby.in_order(candidates, language, accepted, "fr")


def phone(document: Document[standby.Then]) -> Phone[standby.Then]:
    """The one phone that a document rings."""
    last = document[-1]
    assert isinstance(last, Phone)
    assert not [action for action in document[:-1] if isinstance(action, Phone)]
    return last


def then(document: Document[standby.Then]) -> Place:
    """Where the caller is while the document is played."""
    last = document[-1]
    assert isinstance(last, Phone | Listen)
    assert isinstance(last.then, Place)
    return last.then


def rung(found: Sequence[Target], flow: Flow = FRANCE, at: caller.Place = RING, **how: Any) -> list[str]:  # noqa: ANN401
    """The ids of the phones that ring when nobody accepts, in order, until the flow goes on without."""
    document, ids = standby.begin(flow, found, at, 0, **how), []
    while document and isinstance(document[-1], Phone):
        place = then(document)
        ids.append(place.rung)
        document = standby.step(flow, found, place, DialEnded(bridged=False))
    return ids


def test_whoever_speaks_the_callers_language_is_rung_first() -> None:
    """Then those of the languages the line accepts, in its order, then the backups; others aren't rung at all."""
    candidates = (BACKUP, EMMA, ALIX, DIRK)
    assert [each.id for each in targets(*candidates, language="nl", accepted=("fr", "en"))] == ["4", "1", "6", "b0"]
    assert [each.id for each in targets(*candidates, language="de")] == ["b0"]


def test_each_is_rung_in_the_order_of_the_rota() -> None:
    """And nobody twice, whatever seats they hold."""
    assert [each.id for each in targets(BILLIE, ALIX, BILLIE, BACKUP)] == ["2", "1", "b0"]


def test_the_language_of_a_call() -> None:
    """The caller's if it is spoken there, else the first accepted one; a backup takes them in theirs."""
    found = targets(DIRK, EMMA, BACKUP, language="nl", accepted=("fr", "en"))
    assert [(each.language, each.own, each.backup) for each in found] == [
        ("nl", "nl", False),
        ("en", "en", False),
        ("nl", "fr", True),
    ]


def test_a_language_we_do_not_speak_falls_back() -> None:
    """The whisper is in the line's language for somebody whose first language isn't one of ours."""
    (found,) = targets(replace(ALIX, languages=("es", "fr")))
    assert found.own == "fr"


def test_the_first_document_says_what_is_wrong_and_rings_one_phone() -> None:
    """The number, its ring time and the screening of its owner are the target's."""
    document = standby.begin(FRANCE, targets(BILLIE, BACKUP), RING, 1000)
    assert said(document) == ["degraded"]
    assert phone(document) == Phone(
        BILLIE.number, Place(RING, 1000, rung="2", tried=("2",)), Screen("fr", "fr"), 20, TALK_LIMIT
    )


def test_all_are_rung_one_after_the_other() -> None:
    """And then the flow says the crisis numbers, and whatever follows an unanswered ring."""
    found = targets(ALIX, BILLIE, BACKUP)
    assert rung(found) == ["1", "2", "b0"]
    last = standby.step(FRANCE, found, Place(RING, 0, rung="b0", tried=("1", "2", "b0")), DialEnded(bridged=False))
    assert last == caller.step(FRANCE, RING, caller.LeftQueue()).document
    assert said(last)[0] == FRANCE.crisis


def test_whoever_is_busy_is_skipped() -> None:
    """Where the database knows who talks, they aren't beeped at."""
    assert rung(targets(ALIX, BILLIE, BACKUP), skip=["1"]) == ["2", "b0"]


def test_nobody_to_ring() -> None:
    """The caller hears so, then the crisis numbers, and may try again."""
    document = standby.begin(FRANCE, (), RING, 0)
    assert said(document) == ["trouble", "crisis-france", "unanswered-menu"]
    (listen,) = [action for action in document if isinstance(action, Listen)]
    assert listen.then == caller.Place("unanswered", "fr")


def test_crisis_numbers_that_were_asked_for_come_first() -> None:
    """Key 9 before the ring is not forgotten."""
    document = standby.begin(FRANCE, targets(ALIX), replace(RING, crisis=True), 0)
    assert said(document) == ["crisis-france", "degraded"]
    assert not then(document).caller.crisis


def test_words_between_phones_vary() -> None:
    """No two documents in a row say the same; after each third phone in vain come the crisis numbers."""
    crowd = targets(*[replace(ALIX, id=str(n)) for n in range(8)])
    document, heard = standby.begin(FRANCE, crowd, RING, 0), []
    for _ in range(7):
        document = standby.step(FRANCE, crowd, then(document), DialEnded(bridged=False))
        heard.append(said(document))
    assert all(heard[at] != heard[at + 1] for at in range(6))
    assert [at for at, words in enumerate(heard, 1) if "crisis-france" in words] == [3, 6]


def test_another_language_and_a_backup_are_announced_once() -> None:
    """In the first document too; somebody of the same kind after that needs no announcement."""
    found = targets(EMMA, replace(EMMA, id="7"), BACKUP, replace(BACKUP, id="b1"), language="de", accepted=("en",))
    document = standby.begin(BELGIUM, found, caller.Place("ring", "de"), 0)
    heard = [said(document)]
    for _ in range(3):
        document = standby.step(BELGIUM, found, then(document), DialEnded(bridged=False))
        heard.append(said(document))
    assert heard[0] == ["degraded", "hold-accepted"]
    assert "hold-accepted" not in heard[1]
    assert heard[2] == ["hold-backup"]
    assert "hold-backup" not in heard[3]


def test_a_caller_who_was_cut_off_is_asked_and_rung_back() -> None:
    """The same person first, who hears that it is the same caller; then all the others."""
    found = targets(ALIX, BILLIE)
    talking = Place(RING, 0, rung="2", tried=("1", "2"))
    asked = standby.step(FRANCE, found, talking, DialEnded(bridged=True))
    assert said(asked) == ["cut-off"]
    back = standby.step(FRANCE, found, then(asked), Keyed())
    assert (phone(back).number, phone(back).screen) == (BILLIE.number, Screen("fr", "fr", again=True))
    others = standby.step(FRANCE, found, then(back), DialEnded(bridged=False))
    assert phone(others).number == ALIX.number


def test_they_are_rung_back_once() -> None:
    """After the second conversation they are let go kindly."""
    place = Place(RING, 0, rung="1", tried=("1",), cut_off=True)
    assert said(standby.step(FRANCE, targets(ALIX), place, DialEnded(bridged=True))) == ["goodbye"]


def test_key_9_after_a_cut_off_speaks_the_crisis_numbers_first() -> None:
    """And then rings back all the same."""
    document = standby.step(FRANCE, targets(ALIX), Place(RING, 0, Stage.ASKED, "1", ("1",)), Keyed("9"))
    assert said(document) == ["crisis-france", "one-moment"]
    assert phone(document).number == ALIX.number


def test_whoever_went_off_duty_is_not_rung_back() -> None:
    """The shift may have ended while they talked: those on call now are rung."""
    document = standby.step(FRANCE, targets(BILLIE), Place(RING, 0, Stage.ASKED, "1", ("1",)), Keyed())
    assert phone(document).number == BILLIE.number


def test_a_conversation_whose_end_nobody_knows() -> None:
    """Whoever stays on the line after it is rung for like anybody else."""
    asked = standby.parted(RING, 5)
    assert said(asked) == ["cut-off"]
    document = standby.step(FRANCE, targets(ALIX), then(asked), Keyed())
    assert said(document) == ["degraded"]
    assert then(document).entered_at == 5


def test_only_a_1_connects() -> None:
    """An empty document bridges at the carrier: anything but a 1 hangs up, and silence hangs up by itself."""
    whisper = standby.whisper(FRANCE, Screen("fr", "fr"))
    ask, end = whisper
    assert isinstance(ask, Ask)
    assert isinstance(end, Hangup)
    assert isinstance(ask.then, Accept)
    assert standby.answered(ask.then, "1") == ()
    for digits in ("", "2", "3", "*", "#", "11"):
        assert hangs_up(standby.answered(ask.then, digits))


@pytest.mark.parametrize("again", [False, True])
def test_the_whisper_names_line_and_language(again: bool) -> None:
    """In its owner's language; after a cut-off it says so."""
    ask, _ = standby.whisper(BELGIUM, Screen("nl", "de", again))
    assert isinstance(ask, Ask)
    first = ask.sounds[0]
    assert (first.language, first.values[0]) == ("nl", ("line", "Hulplijn België"))  # type: ignore[union-attr] # a Say
    assert said((Listen(ask.sounds, ask.then),))[0] == ("whisper-again" if again else "whisper-short")


def every_document() -> Iterator[Document[standby.Then]]:
    """All that either side may hear: every place that events lead to, with several sets of people; every whisper."""
    people = ((), (ALIX, BILLIE, DIRK, EMMA, BACKUP, replace(BACKUP, id="b1")))
    for flow, candidates, crisis in product(walked_flows(), people, (False, True)):
        for language in flow.languages:
            found = targets(*candidates, language=language, accepted=("fr", "en"))
            yield from _walk(flow, found, caller.Place("ring", language, crisis=crisis))
    for own, held_in, again in product(LANGUAGES, LANGUAGES, (False, True)):
        ask, _ = standby.whisper(FRANCE, Screen(own, held_in, again))
        assert isinstance(ask, Ask)
        yield (Listen(ask.sounds, ask.then, ask.timeout),)
    yield from (standby.answered(Accept(language), digits) for language in LANGUAGES for digits in "12")


def _walk(flow: Flow, found: Sequence[Target], at: caller.Place) -> Iterator[Document[standby.Then]]:
    todo, seen = [standby.begin(flow, found, at, 0), standby.parted(at, 0)], set[Place]()
    while todo:
        document = todo.pop()
        yield document
        last = document[-1]
        place = last.then if isinstance(last, Phone | Listen) else None
        if isinstance(place, Place) and place not in seen:
            seen.add(place)
            todo += [standby.step(flow, found, place, event) for event in EVENTS]


def test_every_document_leads_on_or_hangs_up() -> None:
    """Nobody is left in silence: each document of a caller ends in a phone, a question or a farewell, and is short."""
    for document in every_document():
        if document and not isinstance(document[0], Listen):
            assert isinstance(document[-1], Phone | Listen | Hangup)
            spoken = tuple(action for action in document if not isinstance(action, Phone))
            assert seconds(spoken) <= 45


PEOPLE = st.lists(
    st.builds(
        Candidate,
        st.sampled_from([str(n) for n in range(9)] + ["b0", "b1"]),
        st.just("+33199000101"),
        st.lists(st.sampled_from([*LANGUAGES, "es"]), max_size=3, unique=True).map(tuple),
        st.integers(5, 60),
    ),
    max_size=8,
)


@given(PEOPLE, st.sampled_from(LANGUAGES), st.lists(st.sampled_from(LANGUAGES), max_size=3, unique=True))
def test_everybody_who_can_take_the_call_is_rung_once(
    candidates: list[Candidate], language: Language, accepted: list[Language]
) -> None:
    """Whatever the rota: no phone twice, nobody forgotten, and it ends."""
    found = standby.in_order(candidates, language, accepted, "fr")
    ids = rung(found, BELGIUM, caller.Place("ring", language))
    assert len(ids) == len(set(ids))
    first = {each.id: each for each in reversed(candidates)}.values()
    able = {each.id for each in first if not each.languages or {language, *accepted} & set(each.languages)}
    assert set(ids) == able


@given(st.lists(st.sampled_from(EVENTS), max_size=40), PEOPLE)
def test_whatever_happens_the_caller_is_not_rung_for_for_ever(
    events: list[standby.Event], candidates: list[Candidate]
) -> None:
    """Each phone at most twice, the second time only after a cut-off."""
    found = targets(*candidates)
    document, ids = standby.begin(FRANCE, found, RING, 0), []
    for event in events:
        last = document[-1]
        if not isinstance(last, Phone | Listen) or not isinstance(last.then, Place):
            break
        ids += [last.then.rung] if isinstance(last, Phone) else []
        document = standby.step(FRANCE, found, last.then, event)
    assert all(ids.count(each) <= 2 for each in ids)
