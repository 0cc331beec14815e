"""Filters that the components in `templates/components/` are built from."""

from collections.abc import Mapping

from django import template
from django.forms import BoundField, CheckboxInput, Select
from django.utils.safestring import SafeString

from valueboard.lib.palette import LOOK_OF, Look

register = template.Library()


@register.filter
def look(band: str) -> Look:
    """Return how a band looks: its key, names, glyph and colours."""
    return LOOK_OF[str(band)]


@register.filter
def item(mapping: Mapping[object, object] | str | None, key: object) -> object:
    """Return what `mapping` holds for `key`; a missing mapping holds nothing."""
    return mapping.get(key) if isinstance(mapping, Mapping) else None


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Tell whether the label belongs beside the control instead of above it."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def control(field: BoundField) -> SafeString:
    """Render the control of a field in the look of the product.

    Placeholders are left out: they vanish while one types, which is when a hint is needed.
    """
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        look_class = "form-check-input"
    elif isinstance(widget, Select):
        look_class = "form-select"
    elif widget.attrs.get("inputmode") == "decimal":
        look_class = "form-control num"
    else:
        look_class = "form-control"
    own = widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{look_class} {own}".strip(), "placeholder": False})
