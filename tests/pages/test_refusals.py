from html import unescape

import pytest

from helpline.pages.coder import MAX_BODY
from tests.pages.conftest import BRECHT, DAY, NOON, Answers, Desk, ShownForm

FAULTS: dict[str, tuple[str | list[str], str]] = {
    "contact": ("not-coded", "Type de contact : choisissez dans la liste."),
    "caller": ("dentist", "Qui a appelé ? : choisissez dans la liste."),
    "main": ("not-coded", "Motif principal : choisissez dans la liste."),
    "more": (["burnout", "spleen"], "Motif principal : choisissez dans la liste."),
    "orientations": (["gp", "nowhere"], "Orienté vers : choisissez dans la liste."),
    "severity": ("6", "Gravité, selon vous : choisissez dans la liste."),
    "status": ("", "Statut : choisissez dans la liste."),
    "speciality": ("<script>", "Spécialité : choisissez dans la liste."),
    "territory": ("namur", "Territoire : choisissez dans la liste."),
}


def _said(page: str) -> str:
    return unescape(page).replace("\u00a0", " ")


@pytest.mark.parametrize("name", FAULTS)
def test_a_code_outside_the_lists_is_refused_by_name(desk: Desk, name: str) -> None:
    """A wrong code in any field: refused, the field named in words, nothing saved."""
    desk.talked()
    wrong, sentence = FAULTS[name]
    answers: dict[str, str | list[str]] = {"main": "burnout", name: wrong}
    form = ShownForm(desk.show())
    answer = desk.browser().post(form.action, data=form.tapped(**answers))
    assert answer.status_code == 400
    assert sentence in _said(answer.text)
    assert (desk.coded(), desk.left()) == ([], 1)


def test_an_unknown_language_is_refused_by_name(desk: Desk) -> None:
    """On a line that records the language, another than the line's is refused."""
    desk.talked(BRECHT, "belgium")
    form = ShownForm(desk.show(BRECHT))
    answer = desk.browser().post(form.action, data=form.tapped(main="burnout", language="it"))
    assert answer.status_code == 400
    assert "Taal van het gesprek: kies uit de lijst." in answer.text
    assert desk.coded() == []


def test_a_support_contact_needs_a_main_reason(desk: Desk) -> None:
    """Other reasons don't stand in for the main one: which of them came first can't be known."""
    desk.talked()
    form = ShownForm(desk.show())
    answer = desk.browser().post(form.action, data=form.tapped(more=["burnout"]))
    assert answer.status_code == 400
    assert "Indiquez le motif principal." in answer.text
    assert desk.coded() == []


def test_three_more_reasons_are_too_many(desk: Desk) -> None:
    """One main reason and two more: a fourth is refused, and the folded list stands open."""
    desk.talked()
    form = ShownForm(desk.show())
    answer = desk.browser().post(form.action, data=form.tapped(main="burnout", more=["family", "health", "other"]))
    assert answer.status_code == 400
    assert "Choisissez au plus deux autres motifs." in answer.text
    assert '<details class="fold" open>' in answer.text
    assert desk.coded() == []


def test_a_refused_form_comes_back_as_it_was_filled_in(desk: Desk) -> None:
    """Nothing has to be tapped again, and the form that comes back can be saved."""
    desk.talked()
    form = ShownForm(desk.show())
    answers = form.tapped(caller="relative", more=["health", "family"], orientations=["gp"], severity="2")
    answer = desk.browser().post(form.action, data=answers)
    back = ShownForm(answer.text)
    assert back.untouched == answers
    assert desk.browser().post(back.action, data=back.tapped(main="burnout")).status_code == 303
    assert desk.coded()[0].caller == "relative"


def test_a_refused_form_comes_back_for_the_same_call(desk: Desk) -> None:
    """A more urgent call that appeared meanwhile doesn't take the answers of another."""
    desk.talked(line="france", at=NOON)
    form = ShownForm(desk.show())
    desk.talked(line="belgium", at=NOON - DAY)
    back = ShownForm(desk.browser().post(form.action, data=form.tapped(caller="doctor")).text)
    assert back.untouched["line"] == ["france"]


