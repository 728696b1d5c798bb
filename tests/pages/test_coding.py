import pytest

from helpline.figures import records
from tests.pages.conftest import ALIX, BRECHT, DAY, NOON, Desk, ShownForm


def test_a_typical_call_is_coded_by_two_answers(either_desk: Desk) -> None:
    """A doctor, a burnout: two answers and "save" end in one coded call with nothing else disclosed."""
    either_desk.talked()
    form = ShownForm(either_desk.show())
    answer = either_desk.browser().post(form.action, data=form.tapped(caller="doctor", main="burnout"))
    assert answer.status_code == 303
    [row] = either_desk.coded()
    said = (row.line, row.period, row.night, row.contact, row.substantive, row.caller, row.reasons)
    assert said == ("france", "2026-03", False, "support", True, "doctor", "burnout")
    assert {row.status, row.speciality, row.territory} == {"undisclosed"}
    assert (row.orientations, row.severity, row.language) == ("", None, None)
    assert either_desk.left() == 0


def test_every_answer_reaches_the_record(desk: Desk) -> None:
    """Whatever can be tapped is recorded, the main reason first."""
    desk.talked(BRECHT, "belgium", at=NOON)
    form = ShownForm(desk.show(BRECHT))
    answers = form.tapped(
        caller="in-training",
        main="workload",
        more=["burnout", "family"],
        orientations=["gp", "council"],
        severity="4",
        status="salaried",
        speciality="surgery",
        territory="liege",
        language="de",
    )
    assert desk.browser().post(form.action, data=answers).status_code == 303
    [row] = desk.coded()
    assert (row.caller, row.reasons, row.orientations) == ("in-training", "workload burnout family", "council gp")
    assert (row.severity, row.status, row.speciality) == (4, "salaried", "surgery")
    assert (row.territory, row.language, row.period) == ("liege", "de", "2026-Q1")


@pytest.mark.parametrize("first", ["support", "silent"])
@pytest.mark.parametrize("talk", [0, 7_200])
def test_a_short_call_takes_nothing_from_a_talk(desk: Desk, talk: int, first: str) -> None:
    """The page tells nobody which call they code: a talk stays one in whichever order they came and are coded."""
    desk.talked(at=NOON + talk, seconds=2_400)
    desk.talked(at=NOON + 7_200 - talk, seconds=8)
    for contact in (first, "silent" if first == "support" else "support"):
        form = ShownForm(desk.show())
        told = {"main": "burnout"} if contact == "support" else {}
        assert desk.browser().post(form.action, data=form.tapped(contact=contact, **told)).status_code == 303
    assert {(row.contact, row.substantive) for row in desk.coded()} == {("support", True), ("silent", False)}


@pytest.mark.parametrize(("contact", "left"), [("support", False), ("silent", True)])
def test_who_codes_one_of_two_codes_the_one_it_was(desk: Desk, contact: str, left: bool) -> None:
    """The other one goes on waiting, and is recorded as not coded in the end: a talk if the talk wasn't coded."""
    desk.talked(seconds=2_400)
    desk.talked(seconds=8)
    form = ShownForm(desk.show())
    desk.browser().post(form.action, data=form.tapped(contact=contact, main="burnout"))
    with desk.store.read() as connection:
        assert [item.lasted for item in records.pending(connection, ALIX)] == [left]


def test_a_reason_tapped_twice_counts_once(desk: Desk) -> None:
    """The main reason tapped again among the others is one reason and no fault."""
    desk.talked()
    form = ShownForm(desk.show())
    answers = form.tapped(main="burnout", more=["burnout", "workload", "family"])
    assert desk.browser().post(form.action, data=answers).status_code == 303
    assert desk.coded()[0].reasons == "burnout workload family"


@pytest.mark.parametrize("contact", ["silent", "hang-up", "abusive", "test"])
def test_a_contact_without_support_keeps_nothing_else(desk: Desk, contact: str) -> None:
    """A silent, abusive or test call needs one answer, and what had been tapped before it is not kept."""
    desk.talked()
    form = ShownForm(desk.show())
    answers = form.tapped(
        contact=contact, caller="doctor", main="burnout", more=["family", "health", "other"], severity="5"
    )
    assert desk.browser().post(form.action, data=answers).status_code == 303
    [row] = desk.coded()
    assert (row.contact, row.substantive, row.caller) == (contact, False, "undisclosed")
    assert (row.reasons, row.severity) == ("", None)


