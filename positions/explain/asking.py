"""What is asked of a workload: which figure, of which versions, at which moment."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NoReturn

from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import User
from approvals.access import get_workload_to_read
from business_cases.case import CaseTerms
from business_cases.comparison import Side, current_side, named_side
from business_cases.figure_names import Subject, side_of, workload_about, year_of
from business_cases.models import CaseSnapshot, EstimateSnapshot
from business_cases.projection import Schedule
from business_cases.reports import standing_of
from business_cases.standing import CaseVersion, EstimateVersion, Mark, Standing
from positions.explain.formulas import FORMULAS
from records.references import page_of
from spaces.models import Workload
from spaces.reports import workload_at
from valueboard.lib.explained import Explanation, Given, RecordRef, Rows_, UnexplainedError, What
from valueboard.lib.figure import About, Figure, Made


@dataclass(frozen=True, slots=True)
class Asked:
    """One figure of one workload at one moment, for one person."""

    user: User
    made: Made
    subject: Subject
    workload: Workload
    standing: Standing
    known_at: datetime
    page: int = 1

    @property
    def today(self) -> date:
        """Return the day of the moment, where the organisation is."""
        return localdate(self.known_at)

    @property
    def whole(self) -> About:
        """Return what names the figures of the whole workload."""
        return workload_about(self.workload.slug, self.made.at)

    @property
    def side(self) -> Side:
        """Return the estimate and the case that the figure is of."""
        subject, standing = self.subject, self.standing
        if subject.estimate is None:
            side = current_side(standing)
        else:
            side = named_side(standing, "", subject.estimate, None)
            if side.estimate is None:
                raise UnexplainedError(self.made.of)
        if subject.case is None:
            return replace(side, case=standing.case)
        case = next((c for c in standing.cases if c.mark.version == subject.case), None)
        if subject.case and case is None:
            raise UnexplainedError(self.made.of)
        return replace(side, case=case)

    @property
    def about(self) -> About:
        """Return what names the figures of the same versions, of the same year if it is of one."""
        side = self.side
        about = side_of(self.whole, side.estimate, side.case)
        year = self.subject.year
        return about if year is None else year_of(about, year)

    @property
    def schedule(self) -> Schedule:
        """Return the schedule of the estimate; there is one, or nothing to explain."""
        return self.side.schedule or _nothing(self)

    @property
    def estimate(self) -> EstimateVersion:
        """Return the estimate."""
        return self.side.estimate or _nothing(self)

    @property
    def case(self) -> CaseVersion:
        """Return the case that was declared, not retracted."""
        case = self.side.case
        return case if case and case.terms else _nothing(self)

    @property
    def terms(self) -> CaseTerms:
        """Return what was declared."""
        return self.case.terms or _nothing(self)

    @property
    def day(self) -> date:
        """Return the month or the day that the figure is of."""
        return self.subject.day or _nothing(self)

    def other(self, subject: Subject) -> "Asked":
        """Return the same question of another subject of this workload."""
        made = replace(self.made, what=str(subject.changed or self.made.what))
        return replace(self, subject=subject, made=made)

    def url(self, what: What, about: About) -> str:
        """Return the page that explains another figure of this workload."""
        made = about.made(what)
        return f"{reverse('figure')}?{made.query}" if made else ""

    def explanation(
        self,
        formula: str,
        figure: Figure | None,
        title: str,
        inputs: tuple[Given | Rows_, ...],
        *,
        equation: str = "",
        notes: tuple[str, ...] = (),
    ) -> Explanation:
        """Return the explanation; there is a figure, or nothing to explain."""
        shown = figure or _nothing(self)
        return Explanation(
            self.made,
            shown,
            title,
            formula,
            FORMULAS[formula],
            inputs,
            self.today,
            self.known_at,
            equation,
            (self.workload.name, self.workload.get_absolute_url()),
            tuple(filter(None, notes)),
        )

    def record_of(self, version: EstimateVersion | CaseVersion) -> RecordRef:
        """Return the frozen record of a version."""
        is_estimate = isinstance(version, EstimateVersion)
        return self.record(
            "Estimate" if is_estimate else "Business case",
            (EstimateSnapshot if is_estimate else CaseSnapshot)._meta.db_table,
            version.mark,
        )

    def record(self, what: str, table: str, mark: Mark) -> RecordRef:
        """Return a frozen record of this workload by its table and mark."""
        return RecordRef(
            what,
            mark.version,
            mark.recorded_at,
            mark.recorded_by,
            mark.hash,
            page_of(self.workload.slug, table, mark.id),
        )


def ask(user: User, made: Made, subject: Subject, known_at: datetime, page: int) -> Asked:
    """Read what a figure is of, as far as the person reads it (404 otherwise)."""
    now = get_workload_to_read(user, subject.slug)
    then = workload_at(now, known_at)
    if then is None:
        raise UnexplainedError(made.of)
    return Asked(user, made, subject, then, standing_of(now.pk, known_at), known_at, page)


def _nothing(asked: Asked) -> NoReturn:
    raise UnexplainedError(asked.made.query)
