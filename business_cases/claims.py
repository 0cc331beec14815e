"""What current cases claim of one cost or revenue stream, for who is concerned (docs/method.md 10).

Current are the cases of claimed workloads that have not ended, and of submitted requests. It
informs and never blocks. Whoever may not read a workload sees its name, its owner and what it
claims, and nothing else of it: not in a tooltip either.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from accounts.models import User
from accounts.policy import reads_everything
from business_cases.anchors import Anchor, Claimed, claimed, similar
from business_cases.case import CaseTerms
from business_cases.facts import Facts
from business_cases.figure_names import claims_about, workload_about
from business_cases.figures import CURRENCY, current_figure, opportunity_figure
from business_cases.moment import moment_of
from business_cases.names import Known, Merge, Merges, read_known
from business_cases.position import Position
from business_cases.reading import read_facts
from spaces.models import Workload, WorkloadState
from valueboard.lib.explained import What
from valueboard.lib.figure import About, Figure, Kind, Source, ValueType, total
from valueboard.lib.money import format_money


@dataclass(frozen=True, slots=True)
class Claimant:
    """One case on a name. `workload` is None for a request that is still being written."""

    terms: CaseTerms
    workload: Workload | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One case as a reader sees it; `current` and `url` only if they read the workload (`sees`).

    `spelt` is how the case names what it draws on, where that is not the name shown.
    """

    name: str
    owner: str
    opportunity: Figure
    current: Figure | None
    spelt: str
    url: str
    is_this: bool
    is_asked: bool
    sees: bool
    id: int = 0
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The sum of what is declared, the largest stated annual amount, and the share (derived)."""

    declared: Figure
    largest: Figure
    share: Figure
    is_over: bool

    def named(self, about: About) -> "Arithmetic":
        """Return it with the names of its figures' explanations."""
        saves = self.declared.value_type is ValueType.COST_SAVING
        what = What.TOTAL_COST_SAVING if saves else What.TOTAL_REVENUE_DRIVING
        return replace(
            self,
            declared=self.declared.explained_as(about.made(what)),
            largest=self.largest.explained_as(about.made(What.CLAIMED_LARGEST)),
            share=self.share.explained_as(about.made(What.CLAIMED_SHARE)),
        )


@dataclass(frozen=True, slots=True)
class Claims:
    """Every current case on one name, and what they come to; `sum` is None without a case.

    `merged` leads from the name as it was typed to `name`, which it counts as.
    """

    anchor: Anchor
    name: str
    rows: tuple[Row, ...]
    sum: Arithmetic | None
    merged: tuple[Merge, ...] = ()
    similar: tuple[str, ...] = ()

    @property
    def others(self) -> int:
        """Return how many cases beside the reader's own are on the name."""
        return sum(not row.is_this for row in self.rows)

    @property
    def is_over(self) -> bool:
        """Tell whether several cases together claim more than there is."""
        return self.sum is not None and self.sum.is_over

    @property
    def says(self) -> bool:
        """Tell whether there is anything to show."""
        return bool(self.others or self.merged or self.similar)


def current_claimants(
    known: Known, about: Anchor | None = None, facts: Facts | None = None
) -> dict[Anchor, list[Claimant]]:
    """Return the current cases on each name, or on the name that `about` counts as.

    In three queries, none where `facts` of these workloads were read. What a draft says is in none
    of them.
    """
    workloads = known.on(about)
    if not workloads:
        return {}
    facts = facts or read_facts(None, [known.known_at], only=workloads, whole=True)
    found: dict[Anchor, list[Claimant]] = defaultdict(list)
    for position in Position.all_of(facts, moment_of(facts, known.known_at)):
        terms = position.case
        if terms and not position.ended and position.id in known.current:
            anchor = known.said.end_of(Anchor.named(terms.value_type, terms.anchor))
            found[anchor].append(Claimant(terms, _as_then(position)))
    return found


def _as_then(position: Position) -> Workload:
    """Return a workload as it was at the moment of a position: to be read, never saved."""
    return Workload(
        pk=position.id,
        slug=position.slug,
        name=position.name,
        space_id=position.space_id,
        owner=User(pk=position.owner_id, name=position.owner),
        state=position.state,
    )


def claims_on(  # noqa: PLR0917 - what a form knows while it is being filled in
    user: User,
    value_type: ValueType,
    name: str,
    terms: CaseTerms | None,
    workload: Workload | None,
    known: Known | datetime,
) -> Claims:
    """Return what current cases claim of `name`, with `terms` as the reader's own case among them.

    The terms need not be recorded, and may be missing while only the name is typed; `workload` is
    the one that they are of, if there is one already. Names that are like it are named too.
    """
    known = known if isinstance(known, Known) else read_known(known)
    anchor = Anchor.named(value_type, name)
    found = _claims(user, anchor, name, Claimant(terms, workload) if terms else None, known)
    if found.merged or any(not row.is_this for row in found.rows):
        return found
    alike = [each.name for each in known.offered if each.value_type == value_type]
    return replace(found, similar=tuple(similar(name, alike)))


