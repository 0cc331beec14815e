"""A second, simple model of the method, to hold the demo's plan and the product to.

It shares no arithmetic with the product: months are whole numbers counted from the current one,
amounts are fractions, and everything is a loop.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from business_cases.case import CaseTerms
from demo.plan.values import (
    Add,
    Confirm,
    Decide,
    Estimate,
    RetractCase,
    ReviseCase,
    ReviseEstimate,
    SaveDraft,
    Submit,
    Withdraw,
)
from demo.plan.workload import PlannedWorkload

BOUNDS = (
    ("strong", Fraction(5)),
    ("solid", Fraction(2)),
    ("marginal", Fraction(5, 4)),
    ("thin", Fraction(1)),
    ("weak", Fraction(0)),
)


@dataclass
class State:
    """What has come of a workload's steps."""

    in_force: list[Estimate] = field(default_factory=list)
    approved_sum: Fraction | None = None
    pending: Estimate | None = None
    estimates: int = 0
    cases: list[tuple[str, Fraction] | None] = field(default_factory=list)
    acknowledgements: list[str] = field(default_factory=list)
    request: str = ""
    added: bool = False

    @property
    def opportunity(self) -> Fraction | None:
        """The declared annual opportunity of the case as it now stands, in dollars."""
        return self.cases[-1][1] if self.cases and self.cases[-1] else None

    @property
    def claimed(self) -> bool:
        """Whether somebody claimed it; spend of its own may have done so too."""
        return self.added or bool(self.in_force)


def cents(amount: Fraction) -> Fraction:
    """Round half up to the cent."""
    return Fraction((amount * 200 + 1) // 2, 100)


def month_cost(in_force: list[Estimate], month: int) -> Fraction:
    """What `month` is projected to cost: the latest terms that were effective by then."""
    terms = next((e for e in reversed(in_force) if e.effective <= month), None)
    if terms is None or not terms.first <= month < terms.first + terms.months:
        return Fraction(0)
    cost = Fraction(terms.monthly)
    for _ in range(month - terms.first):
        cost *= 1 + Fraction(terms.growth) / 100
    return cost


def year_cost(in_force: list[Estimate], year: int) -> tuple[Fraction, int]:
    """The cost of a funding year and its number of funded months."""
    window = in_force[-1]
    months = range(
        window.first + 12 * year, min(window.first + 12 * year + 12, window.first + window.months)
    )
    funded = [m for m in months if any(e.effective <= m for e in in_force)]
    return cents(sum((month_cost(in_force, m) for m in funded), Fraction(0))), len(funded)


def current_year(in_force: list[Estimate]) -> int:
    """The funding year that holds the current month, the nearest one outside the funding."""
    window = in_force[-1]
    return min(max(-window.first // 12, 0), (window.months - 1) // 12)


def term_sum(in_force: list[Estimate]) -> Fraction:
    """The cost of the whole term."""
    years = -(-in_force[-1].months // 12)
    return sum((year_cost(in_force, year)[0] for year in range(years)), Fraction(0))


def replay(workload: PlannedWorkload) -> State:
    """Go through the steps of a workload."""
    state = State()
    for step in workload.steps:
        if isinstance(step, (SaveDraft, Submit, Withdraw, Decide)):
            move(state, step)
        if isinstance(step, (Submit, Add)):
            state.added = isinstance(step, Add)
            state.pending, state.estimates = step.estimate, state.estimates + 1
        if isinstance(step, (Submit, Add, ReviseCase)) and step.case:
            state.cases.append((step.case.value_type.value, opportunity(step.case)))
        if isinstance(step, RetractCase):
            state.cases.append(None)
        if isinstance(step, Confirm):
            confirm(state)
        if isinstance(step, ReviseEstimate):
            revise(state, step)
    return state


def move(state: State, step: SaveDraft | Submit | Withdraw | Decide) -> None:
    """Move the request to its next state."""
    if isinstance(step, Decide) and step.first:
        # The first of two: nothing else comes of it.
        state.acknowledgements.append(step.acknowledgement)
    elif isinstance(step, Decide):
        state.request = step.outcome
        if step.outcome == "rejected" and state.in_force:
            state.pending = None
        if step.outcome == "approved":
            state.acknowledgements.append(step.acknowledgement)
            confirm(state)
    else:
        states = {SaveDraft: "draft", Submit: "submitted", Withdraw: "withdrawn"}
        state.request = states[type(step)]


def revise(state: State, step: ReviseEstimate) -> None:
    """Append an estimate; within a tenth of the sum approved last it is in force at once."""
    state.pending, state.estimates = step.estimate, state.estimates + 1
    allowed = (state.approved_sum or Fraction(0)) * Fraction(11, 10)
    if state.in_force and term_sum([*state.in_force, step.estimate]) <= allowed:
        state.in_force.append(step.estimate)
        state.pending = None
    elif state.in_force:
        state.request = "submitted"


def confirm(state: State) -> None:
    """Bring the estimate that waits into force."""
    assert state.pending, "there is an estimate to confirm"
    state.in_force.append(state.pending)
    state.pending, state.approved_sum = None, term_sum(state.in_force)


def opportunity(case: CaseTerms) -> Fraction:
    """C × p / 100, to the cent."""
    return cents(Fraction(case.current_amount) * Fraction(case.percent) / 100)


def score(state: State) -> Fraction | None:
    """The Investment Prospect of today, None without one."""
    if state.opportunity is None or not state.in_force:
        return None
    cost, funded = year_cost(state.in_force, current_year(state.in_force))
    return state.opportunity * funded / 12 / cost


def band(state: State) -> str:
    """The band of today."""
    if state.opportunity is None:
        return "unbacked"
    ratio = score(state)
    if ratio is None:
        return "not_scored"
    return next(name for name, bound in BOUNDS if ratio >= bound)


def shown(ratio: Fraction | None) -> str:
    """The score as the board prints it: rounded down to two decimals."""
    if ratio is None:
        return ""
    assert ratio < 10, "the demo has no score of two digits"
    hundredths = ratio * 100 // 1
    return f"{hundredths // 100}.{hundredths % 100:02}×"
