"""What pages say of actual spend: in which cost basis it is shown."""

from datetime import datetime

from django import template

from cur_ingest.bases import BASIS_WORDS, named
from cur_ingest.reports import chosen_basis

register = template.Library()


register.filter("basis_name", named)


@register.simple_tag
def cost_basis(known_at: datetime) -> str:
    """Return a sentence about the basis of all actual spend on a page; one query."""
    basis = chosen_basis(known_at)
    return f"Actual spend is {named(basis)}: {BASIS_WORDS[basis]}."
