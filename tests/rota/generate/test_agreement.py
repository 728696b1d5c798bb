from hypothesis import given

from rota.generate.anneal import solve
from rota.generate.problem import Candidate, Problem
from rota.limits import Finding, findings
from rota.model import Shift
from rota.staff import Absence, Staff
from tests.rota.generate.strategies import problems


def found(problem: Problem, candidate: Candidate, seats: list[int]) -> set[Finding]:
    """What whoever edits the rota would be told of somebody with these seats, and what they hold beside them."""
    person = candidate.person
    staff = {
        person: Staff(person, "Somebody", candidate.skills, candidate.tiers, candidate.share, "", candidate.limits)
    }
    shifts = [Shift(n, s.line, s.tier, person, s.start, s.end) for n, s in enumerate(problem.seats) if n in seats]
    shifts += [Shift(1000 + n, h.line, 1, person, h.start, h.end) for n, h in enumerate(candidate.held)]
    away = [Absence(span.start, span.end, n, person) for n, span in enumerate(candidate.absent)]
    return set(findings(shifts, staff, away, problem.zones))


@given(problems())
def test_what_is_generated_gives_no_cause_for_a_finding(problem: Problem) -> None:
    """The limits that every edit is held against find nothing wrong with what an engine gave away."""
    solution = solve(problem, 0, steps=1000)
    for candidate in problem.candidates:
        seats = [n for n, holder in enumerate(solution.holders) if holder == candidate.person]
        for finding in found(problem, candidate, seats):
            given = [n for n in finding.shifts if n < 1000 and n not in problem.fixed]
            assert not given, finding
