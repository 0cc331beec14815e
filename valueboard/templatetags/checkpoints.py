"""What every page says of checkpoints: an alarm to whom it concerns, the last one on paper."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from records.access import hears_alarms
from records.models import Checkpoint
from records.reports import known_alarm
from records.verifier import sha256

register = template.Library()


@register.simple_tag(takes_context=True)
def records_alarm(context: template.Context) -> str:
    """Return what is wrong with the records, for those whom it concerns; one query for them."""
    user = context.get("user")
    return known_alarm() if isinstance(user, User) and hears_alarms(user) else ""


@register.simple_tag
def last_checkpoint() -> SafeString | str:
    """Return number, date and digest of the last checkpoint; one query."""
    found = (
        Checkpoint.objects.order_by("-number").values_list("number", "recorded_at", "statement")
    ).first()
    if not found:
        return "No checkpoint covers these records yet."
    number, taken, statement = found
    words = "Records up to checkpoint {} of {}, {}…"
    return format_html(words, number, f"{taken:%Y-%m-%d %H:%M} UTC", sha256(statement)[:16])
