"""What the texts of messages need."""

from django import template

from notices.letter import one_line

register = template.Library()
NAME_LENGTH = 200


@register.filter
def line(value: object) -> str:
    """Print a name on one line, whatever is in it: it must not pass for words of the mail."""
    return one_line(str(value), NAME_LENGTH)
