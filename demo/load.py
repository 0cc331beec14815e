"""Loading the demo organisation through the product, month by month, on its own clock."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path

from django.utils.timezone import localdate

from demo import gaps, maturity, reviews, views
from demo.absences import go_away, leave, want_two_approvers
from demo.clock import TravellingClock
from demo.deliveries import (
    correct,
    deliver,
    deliver_foreign,
    have_worker_look,
    load_days,
    place,
)
from demo.finance import (
    close,
    draft_rules,
    make_rule,
    merge,
    record_foreign_rate,
    request,
    split_shared,
    switch_amazon_q_on,
)
from demo.happening import Happening
from demo.inboxes import choose_daily_mail, leave_mail_unsent, read_inboxes
from demo.people import Made, make_people_and_spaces
from demo.plan import (
    ABSENCES,
    DEPARTURES,
    FOREIGN,
    GAP_REQUESTS,
    NAME_MERGES,
    SECOND_APPROVER,
    SHARED,
    WORKLOADS,
    timeline,
)
from demo.plan.values import (
    FIRST_MONTH,
    Add,
    Comment,
    Confirm,
    Decide,
    RetractCase,
    ReviseCase,
    ReviseEstimate,
    SaveDraft,
    Step,
    Stop,
    Submit,
    When,
    Withdraw,
    ago,
    on,
)
from demo.steps import take
from valueboard.lib import formats
from valueboard.lib.months import add_months, month_of

Tell = Callable[[str], None]
CLOSING_DAY = 16
WORDS: dict[type[Step], str] = {
    SaveDraft: "draft",
    Submit: "Business Request",
    Withdraw: "withdrawal",
    Comment: "comment",
    Decide: "decision",
    Add: "workload",
    Confirm: "confirmation",
    ReviseEstimate: "revised estimate",
    ReviseCase: "revised case",
    RetractCase: "retracted case",
    Stop: "stop",
}


def load(clock: TravellingClock, until: datetime, tell: Tell) -> None:
    """Make everything, from 14 months before `until`, which is now, and let the clock run with it.

    Raise whatever an action raises: then the clock stays where it was, which tells the next load
    that this one was interrupted.
    """
    with place() as folder:
        _go_through(clock, sorted(_all(Made(localdate(until)), until, folder)), tell)


def _go_through(clock: TravellingClock, happenings: Sequence[Happening], tell: Tell) -> None:
    month, counted = month_of(happenings[0].moment.date()), Counter[str]()
    for happening in happenings:
        if month_of(happening.moment.date()) != month:
            tell(_line(month, counted))
            month, counted = month_of(happening.moment.date()), Counter()
        clock.travel(happening.moment)
        happening.do()
        counted[happening.what] += 1
    clock.arrive()
    tell(_line(month, counted))


def _all(made: Made, until: datetime, folder: Path) -> Iterator[Happening]:
    """Yield everything that happens; what comes first at a moment is done first."""
    today = made.today
    yield Happening(
        on(FIRST_MONTH, 1, hour=7).at(today), "organisation", partial(make_people_and_spaces, made)
    )
    yield Happening(on(FIRST_MONTH, 2).at(today), "signal", partial(switch_amazon_q_on, made))
    yield Happening(on(FIRST_MONTH, 2).at(today), "choice", partial(choose_daily_mail, made))
    for when in (*(on(month, 28, hour=18) for month in range(FIRST_MONTH, 0)), ago(6)):
        yield Happening(when.at(today), "look into the inboxes", partial(read_inboxes, made))
    for moment, planned, step in timeline(today):
        yield Happening(moment, WORDS[type(step)], partial(take, step, planned, made))
    for planned in WORKLOADS:
        if planned.spend and planned.rule:
            known = next(s.when for s in planned.steps if isinstance(s, (Submit, Add)))
            rule = partial(make_rule, planned, planned.rule, made)
            yield Happening(known.at(today), "rule", rule)
    yield from _bills(made, until, folder)
    yield Happening(until, "draft of rules", partial(draft_rules, made))
    yield Happening(until, "end of the past", leave_mail_unsent)
    since, above = SECOND_APPROVER
    yield Happening(since.at(today), "threshold", partial(want_two_approvers, above, made))
    for absence in ABSENCES:
        yield Happening(absence.when.at(today), "delegation", partial(go_away, absence, made))
    for left in DEPARTURES:
        yield Happening(left.when.at(today), "departure", partial(leave, left, made))
    for asked in GAP_REQUESTS:
        yield Happening(asked.when.at(today), "gap request", partial(request, asked, made))
    for merged in NAME_MERGES:
        yield Happening(merged.when.at(today), "merge of names", partial(merge, merged, made))
    for part in (gaps, views, reviews, maturity):
        yield from part.happenings(made, until)


def _bills(made: Made, until: datetime, folder: Path) -> Iterator[Happening]:
    """Yield what is delivered, and what finance does about it."""
    today = made.today
    for moment in load_days(today):
        load_bill = partial(deliver, folder, moment.date(), today)
        yield Happening(moment, "load of the bill", load_bill)
    yield Happening(until, "load of the bill", partial(deliver, folder, today, today))
    yield Happening(SHARED.when.at(today), "rule", partial(split_shared, made))
    yield Happening(FOREIGN.when.at(today), "rate", partial(record_foreign_rate, made))
    for moment in (*load_days(today, FOREIGN.first), until):
        load_bill = partial(deliver_foreign, folder, localdate(moment), today)
        yield Happening(moment, "load of the bill", load_bill)
    closed = [month for month in range(FIRST_MONTH, 0) if _closes(month).at(today) <= until]
    for month in closed:
        close_it = partial(close, add_months(month_of(today), month), made)
        yield Happening(_closes(month).at(today), "closing", close_it)
    late = partial(correct, folder, add_months(month_of(today), closed[-1]), today)
    yield Happening(until, "late delivery", late)
    yield Happening(until, "export", partial(have_worker_look, made))


def _closes(month: int) -> When:
    """Return when finance closes a month: on the 16th of the next one, early."""
    return on(month + 1, CLOSING_DAY, hour=1)


def _line(month: date, counted: Counter[str]) -> str:
    return f"{formats.month(month)}: " + ", ".join(f"{n} × {what}" for what, n in counted.items())
