"""Which gaps an address asks for: filters, groups, the date."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from allocation_gaps.models import GapKind
from allocation_gaps.states import OPEN, GapState
from business_cases.figures import CURRENCY
from valueboard.lib.money import NotANumberError, format_money, parse_money

if TYPE_CHECKING:
    from allocation_gaps.gap import Gap

GROUPS = {"kind": "Kind", "space": "Space", "owner": "Owner", "age": "Age"}
MINE, NOBODY = "me", "none"
LONGEST = 200


@dataclass(frozen=True, slots=True)
class GapFilter:
    """What is asked for; empty leaves all. `space_ids` are those of `space` and below.

    `older` is an age in days, `above` an amount that is at stake, `assigned` an id of a person.
    """

    kinds: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    space: str = ""
    owner: int | None = None
    assigned: str = ""
    text: str = ""
    older: int | None = None
    above: Decimal | None = None
    group: str = "kind"
    as_of: date | None = None
    space_ids: frozenset[int] = field(default=frozenset(), compare=False)

    def leaves(self, gap: "Gap") -> bool:
        """Tell whether the filter leaves a gap."""
        workload = gap.workload
        given = gap.acts.assigned.assignee_id if gap.acts.assigned else None
        return (
            (not self.kinds or gap.kind in self.kinds)
            and gap.state in (self.states or frozenset(OPEN))
            and (not self.space or (workload is not None and workload.space_id in self.space_ids))
            and (self.owner is None or (workload is not None and workload.owner_id == self.owner))
            and (not self.assigned or str(given or NOBODY) == self.assigned)
            and (not self.text or self.text.casefold() in _words(gap))
            and (self.older is None or gap.age > self.older)
            and (self.above is None or max(gap.amounts) > self.above)
        )

    def query(self, **changes: object) -> str:
        """Return the canonical query of an address: fixed order, without what is the default."""
        one = replace(self, **changes)  # type: ignore[arg-type]
        said: dict[str, object] = {
            "kind": [kind for kind in GapKind.values if kind in one.kinds],
            "state": [state.value for state in GapState if state in one.states],
            "space": one.space,
            "owner": one.owner,
            "assigned": one.assigned,
            "q": one.text,
            "older": one.older,
            "above": None if one.above is None else f"{one.above:f}",
            "group": "" if one.group == "kind" else one.group,
            "as_of": one.as_of,
        }
        return urlencode({name: v for name, v in said.items() if v or v == 0}, doseq=True)


def _words(gap: "Gap") -> str:
    workload = gap.workload
    about = (workload.space.name, workload.owner.name) if workload else ()
    return " ".join((gap.name, gap.detail, *about)).casefold()


def read_filter(asked: Mapping[str, list[str]], me: int) -> tuple[GapFilter, list[str]]:
    """Read the parameters of an address; return with it what could not be read, in words.

    `me` is the id of the reader, who is meant by "me". Spaces and dates are the caller's.
    """
    wrong: list[str] = []

    def one(name: str) -> str:
        return (asked.get(name) or [""])[-1].strip()[:LONGEST]

    def among(name: str, known: list[str]) -> frozenset[str]:
        given = [text for text in asked.get(name, []) if text]
        unknown = [text for text in given if text not in known]
        wrong.extend(f"“{text[:LONGEST]}” is no {name} of a gap." for text in unknown)
        return frozenset(given) - frozenset(unknown)

    def number(name: str) -> int | None:
        text = one(name)
        if not text:
            return None
        if not text.isdecimal() or len(text) > len("9999999999"):
            wrong.append(f"“{text}” is no number for “{name}”.")
            return None
        return int(text)

    above = None
    if text := one("above"):
        try:
            above = parse_money(text, CURRENCY)
        except NotANumberError as error:
            wrong.append(str(error))
    assigned = one("assigned")
    group = one("group") or "kind"
    if group not in GROUPS:
        wrong.append(f"“{group}” is no way to group gaps.")
        group = "kind"
    if assigned not in {"", MINE, NOBODY} and not assigned.isdecimal():
        wrong.append(f"“{assigned}” is nobody.")
        assigned = ""
    found = GapFilter(
        kinds=among("kind", GapKind.values),
        states=among("state", [state.value for state in GapState]),
        space=one("space"),
        owner=number("owner"),
        assigned=str(me) if assigned == MINE else assigned,
        text=one("q"),
        older=number("older"),
        above=above,
        group=group,
    )
    return found, wrong


def words_of(
    asked: GapFilter, spaces: Mapping[str, str], people: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return the filters in words, for files: label and value."""
    said = [
        ("Kind", ", ".join(GapKind(kind).label for kind in sorted(asked.kinds))),
        ("State", ", ".join(GapState(state).label for state in sorted(asked.states))),
        ("Space", spaces.get(asked.space, asked.space)),
        ("Owner", people.get(str(asked.owner), "") if asked.owner else ""),
        (
            "Assigned to",
            "nobody" if asked.assigned == NOBODY else people.get(asked.assigned, asked.assigned),
        ),
        ("Text", asked.text),
        ("Older than", f"{asked.older} days" if asked.older is not None else ""),
        ("Above", format_money(asked.above, CURRENCY) if asked.above is not None else ""),
    ]
    return [(label, value) for label, value in said if value]
