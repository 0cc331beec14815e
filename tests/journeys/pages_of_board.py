"""The Value Board down the tree, of two days, with every column, in vain, and misunderstood."""

from positions.query import COLUMNS
from spaces.models import Workload
from tests.cast import Cast


def full(cast: Cast, workload: Workload) -> dict[str, list[str]]:
    every = ",".join(COLUMNS)
    return {
        "felix": [
            f"/?space=commerce&lens=actual&compare=2026-10-01&columns={every}",
            "/?q=nothing+of+that+name&compare=2031-01-01",
        ]
    }
