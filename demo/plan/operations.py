"""The workloads of Operations and of Logistics."""

from decimal import Decimal

from demo.plan.organisation import (
    FELIX,
    LENA,
    LOGISTICS,
    NOOR,
    OMAR,
    OPERATIONS,
    PLANT,
    PRIYA,
    TESS,
)
from demo.plan.services import CLAUDE, GPU, PROFILE, SAGEMAKER
from demo.plan.values import (
    AGREED,
    NO_VALUE,
    OTHER_REASON,
    REJECTED,
    Add,
    Comment,
    Decide,
    ReviseEstimate,
    SaveDraft,
    ago,
    estimate,
    on,
    revenue,
    saving,
)
from demo.plan.workload import (
    PlannedWorkload,
    RulePlan,
    added,
    planned,
    requested,
)

_MAINTENANCE = estimate("20000", "0", first=-12, months=24)
_QUALITY = estimate("30000", "0", first=-6, months=12)
_CODE = estimate("96000", "1", first=-12, months=36)
_SHIFTS = estimate("6000", "3", first=2, months=9)
_SAFETY = estimate("1500", "0", first=-9, months=12)
_PROCUREMENT = estimate("22000", "1", first=-7, months=24)
_TENDERS = estimate("4000", "0", first=1, months=12)
_ROUTES = estimate("14000", "0", first=-10, months=24)
_CUSTOMS = estimate("10000", "5", first=-3, months=6)
_DELIVERY = estimate("10000", "5", first=-24, months=30)
_SLOTTING = estimate("16000", "2", first=-5, months=18)
_DAMAGE = estimate("3000", "0", first=1, months=12)

