"""The board pack: the board, its gaps and its maturity on paper, of exactly what is filtered.

The same page is printed by the worker's Chromium and by a person's own browser. For the worker it
is a file with its sheets and fonts beside it: no session, no network, no scripts.
"""

import re
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.timezone import localtime

from accounts.models import User
from accounts.policy import reads_everything
from allocation_gaps.explain import totals_about as gap_totals_about
from allocation_gaps.gap import Gap
from allocation_gaps.gap_filter import GapFilter
from allocation_gaps.listing import Totals as GapTotals
from allocation_gaps.models import GapKind
from allocation_gaps.reports import open_gaps
from allocation_gaps.states import GapState
from business_cases.figures import CURRENCY
from maturity.formulas import Scored
from maturity.names import Names
from maturity.pages import counted_words, percent_of
from maturity.reports import kept_scores
from maturity.score import Dimension as Ranked
from maturity.score import Measure, Share
from maturity.words import decides_words
from packs import chromium
from packs.actions import NotMadeError
from packs.models import Pack
from positions.explain.totals import named, totals_about
from positions.rows import Row
from positions.totals import Totals, totals
from records.models import Checkpoint
from records.reports import last_checkpoint_words
from valueboard.board.columns import COLUMN_OF
from valueboard.board.movers import Movers
from valueboard.board.page import Board, read_board
from valueboard.board.table import Line, line
from valueboard.lib import formats
from valueboard.lib.as_of import end_of
from valueboard.lib.explained import What
from valueboard.lib.figure import Figure, Note, at_moment
from valueboard.lib.money import format_money, to_cents
from valueboard.lib.months import month_of

SHEETS = ("dist/valueboard.css", "css/pack.css")
FONT = re.compile(r"url\(\"?\.?/?([\w-]+\.woff2)\"?\)")
COLUMNS = tuple(
    COLUMN_OF[key] for key in ("opportunity", "projected", "run_rate", "prospect", "decision")
)
MOST_GAPS = 20
NO_ROOM = "The worker can't write its temporary files: {why}. Make room for it, then ask again."


@dataclass(frozen=True, slots=True)
class Section:
    """The workloads of one Space, with what they come to."""

    path: str
    lines: Sequence[Line]
    totals: Totals


