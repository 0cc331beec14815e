"""The workloads of Commerce and of Search and Discovery."""

from demo.plan.organisation import COMMERCE, NOOR, OLIVIA, PRIYA, SEARCH, SOFIA
from demo.plan.services import CLAUDE, EMBEDDINGS, NOVA, PROFILE, SAGEMAKER
from demo.plan.values import (
    NO_VALUE,
    ReviseCase,
    Submit,
    estimate,
    on,
    revenue,
    saving,
)
from demo.plan.workload import (
    PlannedWorkload,
    added,
    planned,
    requested,
)

_DESCRIPTIONS = estimate("36000", "3", first=-7, months=24)
_REVIEWS = estimate("4000", "0", first=-5, months=12)
_FIT = estimate("10000", "0", first=-6, months=12)
_PRICES = estimate("60000", "2", first=-15, months=36)
_BASKET = estimate("200000", "1.5", first=-20, months=36)
_STORE = estimate("2500", "0", first=-12, months=4)
_COACH = estimate("6500", "0", first=-2, months=12)
_SEMANTIC = estimate("25000", "0", first=-10, months=24)
_REWRITING = estimate("12500", "0", first=-4, months=12)
_VISUAL = estimate("40000", "1", first=-9, months=24)
_CATALOGUE = estimate("220", "0", first=-8, months=12)


_BASKET_CASE = revenue(
    "grow by conversion", "Orders in the web shop", "310000000", "2.5",
    "Hold-out group of one in ten visitors over eight weeks.",
)  # fmt: skip
_VISUAL_CASE = revenue(
    "grow by conversion", "Orders that begin in the app", "42000000", "4",
    "Pilot in two categories, scaled to all of them.",
)  # fmt: skip

