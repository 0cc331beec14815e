"""What pages say of actual spend: in which cost basis it is shown."""

from django import template

from cur_ingest.bases import BASIS_WORDS, named

register = template.Library()


register.filter("basis_name", named)


@register.filter
def basis_words(basis: str) -> str:
    """Return a sentence about the basis of all actual spend on a page."""
    return f"Actual spend is {named(basis)}: {BASIS_WORDS[basis]}."