WORKLOADS = (
    PlannedWorkload(
        name="Predictive maintenance",
        purpose="Finds machines that will fail within a week.",
        space=OPERATIONS,
        owner=OMAR,
        steps=requested(
            on(-13, 8), on(-13, 23), _MAINTENANCE,
            saving("Unplanned standstill of line 2", "2400000", "10",
                   "Standstills of two years that the model would have seen.", "no"),
            "Even at best it only pays for itself; agreed as a first step.", by=PRIYA,
        ),
        spend=(planned(_MAINTENANCE, GPU, "1.03"),),
        rule=RulePlan(account=PLANT),
        band="thin", multiple="1.00×",
    ),
    PlannedWorkload(
        name="Visual quality inspection",
        purpose="Looks for scratches and dents at the end of each line.",
        space=OPERATIONS,
        owner=OMAR,
        steps=requested(
            on(-7, 9), on(-6, 5), _QUALITY,
            saving("Inspection by hand and complaints", "3599990", "10",
                   "Estimate of the line managers.", "not_known"),
            "The value is not shown. Funded because two customers demand full inspection.",
            by=NOOR, acknowledgement=OTHER_REASON,
        ),
        spend=(planned(_QUALITY, SAGEMAKER, "1.01"),),
        band="weak", multiple="0.99×",
    ),
    PlannedWorkload(
        name="Code assistant",
        purpose="Helps 900 developers to write, test and explain code.",
        space=OPERATIONS,
        owner=OMAR,
        steps=requested(
            on(-13, 7), on(-13, 22), _CODE, None,
            "Nobody could name a figure that we would believe. Funded knowingly for the "
            "developers' sake, to be asked again.",
            by=PRIYA, acknowledgement=NO_VALUE,
        ),
        spend=(planned(_CODE, PROFILE, "0.72"),),
        band="unbacked",
    ),
    PlannedWorkload(
        name="Shift planning",
        purpose="Proposes rosters for two plants.",
        space=OPERATIONS,
        owner=OMAR,
        steps=requested(
            on(-1, 4), on(-1, 12), _SHIFTS,
            saving("Overtime and agency workers", "800000", "20",
                   "Rosters of one quarter, planned again by the model."),
            "Agreed; begins when the works council has signed.", by=PRIYA,
        ),
        band="marginal", multiple="1.96×",
    ),
    PlannedWorkload(
        name="Safety reports",
        purpose="Drafts the report after an incident.",
        space=OPERATIONS,
        owner=OMAR,
        steps=(
            *requested(
                on(-10, 8), on(-10, 16), _SAFETY,
                saving("Writing of incident reports", "150000", "30",
                       "Hours of safety officers, asked for two months."),
                "Small, and the officers want it.", by=NOOR,
            ),
            ReviseEstimate(
                on(-3, 6), estimate=_SAFETY.revised("1600", -3),
                reason="Reports now include photos.",
            ),
            ReviseEstimate(
                on(-2, 6), estimate=_SAFETY.revised("4000", -2),
                reason="Every near miss would get a report of its own.",
            ),
            Decide(
                on(-2, 14), NOOR, outcome=REJECTED,
                rationale="Nobody reads reports on near misses; the figures in force go on.",
            ),
        ),
        spend=(planned(_SAFETY, CLAUDE, changes=((-3, Decimal("1.06")),)),),
        band="solid", multiple="2.41×",
    ),
    PlannedWorkload(
        name="Procurement copilot",
        purpose="Compares offers and drafts orders.",
        space=OPERATIONS,
        owner=OMAR,
        steps=(
            *requested(
                on(-8, 12), on(-8, 25), _PROCUREMENT,
                saving("Indirect purchasing", "6000000", "9",
                       "Price differences found in a sample of 500 orders."),
                "Agreed on the sample; finance takes part in the next one.", by=PRIYA,
            ),
            ReviseEstimate(
                ago(6), estimate=_PROCUREMENT.revised("31000", 1),
                reason="Twice as many buyers as planned.",
            ),
            Comment(
                ago(5), who=FELIX,
                text="The last three months were above plan already. Is that the same cause?",
            ),
            Comment(ago(4), who=OMAR, text="Yes: the new buyers came in three groups."),
            Decide(
                ago(3), PRIYA, acknowledgement=AGREED, first=True,
                rationale="The buyers are there and use it; the case grows with them.",
            ),
        ),
        # Over plan in its second month too, which passed: a gap that came back.
        spend=(
            planned(
                _PROCUREMENT,
                CLAUDE,
                changes=((-6, Decimal("1.36")), (-5, 1 / Decimal("1.36")), (-3, Decimal("1.36"))),
            ),
        ),
        band="marginal", multiple="1.93×",
    ),
    PlannedWorkload(
        name="Tender drafting",
        purpose="Drafts answers to public tenders.",
        space=OPERATIONS,
        owner=OMAR,
        steps=(SaveDraft(ago(3), estimate=_TENDERS),),
    ),
    PlannedWorkload(
        name="Route planning",
        purpose="Plans the tours of 140 vans each night.",
        space=LOGISTICS,
        owner=LENA,
        steps=(
            *requested(
                on(-11, 9), on(-11, 24), _ROUTES,
                saving("Fuel and subcontracted tours", "3100000", "8.5",
                       "Four weeks of tours in one region, planned twice."),
                "Measured against the old planner. Agreed.", by=PRIYA,
            ),
            ReviseEstimate(
                on(-4, 8), estimate=_ROUTES.revised("19000", -4),
                reason="A second region was added.",
            ),
            Decide(
                on(-4, 22), NOOR, acknowledgement=AGREED,
                rationale="The second region was decided by the management.",
            ),
        ),
        spend=(planned(_ROUTES, CLAUDE, changes=((-5, Decimal("1.34")),)),),
        band="marginal", multiple="1.33×",
    ),
    PlannedWorkload(
        name="Customs documents",
        purpose="Reads customs papers and fills in the declaration.",
        space=LOGISTICS,
        owner=LENA,
        steps=requested(
            on(-4, 11), on(-4, 24), _CUSTOMS,
            saving("Customs clerks of an agency", "800000", "25",
                   "Pilot on one border, clerks' corrections taken off."),
            "Half a year until the new customs system takes over.", by=PRIYA,
        ),
        spend=(planned(_CUSTOMS, CLAUDE, "1.02"),),
        band="marginal", multiple="1.47×",
    ),
    PlannedWorkload(
        name="Delivery time estimates",
        purpose="Tells customers when the parcel comes.",
        space=LOGISTICS,
        owner=TESS,
        steps=added(
            on(-13, 8), on(-13, 22), _DELIVERY,
            revenue("protect by churn", "Express delivery", "12000000", "5",
                    "Cancellations before and after the promise was shown."),
            "Long in use. The estimate is that of its own budget.", by=PRIYA,
        ),
        spend=(planned(_DELIVERY, SAGEMAKER, "0.96"),),
        band="marginal", multiple="1.36×",
    ),
    PlannedWorkload(
        name="Warehouse slotting",
        purpose="Decides which article lies where.",
        space=LOGISTICS,
        owner=LENA,
        # Its estimate was never confirmed.
        steps=(
            Add(
                on(-5, 12), estimate=_SLOTTING,
                case=saving("Walking in two warehouses", "1900000", "12",
                            "Simulation on the orders of one month."),
            ),
        ),
        spend=(planned(_SLOTTING, SAGEMAKER, "1.1"),),
        band="not_scored",
    ),
    PlannedWorkload(
        name="Damage claims",
        purpose="Judges photos of damaged parcels.",
        space=LOGISTICS,
        owner=LENA,
        # Not confirmed and without spend: no area, so the board names it under the map.
        steps=(
            Add(
                ago(9), estimate=_DAMAGE,
                case=saving("Settling of small claims", "400000", "15",
                            "Claims below 50 dollars that nobody needs to look at."),
            ),
        ),
        band="not_scored",
    ),
)  # fmt: skip
