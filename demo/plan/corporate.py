"""The workloads of Corporate Functions."""

from demo.plan.organisation import CORA, CORPORATE, FELIX, NOOR, PRIYA
from demo.plan.services import AMAZON_Q, CLAUDE, NOVA
from demo.plan.values import (
    REJECTED,
    RETURNED,
    Comment,
    Decide,
    ReviseCase,
    SaveDraft,
    Submit,
    Withdraw,
    ago,
    estimate,
    on,
    saving,
)
from demo.plan.workload import (
    PlannedWorkload,
    RulePlan,
    added,
    planned,
    requested,
)

_CONTRACTS = estimate("10000", "5", first=-6, months=12)
_MEETINGS = estimate("9500", "0", first=-13, months=36)
_EXPENSES = estimate("4200", "0", first=-7, months=12)
_POLICIES = estimate("2800", "1", first=1, months=12)
_INVOICES = estimate("12000", "2", first=1, months=24)
_HANDBOOK = estimate("900", "0", first=-2, months=12)
_LOBBY = estimate("15000", "0", first=-3, months=12)

WORKLOADS = (
    PlannedWorkload(
        name="Contract review",
        purpose="Reads contracts and marks risky clauses.",
        space=CORPORATE,
        owner=CORA,
        steps=(
            SaveDraft(on(-7, 6), estimate=_CONTRACTS),
            *requested(
                on(-7, 8), on(-7, 21), _CONTRACTS,
                saving("Outside counsel", "4600000", "25",
                       "A pilot on 400 contracts, lawyers' time included."),
                "The pilot's invoices were checked. Agreed.", by=PRIYA,
            ),
            ReviseCase(
                on(-2, 9),
                case=saving("Outside counsel", "4600000", "10",
                            "Half a year of invoices: only standard contracts stay in the house."),
                reason="Counsel still reads everything that is not standard.",
            ),
        ),
        spend=(planned(_CONTRACTS, CLAUDE, "0.99"),),
        band="solid", multiple="2.88×",
    ),
    PlannedWorkload(
        name="Meeting notes",
        purpose="Writes minutes; an Amazon Q subscription for 500 people.",
        space=CORPORATE,
        owner=CORA,
        steps=added(
            on(-13, 9), on(-13, 23), _MEETINGS, None,
            "The subscription runs for three years; the price is fixed.", by=PRIYA,
        ),
        spend=(planned(_MEETINGS, AMAZON_Q),),
        rule=RulePlan(service="AmazonQ*"),
        band="unbacked",
    ),
    PlannedWorkload(
        name="Expense audit",
        purpose="Looks through expense reports for mistakes.",
        space=CORPORATE,
        owner=NOOR,
        # Rejected, and spending all the same.
        steps=(
            Submit(
                on(-6, 10), estimate=_EXPENSES,
                case=saving("Expenses paid by mistake", "350000", "20",
                            "Sample of one month, checked by hand."),
            ),
            Decide(
                on(-6, 22), PRIYA, outcome=REJECTED,
                rationale="The ledger system does this from next year. Please switch it off.",
            ),
        ),
        spend=(planned(_EXPENSES, NOVA),),
        band="not_scored",
    ),
    PlannedWorkload(
        name="Policy questions",
        purpose="Answers employees' questions on travel, leave and benefits.",
        space=CORPORATE,
        owner=NOOR,
        steps=(
            Submit(
                ago(4), estimate=_POLICIES,
                case=saving("Answering the same questions", "420000", "18",
                            "Tickets of one quarter that a page of the policy answers."),
            ),
        ),
    ),
    PlannedWorkload(
        name="Invoice matching",
        purpose="Matches invoices with orders and deliveries.",
        space=CORPORATE,
        owner=CORA,
        steps=(
            Submit(
                ago(24), estimate=_INVOICES,
                case=saving("Accounts payable", "2100000", "40", "A supplier's brochure.", "no"),
            ),
            Comment(
                ago(21), who=FELIX,
                text="How many of our invoices have an order that they could be matched with?",
            ),
            Decide(
                ago(17), PRIYA, outcome=RETURNED,
                rationale="A brochure is no basis. Please try 200 invoices and come back.",
            ),
            Comment(
                ago(15), who=CORA,
                text="We try it on 200 invoices of this month; about 70% of them have an order.",
            ),
        ),
    ),
    PlannedWorkload(
        name="Handbook translation",
        purpose="Translates the employee handbook.",
        space=CORPORATE,
        owner=CORA,
        steps=(Submit(on(-3, 9), estimate=_HANDBOOK), Withdraw(on(-3, 13))),
    ),
    PlannedWorkload(
        name="Lobby avatar",
        purpose="Greets visitors on a screen.",
        space=CORPORATE,
        owner=CORA,
        steps=(
            Submit(
                on(-4, 10), estimate=_LOBBY,
                case=saving("Reception desk", "240000", "30", "A guess.", "not_known"),
            ),
            Decide(
                on(-4, 15), PRIYA, outcome=REJECTED,
                rationale="Costs more than twice what it could save, and nobody asked for it.",
            ),
        ),
    ),
)  # fmt: skip