WORKLOADS = (
    PlannedWorkload(
        name="Product descriptions",
        purpose="Drafts product texts in nine languages for editors to approve.",
        space=COMMERCE,
        owner=OLIVIA,
        steps=requested(
            on(-8, 5), on(-8, 12), _DESCRIPTIONS,
            saving("Outside copywriting and translation", "14000000", "24",
                   "Pilot on 6,000 products: a third less agency time after editing."),
            "The pilot's time sheets agree with the agency's invoices.", by=PRIYA,
        ),
        spend=(planned(_DESCRIPTIONS, CLAUDE, "0.98"),),
        band="strong", multiple="6.57×",
    ),
    PlannedWorkload(
        name="Review summaries",
        purpose="Sums up customer reviews on product pages.",
        space=COMMERCE,
        owner=OLIVIA,
        steps=requested(
            on(-6, 9), on(-6, 20), _REVIEWS,
            saving("Moderation of customer reviews", "1200000", "20",
                   "Moderators read summaries first and open one review in five."),
            "Small and easy to stop. Agreed after talking to moderation.", by=NOOR,
        ),
        spend=(planned(_REVIEWS, PROFILE, "1.03"),),
        band="strong", multiple="5.00×",
    ),
    PlannedWorkload(
        name="Size and fit adviser",
        purpose="Answers questions on size and fit on fashion pages.",
        space=COMMERCE,
        owner=OLIVIA,
        steps=requested(
            on(-7, 11), on(-6, 8), _FIT,
            revenue("grow by conversion", "Fashion in the web shop", "59999900", "1",
                    "A/B test over six weeks on shoes and trousers."),
            "The test was long enough; the base is last year's revenue.", by=PRIYA,
        ),
        # A trial ran before anybody had confirmed the estimate.
        spend=(planned(_FIT, CLAUDE, "0.95", first_day=2),),
        band="solid", multiple="4.99×",
    ),
    PlannedWorkload(
        name="Price forecasts",
        purpose="Forecasts demand and proposes markdowns for 40,000 articles.",
        space=COMMERCE,
        owner=OLIVIA,
        steps=added(
            on(-13, 6), on(-13, 20), _PRICES,
            saving("Margin given away by late markdowns", "18200000", "15",
                   "Back-test on the two seasons before.", "no"),
            "Ran before ValueBoard came; the estimate follows the last invoices.", by=PRIYA,
        ),
        spend=(planned(_PRICES, SAGEMAKER, "1.02"),),
        band="solid", multiple="2.67×",
    ),
    PlannedWorkload(
        name="Basket recommendations",
        purpose="Ranks what else fits the basket, for every visitor.",
        space=COMMERCE,
        owner=OLIVIA,
        steps=(
            *added(
                on(-13, 7), on(-13, 21), _BASKET, _BASKET_CASE,
                "The largest AI workload of the house; figures from its own invoices.", by=NOOR,
            ),
            ReviseCase(
                on(-4, 14),
                case=revenue(
                    "grow by conversion", "Orders in the web shop", "310000000", "3",
                    "Hold-out group repeated with the new ranking.",
                ),
                reason="The new ranking raised the hold-out difference.",
            ),
        ),
        spend=(planned(_BASKET, SAGEMAKER, "0.99"),),
        band="solid", multiple="2.98×",
    ),
    PlannedWorkload(
        name="Store chat pilot",
        purpose="Answered questions on tablets in three stores; over.",
        space=COMMERCE,
        owner=OLIVIA,
        steps=requested(
            on(-13, 10), on(-13, 24), _STORE,
            saving("Service desks in three stores", "300000", "5",
                   "Estimate of the store managers.", "not_known"),
            "A pilot of four months, to learn from.", by=PRIYA,
        ),
        spend=(planned(_STORE, CLAUDE, "0.9", last=-9),),
    ),
    PlannedWorkload(
        name="Sales call coach",
        purpose="Listens to sales calls and suggests the next question.",
        space=COMMERCE,
        owner=OLIVIA,
        # Submitted when it already ran: claimed by its spend, not by a decision.
        steps=(Submit(on(-1, 6), estimate=_COACH),),
        spend=(planned(_COACH, CLAUDE),),
        band="unbacked",
    ),
    PlannedWorkload(
        name="Semantic product search",
        purpose="Finds products by meaning where words do not match.",
        space=SEARCH,
        owner=SOFIA,
        steps=requested(
            on(-11, 6), on(-11, 19), _SEMANTIC,
            revenue("grow by conversion", "Orders that begin with a search", "24000000", "2.5",
                    "Interleaved ranking test over four weeks."),
            "Interleaving is the right test for this; agreed.", by=PRIYA,
        ),
        spend=(planned(_SEMANTIC, EMBEDDINGS, "0.97"),),
        band="solid", multiple="2.00×",
    ),
    PlannedWorkload(
        name="Search query rewriting",
        purpose="Rewrites misspelt and long queries before the search runs.",
        space=SEARCH,
        owner=SOFIA,
        steps=requested(
            on(-5, 8), on(-5, 21), _REWRITING,
            revenue("grow by conversion", "Orders after a search without results", "29999900",
                    "1", "Share of empty result pages before and after, on one market."),
            "Plausible; the share of empty result pages is measured anyway.", by=NOOR,
        ),
        spend=(planned(_REWRITING, NOVA, "0.6"),),
        band="marginal", multiple="1.99×",
    ),
    PlannedWorkload(
        name="Visual search",
        purpose="Finds products from a photo taken in the app.",
        space=SEARCH,
        owner=SOFIA,
        steps=(
            *requested(
                on(-10, 7), on(-10, 18), _VISUAL, _VISUAL_CASE,
                "Two categories are few, but the cost of trying is known.", by=PRIYA,
            ),
            ReviseCase(
                on(-3, 16),
                case=revenue(
                    "grow by conversion", "Orders that begin in the app", "42000000", "1.3",
                    "Half a year of use: photos are searched far less than in the pilot.",
                ),
                reason="Use stayed below the pilot's.",
            ),
        ),
        spend=(planned(_VISUAL, CLAUDE, "1.05"),),
        band="thin", multiple="1.07×",
    ),
    PlannedWorkload(
        name="Catalogue embeddings",
        purpose="Refreshes the vectors of the catalogue every night.",
        space=SEARCH,
        owner=SOFIA,
        steps=requested(
            on(-9, 5), on(-9, 9), _CATALOGUE, None,
            "Plumbing of the search workloads; too small for a case of its own.",
            by=NOOR, acknowledgement=NO_VALUE,
        ),
        spend=(planned(_CATALOGUE, EMBEDDINGS),),
        band="unbacked",
    ),
)  # fmt: skip