MALFORMED: dict[str, Answers] = {
    "no-form-id": {"form": []},
    "short-form-id": {"form": ["abc"]},
    "odd-form-id": {"form": ["é" * 22]},
    "no-line": {"line": []},
    "unknown-line": {"line": ["spain"]},
    "no-call": {"call": []},
    "no-contact": {"contact": []},
    "two-contacts": {"contact": ["support", "test"]},
    "two-main-reasons": {"main": ["burnout", "family"]},
    "two-calls": {"call": ["a", "b"]},
}


@pytest.mark.parametrize("change", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_form_that_is_not_ours_is_refused(desk: Desk, change: Answers) -> None:
    """A form with a part missing, unknown or given twice: refused, nothing saved, a fresh form shown."""
    desk.talked()
    form = ShownForm(desk.show())
    answers = {"main": ["burnout"], **change}
    answer = desk.browser().post(form.action, data=form.tapped(**answers))
    assert answer.status_code == 400
    assert "Rien n’a été enregistré." in answer.text
    assert ShownForm(answer.text).untouched["form"] != form.untouched["form"]
    assert (desk.coded(), desk.left()) == ([], 1)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", ""),
        (b"{}", "application/json"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"\xff\xfe\x00=%zz&&&=", "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_is_no_form_is_refused(desk: Desk, body: bytes, kind: str) -> None:
    """Bytes that no browser sends for our form: refused, nothing saved."""
    desk.talked()
    answer = desk.browser().post(desk.path() + "/code", data=body, content_type=kind)
    assert answer.status_code == 400
    assert (desk.coded(), desk.left()) == ([], 1)


def test_an_oversized_form_is_refused_unread(desk: Desk) -> None:
    """More bytes than every button together would send: refused, nothing saved."""
    desk.talked()
    form = ShownForm(desk.show())
    answer = desk.browser().post(form.action, data=form.tapped(main="burnout", extra="x" * MAX_BODY))
    assert answer.status_code == 413
    assert (desk.coded(), desk.left()) == ([], 1)


def test_every_button_at_once_fits(desk: Desk) -> None:
    """The longest form that can be tapped is refused for its answers and not for its size."""
    desk.talked()
    form = ShownForm(desk.show())
    answers = form.tapped(main="burnout", more=form.offered["more"], orientations=form.offered["orientations"])
    assert desk.browser().post(form.action, data=answers).status_code == 400


def test_a_field_that_is_not_ours_is_ignored(desk: Desk) -> None:
    """There is no free text: whatever else is sent goes nowhere."""
    desk.talked()
    form = ShownForm(desk.show())
    assert desk.browser().post(form.action, data=form.tapped(main="burnout", comment="secret")).status_code == 303
    assert "secret" not in repr(desk.coded())


@pytest.mark.parametrize("call", ["", "0" * 16, "\x00", "'; DROP TABLE pool; --"])
def test_a_call_that_does_not_wait_is_refused(either_desk: Desk, call: str) -> None:
    """A form for another call than the waiting ones: told so, nothing saved."""
    either_desk.talked()
    form = ShownForm(either_desk.show())
    answer = either_desk.browser().post(form.action, data=form.tapped(main="burnout", call=call))
    assert answer.status_code == 409
    assert "Cet appel a été codé entre-temps" in answer.text
    assert (either_desk.coded(), either_desk.left()) == ([], 1)


def test_a_call_of_another_line_is_refused(desk: Desk) -> None:
    """The lists of one line can't code the call of another."""
    desk.talked(line="belgium")
    form = ShownForm(desk.show())
    answer = desk.browser().post(form.action, data=form.tapped(main="burnout", line="france"))
    assert answer.status_code == 409
    assert desk.coded() == []


def test_nobody_codes_a_colleagues_call(desk: Desk) -> None:
    """A form posted at another person's link finds nothing of theirs to code."""
    desk.talked(BRECHT, "france")
    form = ShownForm(desk.show(BRECHT))
    answer = desk.browser().post(desk.path() + "/code", data=form.tapped(main="burnout"))
    assert answer.status_code == 409
    assert (desk.coded(), desk.left(BRECHT)) == ([], 1)


def test_reloading_an_answer_leads_to_the_page(desk: Desk) -> None:
    """Asking for the form's target without a form leads to the page, in the language that was chosen."""
    answer = desk.browser().get(desk.path() + "/code?lang=de")
    assert answer.status_code == 303
    assert answer.headers["Location"] == desk.path() + "?lang=de"
