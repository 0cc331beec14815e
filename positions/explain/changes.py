"""How a difference between two versions is made: the two figures, each with its own panel."""

from collections.abc import Callable

from business_cases.figure_names import change_of, side_of
from positions.explain.asking import Asked
from valueboard.lib.explained import Explanation, Given, UnexplainedError, What
from valueboard.lib.figure import Figure
from valueboard.lib.figure import change as changed


def change(asked: Asked, explain: Callable[[Asked], Explanation]) -> Explanation:
    """Explain by how much one figure changed; `explain` explains the figure on either side.

    Where the value type changed there is no difference, and nothing to explain.
    """
    before, after, what = asked.subject, asked.subject.after, asked.subject.changed
    if after is None or what in {None, What.CHANGE}:
        raise UnexplainedError(asked.made.of)
    sides = [asked.other(before), asked.other(after)]
    explained = [explain(side) for side in sides]
    was, now = (_typed(side, each.figure) for side, each in zip(sides, explained, strict=True))
    figure = changed(was, now)
    wanted = What(what)
    of_before, of_after = names = [
        side_of(asked.whole, side.side.estimate, side.side.case) for side in sides
    ]
    return asked.explanation(
        "difference@1",
        figure and figure.explained_as(change_of(of_before, of_after, wanted).made(What.CHANGE)),
        f"Change: {explained[0].title}",
        tuple(
            Given(symbol, label, each.amount, each.unit, each.kind,
                  url=side.url(wanted, name))
            for symbol, label, each, side, name in zip(
                ("b", "a"), ("Before", "After"), (was, now), sides, names, strict=True
            )
        ),
    )  # fmt: skip


def _typed(asked: Asked, figure: Figure) -> Figure:
    """Return a score with the value type of its dollars, so that unlike ones are not compared."""
    case = asked.side.terms
    return figure.of_type(case.value_type) if figure.unit == "×" and case else figure
