"""What every page says of checkpoints: an alarm to whom it concerns."""

from django import template

from accounts.models import User
from records.access import hears_alarms
from records.reports import known_alarm

register = template.Library()


@register.simple_tag(takes_context=True)
def records_alarm(context: template.Context) -> str:
    """Return what is wrong with the records, for those whom it concerns; one query for them."""
    user = context.get("user")
    return known_alarm() if isinstance(user, User) and hears_alarms(user) else ""
