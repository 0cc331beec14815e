"""Gaps on pages of lower apps, which don't know of gaps."""

from typing import Any

from django import template

from allocation_gaps.answers import ANSWERS
from allocation_gaps.reports import open_for
from allocation_gaps.trying import tried_gaps
from spaces.models import Workload

register = template.Library()


register.simple_tag(tried_gaps)


@register.inclusion_tag("allocation_gaps/answers.html")
def gaps_answered(workload: Workload, page: str) -> dict[str, Any]:
    """Say which open gaps of a workload the form at `page` (the name of its address) answers."""
    kinds = [kind for kind, answer in ANSWERS.items() if answer.page == page]
    return {"answered": open_for(workload, kinds)}
