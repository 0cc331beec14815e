"""How loads are shown."""

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.defaultfilters import filesizeformat

from cur_ingest.delivered import percent_of
from cur_ingest.models import Load

register = template.Library()
TONES = {
    Load.State.LOADED: "done",
    Load.State.UNCHANGED: "done",
    Load.State.RUNNING: "accent",
    Load.State.NEEDS_RATE: "warning",
    Load.State.REFUSED: "warning",
    Load.State.FAILED: "error",
}


@register.filter
def load_tone(state: str) -> str:
    """Return the tone of a state's mark."""
    return TONES.get(Load.State(state), "")


@register.filter
def load_percent(load: Load) -> int:
    """Return how much of the files is here, 0 to 100."""
    return percent_of(load)


@register.filter
def load_words(load: Load) -> str:
    """Say how far a load is."""
    size, whole = filesizeformat(load.bytes_done), filesizeformat(load.bytes)
    return (
        f"{load.files_done} of {load.files} files, {size} of {whole}, "
        f"{intcomma(load.rows_done)} rows"
    )


@register.filter
def basis_name(basis: str) -> str:
    """Return a basis in words: net unblended."""
    return basis.replace("_", " ")