@dataclass(frozen=True, slots=True)
class GapCount:
    """The open gaps of one kind: how many, how many were acted on, and the dollars at stake.

    A workload may have several kinds of gap, so nothing is added up over kinds.
    """

    label: str
    count: int
    actioned: int
    projected: Figure | None
    actual: Figure | None
    actual_note: str


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of the maturity, as it was kept."""

    label: str
    percent: Figure | None
    tier: str
    decides: str
    counted: Sequence[Note]


@dataclass(frozen=True, slots=True)
class Pages:
    """All that the pack prints."""

    board: Board
    movers: Movers | None
    who: str
    at: datetime
    sections: Sequence[Section]
    gaps: Sequence[GapCount]
    oldest: Sequence[Gap]
    dimensions: Sequence[Dimension]
    tier: str
    kept_on: date | None
    checkpoint: str

    @property
    def footer(self) -> str:
        """Return what stands at the foot of every page."""
        return footer_of(self.board.rows.today, self.checkpoint)


def footer_of(day: date, checkpoint: str) -> str:
    """Return what stands at the foot of every page of a pack of a day."""
    return (
        f"{settings.ORGANISATION_NAME}. As of {formats.day(day)}. {checkpoint} "
        "Declared and projected figures are planning figures, not outcomes."
    )


def checkpoint_words() -> str:
    """Say up to which checkpoint the records are covered."""
    last = Checkpoint.objects.order_by("-number").first()
    known = (last.number, last.recorded_at, last.statement) if last else (None, None, None)
    return last_checkpoint_words(*known)


def read_pages(user: User, params: Mapping[str, str], at: datetime) -> Pages:
    """Read what the pack of an address shows to a person; `at` is now.

    Without a day to compare with, movers are those since the end of the month before.
    """
    board = read_board(user, params, at, printed=True)
    if board.comparison is None:
        since = month_of(board.rows.today) - timedelta(days=1)
        query = replace(board.query, compare=since)
        board = read_board(user, QueryDict(query.urlencode()), at, printed=True)
    moment = board.rows.known_at
    every = open_gaps(user, moment)
    gaps = _shown_of(every, board)
    point = kept_scores(board.reader, moment) if reads_everything(user) else None
    names = Names("", at_moment(min(end_of(point.day), moment)) if point else "")
    return Pages(
        board=board,
        movers=board.movers,
        who=user.name,
        at=at,
        sections=_sections(board),
        gaps=_counted(gaps, every, moment),
        oldest=sorted(gaps, key=lambda gap: (gap.since, gap.id))[:MOST_GAPS],
        dimensions=[
            _dimension(point.scores[each], names) for each in Ranked if each in point.scores
        ]
        if point
        else (),
        tier=point.overall.label if point and point.overall else "No data",
        kept_on=point.day if point and point.scores else None,
        checkpoint=checkpoint_words(),
    )


def context_of(pages: Pages, sheets: Sequence[str], footer: str) -> dict[str, Any]:
    """Return what the template prints, with the addresses of the sheets."""
    return {
        "pages": pages,
        "page": pages.board,
        "map": pages.board.map,
        "columns": COLUMNS,
        "sheets": sheets,
        "footer_sheet": footer,
        "currency": CURRENCY,
        "organisation": settings.ORGANISATION_NAME,
        "zone": localtime(pages.at).tzname(),
    }


def footer_sheet(text: str) -> str:
    """Return a sheet that puts a text at the foot of every page."""
    escaped = "".join(
        each if each.isascii() and each.isalnum() else f"\\{ord(each):06x}" for each in text
    )
    return f'@page {{ @bottom-left {{ content: "{escaped}"; }} }}\n'


def pdf_of(pack: Pack) -> bytes:
    """Return the PDF of a pack, as its asker reads the board; raise `NotMadeError`."""
    found = chromium.find(settings.CHROMIUM)
    if not found:
        message = "The worker has no Chromium, so no PDF can be made. Open the pack as a page."
        raise NotMadeError(message)
    try:
        with (
            formats.using(pack.asked_by.locale),
            tempfile.TemporaryDirectory(prefix=chromium.FOLDER) as place,
        ):
            pages = read_pages(pack.asked_by, QueryDict(pack.query), pack.asked_at)
            return chromium.print_page(found, write_page(pages, Path(place)))
    except chromium.NotPrintedError as error:
        raise NotMadeError(str(error)) from error
    except OSError as error:
        raise NotMadeError(NO_ROOM.format(why=error.strerror)) from error


def write_page(pages: Pages, folder: Path) -> Path:
    """Write the pack as a file, with sheets and fonts beside it; return the file."""
    sheets = [_copied(name, folder) for name in SHEETS]
    for font in set(FONT.findall((folder / "valueboard.css").read_text(encoding="utf-8"))):
        _copied(f"dist/{font}", folder)
    footer = folder / "footer.css"
    footer.write_text(footer_sheet(pages.footer), encoding="ascii")
    context = context_of(pages, [sheet.as_uri() for sheet in sheets], footer.as_uri())
    page = folder / "pack.html"
    page.write_text(
        render_to_string("pack/pack.html", context | {"base_url": settings.BASE_URL}),
        encoding="utf-8",
    )
    return page


def _copied(name: str, folder: Path) -> Path:
    source = finders.find(name)
    if source is None:
        message = f"The static file {name} is missing: build the front end."
        raise NotMadeError(message)
    return Path(copyfile(source, folder / Path(name).name))


def _sections(board: Board) -> list[Section]:
    """Return all rows by the path of their Space, in the order of the board within each."""
    tree, found = board.tree, defaultdict[int, list[Row]](list)
    for row in board.rows.rows:
        found[row.space_id].append(row)

    def of_space(space: int) -> Totals:
        query = board.query.figures_of(space=tree.slug(space))
        return named(totals(found[space]), totals_about(query, board.rows.at.asked, own=True))

    return [
        Section(tree.path(space), [line(row, COLUMNS, tree) for row in rows], of_space(space))
        for space, rows in sorted(found.items(), key=lambda item: tree.path(item[0]))
    ]


def _shown_of(every: Sequence[Gap], board: Board) -> list[Gap]:
    """Return the gaps of the rows; unclaimed spend only where nothing is filtered."""
    shown = {row.id for row in board.rows.rows}
    everything = not board.query.filters
    return [gap for gap in every if (gap.workload.pk in shown if gap.workload else everything)]


def _counted(shown: Sequence[Gap], every: Sequence[Gap], moment: datetime) -> list[GapCount]:
    """Count by kind; sums of all gaps of a kind are those of its list, and lead to how made."""
    found = []
    for kind in GapKind:
        gaps = [gap for gap in shown if gap.kind is kind]
        if not gaps:
            continue
        sums = GapTotals.of(gaps)
        if len(gaps) == sum(1 for gap in every if gap.kind is kind):
            query = GapFilter(kinds=frozenset([kind])).query()
            sums = sums.explained(gap_totals_about(query, moment))
        added = [gap for gap in gaps if gap.is_scaled or not gap.workload]
        actual = sums.actual if sums.workloads else sums.unclaimed
        found.append(
            GapCount(
                kind.label,
                len(gaps),
                sum(1 for gap in gaps if gap.state is GapState.ACTIONED),
                sums.projected,
                actual if added else None,
                _months_words(added),
            )
        )
    return found


def _months_words(gaps: Sequence[Gap]) -> str:
    """Say over which months a sum is: a run-rate of a year, or what was spent since a month."""
    if len(notes := {gap.rate_note for gap in gaps}) <= 1:
        return "".join(notes)
    return "a year, each from its closed months"


def _dimension(scored: Scored, names: Names) -> Dimension:
    return Dimension(
        scored.dimension.label,
        names.name(percent_of(scored), What.MATURITY, scored.dimension),
        scored.tier.label if scored.tier else "No data",
        decides_words(scored),
        [
            _counted_words(measure, share, names)
            for measure, share in scored.shares.items()
            if not measure.is_beside
        ],
    )


def _counted_words(measure: Measure, share: Share, names: Names) -> Note:
    if not measure.is_money:
        return Note(counted_words(measure, share))
    part, whole = (format_money(to_cents(each), CURRENCY, 2) for each in (share.part, share.whole))
    return Note(f"{part} of {whole}, actual", names.made(What.MATURITY_SHARE, measure))
