"""What the rota refuses with is an English sentence, for the command line; here is which text of the pages says it.

A sentence that isn't here is shown as it is, marked as English; a test finds those of the rota that aren't.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

NAMED: tuple[tuple[str, str], ...] = (
    # Absences, leaving.
    (r"(?P<name>.+) is away then already \(absence", "refused-away-already"),
    (r"nobody is (away|on call) for (?P<n>\d+) days", "refused-too-long"),
    (r"there is no absence \d+", "refused-absence-gone"),
    (r"(?P<name>.+) has left already", "refused-left"),
    (r"(?P<name>.+) (leaves then|stays) already: nothing", "refused-nothing"),
    (r"nobody has the number", "refused-person-gone"),
    # Overrides, and being off for a while.
    (r"an override needs somebody", "refused-somebody"),
    (r"nobody can stand in for themselves", "refused-themselves"),
    (r"(?P<name>.+) isn't on call( on .+)? then: ", "refused-not-on-call"),
    (r"another override holds that seat from (?P<start>.+) to (?P<end>.+): keep clear", "refused-override-there"),
    (r".+ has \d+ tiers: say in which", "refused-which-tier"),
    (r"somebody can be off for up to (?P<n>\d+) hours", "refused-off-too-long"),
    (r".+ would have .+ insist with --even-alone", "refused-alone"),
    # Rotations.
    (r".+ has a rotation '?(?P<name>.+?)'? already, from ", "refused-rotation-there"),
    (r"a rotation's name has 1 to (?P<n>\d+) characters", "refused-rotation-name"),
    (r".+ has no rotation |rotation .+ has ended by ", "refused-rotation-gone"),
    (r"rotation .+ has nobody in it", "refused-rotation-empty"),
    (r"(?P<name>.+) may not hold tier (?P<tier>\d+)", "refused-may-not-hold"),
    (r"(?P<name>.+) has left by ", "refused-has-left"),
    # Taking back.
    (r"edit \d+ has been undone already", "refused-undone-already"),
    (r"edit \d+ ended an absence and changed no shifts", "refused-undo-absence-end"),
    (r"edit \d+ changed no shifts: take it back", "refused-undo-swap"),
    (r"edit \d+ changed somebody's details", "refused-undo-person"),
    (r"edit \d+ took back edit \d+", "refused-undo-undo"),
    (r"edit \d+ can't be undone: |rotation .+ has been changed since: undo", "refused-changed-since"),
    # Rules.
    (r".+ has no tier \d+: its tiers are 1 to (?P<n>\d+)", "refused-no-tier"),
    (r"a rule can't ask for \d+ people: write at most (?P<n>\d+)", "refused-too-many"),
    (r"a soft rule of all tiers without a language", "refused-rule-says-nothing"),
    (r"the rule would end on .+ before it begins", "refused-end-before-start"),
    (r".+ knows no public holidays", "refused-no-holidays"),
    (r"there is no rule \d+|rule \d+ ends on .+ already", "refused-rule-gone"),
    (r"rule \d+ begins on (?P<day>.+?) only", "refused-rule-begins"),
    # What is to be said of a rule that is made.
    (r"rule \d+ asks for the same people .+: their seats", "ruled-add-up"),
    (r"rule \d+ asks for the same people .+: one of them", "ruled-one-enough"),
    (r"it asks for (?P<n>\d+), and only (?P<fit>\d+) of", "ruled-too-few"),
    (r"until now .+ asked for one person in each tier, always; from (?P<day>.+?) on", "ruled-first-seats"),
    (r"until now .+ asked for each language .+; from (?P<day>.+?) on", "ruled-first-languages"),
    (r".+ has no such rule any more from (?P<day>.+?) on; it asks for one person", "ruled-last-seats"),
    (r".+ has no such rule any more from (?P<day>.+?) on; it asks for each lang", "ruled-last-languages"),
    (r"from (?P<day>.+?) on nothing asks for anybody in tier (?P<tier>\d+)", "ruled-unasked"),
    (r"from (?P<day>.+?) on .+ may ask for nobody from (?P<start>.+) to (?P<end>.+):", "ruled-hours-unasked"),
    # Swaps and open seats.
    (r"swap \d+ hasn't been accepted yet", "refused-swap-not-accepted"),
    (r"swap \d+ has been accepted by somebody already", "refused-swap-accepted"),
    (r"swap \d+ has been made already", "refused-swap-made"),
    (r"swap \d+ has been refused", "refused-swap-refused"),
    (r"swap \d+ has been withdrawn|there is no swap \d+", "refused-swap-withdrawn"),
    (r"swap \d+ is void|swap \d+ can't be given back", "refused-swap-void"),
    (r"swap \d+ isn't theirs|swap \d+ is offered to somebody else|they got no shift by", "refused-swap-not-theirs"),
    (r"swap \d+ is their own offer|(?P<name>.+) holds shift \d+: offer it", "refused-swap-own"),
    (r"swap \d+ asks for (a |no )?shift", "refused-swap-back"),
    (r"shift .+ is in swap \d+ already", "refused-swap-second"),
    (r"shift \d+ is (?P<name>.+)'s: offer to them", "refused-swap-holder"),
    (r"shift \d+ is (?P<name>.+)'s: it isn't open any more", "refused-taken"),
    (r"nobody holds shift \d+", "refused-open-seat"),
    (r"shift \d+ has begun", "refused-begun"),
    # Seats of the calendar.
    (r"that is not within the shift", "refused-outside"),
    (r"nothing is missing then", "refused-nothing-missing"),
    (r"shift \d+ is already as you want it|both shifts are in the same hands", "refused-same-hands"),
    (r"something has been changed there since", "refused-gone"),
    # Proposals.
    (r"proposal \d+ (has been applied already|was applied)", "refused-proposal-applied"),
    (r"the rota has changed since proposal", "refused-proposal-old"),
    (r"proposal \d+ (is|names) ", "refused-proposal-over"),
    # Whatever has changed meanwhile, or is over.
    (r"the rota has been changed meanwhile", "refused-moved"),
    (r".*the past (stays|doesn't change)|.* (is over: the|can't end in the) past|.*in the past", "refused-past"),
    (r"there is no (shift|edit|proposal|line) ", "refused-gone"),
)
"""Beginning of a sentence -> key of a text. Groups are what the text fills in."""
_KNOWN = tuple((re.compile(pattern, re.DOTALL), key) for pattern, key in NAMED)


def find(sentence: str) -> tuple[str, Mapping[str, str]] | None:
    """The key of the text that says it, and what the text names; None for a sentence that nobody foresaw."""
    for pattern, key in _KNOWN:
        if found := pattern.match(sentence):
            return key, {name: value for name, value in found.groupdict().items() if value is not None}
    return None