def claims_of(
    user: User,
    workload: Workload,
    case: CaseTerms | None,
    known: Known | datetime,
    facts: Facts | None = None,
) -> Claims | None:
    """Return what current cases claim of what a recorded case draws on, that one among them.

    None without a case. Only for who is concerned: see `business_cases.access.sees_claims`. The
    names are read where only the moment is known; `facts` are of all workloads that are on it.
    """
    if case is None:
        return None
    known = known if isinstance(known, Known) else read_known(known)
    anchor = Anchor.named(case.value_type, case.anchor)
    found = _claims(user, anchor, case.anchor, Claimant(case, workload), known, facts)
    return named(found, workload.slug)


def _claims(  # noqa: PLR0917 - as above
    user: User,
    anchor: Anchor,
    name: str,
    own: Claimant | None,
    known: Known,
    facts: Facts | None = None,
) -> Claims:
    workload = own.workload if own else None
    claimants = current_claimants(known, anchor, facts).get(known.said.end_of(anchor), [])
    others = [each for each in claimants if each.workload != workload]
    mine = [own] if own else []
    return build_claims(anchor, name, [*mine, *others], known.said, readable(user, others), mine)


def named(found: Claims, slug: str) -> Claims:
    """Return recorded claims with the names of their figures' explanations.

    `slug` is the workload whose page shows them. What is not the reader's to read is explained by
    what they see here, and by nothing else of it.
    """
    about, rows = claims_about(slug), list[Row]()
    for row in found.rows:
        own = workload_about(row.slug) if row.sees else about.part(str(row.id))
        rows.append(
            replace(
                row,
                opportunity=row.opportunity.explained_as(own.made(What.OPPORTUNITY)),
                current=row.current and row.current.explained_as(own.made(What.CURRENT)),
            )
        )
    return replace(found, rows=tuple(rows), sum=found.sum and found.sum.named(about))


def readable(user: User, claimants: Iterable[Claimant]) -> set[int]:
    """Return the ids of the claimants' workloads that a person reads (one query at most)."""
    ids = {each.workload.pk for each in claimants if each.workload}
    if not ids or reads_everything(user):
        return ids
    return set(Workload.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))


def build_claims(  # noqa: PLR0917 - what the value is made of
    anchor: Anchor,
    name: str,
    claimants: Sequence[Claimant],
    said: Merges,
    reads: set[int],
    own: Sequence[Claimant] = (),
) -> Claims:
    """Return the cases on a name as somebody sees who reads the workloads `reads`."""
    chain = said.chain(anchor)
    shown = chain[-1].into_name if chain else name
    rows = [_row(each, shown, reads, is_this=each in own) for each in claimants]
    order = sorted(rows, key=lambda row: (not row.is_this, -row.opportunity.amount, row.name))
    added = claimed([each.terms for each in claimants])
    return Claims(anchor, shown, tuple(order), _sum(added, order) if added else None, chain)


def _row(claimant: Claimant, name: str, reads: set[int], *, is_this: bool) -> Row:
    terms, workload = claimant.terms, claimant.workload
    opportunity, current = opportunity_figure(terms), current_figure(terms)
    if opportunity is None:
        message = "A case declares an opportunity."
        raise ValueError(message)
    sees = is_this or (workload is not None and workload.pk in reads)
    if not sees:
        # The sources of a figure say how it was reached, which is not theirs to read.
        opportunity = replace(opportunity, formula="As declared", sources=())
    return Row(
        name=workload.name if workload else "",
        owner=workload.owner.name if workload else "",
        opportunity=opportunity,
        current=current if sees else None,
        spelt=terms.anchor if sees and terms.anchor != name else "",
        url=workload.get_absolute_url() if workload and sees and not is_this else "",
        is_this=is_this,
        is_asked=sees and workload is not None and workload.state == WorkloadState.PROPOSED,
        sees=sees,
        id=workload.pk if workload else 0,
        slug=workload.slug if workload else "",
    )


def _sum(added: Claimed, rows: Sequence[Row]) -> Arithmetic:
    value_type = rows[0].opportunity.value_type
    zero = Figure(Decimal(0), CURRENCY, Kind.DECLARED, value_type)
    declared = total((row.opportunity for row in rows), zero)
    largest = replace(zero, amount=added.largest, formula="The largest stated annual amount")
    share = Figure(
        added.percent,
        "%",
        Kind.DERIVED,
        value_type,
        formula="Declared together ÷ the largest stated annual amount",
        sources=(
            Source("Declared together", format_money(added.declared, CURRENCY)),
            Source("Largest stated annual amount", format_money(added.largest, CURRENCY)),
        ),
    )
    return Arithmetic(
        replace(declared, formula="Sum of the declared annual opportunities", sources=()),
        largest,
        share,
        added.is_over,
    )