def test_the_language_is_asked_where_the_line_records_it(desk: Desk) -> None:
    """A line that doesn't record the language neither asks for it nor takes it."""
    desk.talked(line="france")
    form = ShownForm(desk.show())
    assert "language" not in form.offered
    desk.browser().post(form.action, data=form.tapped(main="burnout", language="fr"))
    assert desk.coded()[0].language is None


def test_the_territories_are_the_lines_own(desk: Desk) -> None:
    """The Belgian line asks for provinces, the French one for regions."""
    desk.talked(ALIX, "france")
    desk.talked(BRECHT, "belgium")
    assert "bretagne" in ShownForm(desk.show(ALIX)).offered["territory"]
    assert "namur" in ShownForm(desk.show(BRECHT)).offered["territory"]


def test_after_saving_the_page_thanks_and_says_what_is_left(desk: Desk) -> None:
    """One of three calls is coded: thanks, two left, and the form of the next."""
    for _ in range(3):
        desk.talked()
    form, browser = ShownForm(desk.show()), desk.browser()
    answer = browser.post(form.action, data=form.tapped(main="burnout"))
    page = browser.get(answer.headers["Location"]).text
    assert "Merci, c’est enregistré." in page
    assert "Il reste 2 appels à coder." in page
    assert ShownForm(page).untouched["form"] != form.untouched["form"]


def test_after_the_last_call_nothing_waits(desk: Desk) -> None:
    """The last call is coded: thanks, and no form."""
    desk.talked()
    form, browser = ShownForm(desk.show()), desk.browser()
    page = browser.get(browser.post(form.action, data=form.tapped(main="burnout")).headers["Location"]).text
    assert "Merci, c’est enregistré." in page
    assert "Aucun appel à coder." in page
    assert "<form" not in page


def test_nothing_waits(desk: Desk) -> None:
    """Without a call to code the page says so, and keeps the protocol for a life in danger at hand."""
    page = desk.show()
    assert "Bonjour Alix Exemple" in page
    assert "Aucun appel à coder." in page
    assert "appelez le 15 ou le 112" in page
    assert "<form" not in page


def test_the_most_urgent_call_comes_first(desk: Desk) -> None:
    """With calls of two lines waiting, each line's number is shown, and the form is for the one due first."""
    desk.talked(line="france", at=NOON)
    desk.talked(line="france", at=NOON)
    desk.talked(line="belgium", at=NOON - DAY)
    page = desk.show()
    assert "3 appels attendent d’être codés." in page
    spoken = desk.lines["belgium"].flow.spoken["fr"]
    assert page.index(f"<strong>1</strong> <span>{spoken}") < page.index("<strong>2</strong>")
    assert ShownForm(page).untouched["line"] == ["belgium"]


def test_a_form_codes_the_call_it_was_shown_for(desk: Desk) -> None:
    """A more urgent call that appears meanwhile is left alone."""
    desk.talked(line="france", at=NOON)
    form = ShownForm(desk.show())
    desk.talked(line="belgium", at=NOON - DAY)
    desk.browser().post(form.action, data=form.tapped(main="burnout"))
    assert [row.line for row in desk.coded()] == ["france"]


def test_a_line_that_is_no_longer_configured_is_passed_over(desk: Desk) -> None:
    """A call of a line that was taken out of the configuration neither breaks the page nor is offered."""
    desk.talked(line="belgium")
    del desk.lines["belgium"]
    assert "Aucun appel à coder." in desk.show()


def test_the_page_tells_nothing_of_the_call(desk: Desk) -> None:
    """Of the call, the page shows the line; a night call and a short one look like any other."""
    desk.talked(at=NOON)
    by_day = desk.show()
    form = ShownForm(by_day)
    desk.browser().post(form.action, data=form.tapped(main="burnout"))
    desk.talked(at=NOON - 13 * 3600, seconds=20)
    desk.clock.at = NOON
    night = desk.show()
    hidden = {*form.untouched["form"], *form.untouched["call"]}, {*_hidden(night)}
    for before, after in zip(*map(sorted, hidden), strict=True):
        by_day, night = by_day.replace(before, ""), night.replace(after, "")
    assert night.replace("demain", "après-demain") == by_day


def _hidden(page: str) -> list[str]:
    form = ShownForm(page)
    return [*form.untouched["form"], *form.untouched["call"]]
