"""Whose messages are whose; fetch and authorise in one call."""

from django.shortcuts import get_object_or_404

from accounts.models import User
from notices.models import Message


def get_message(user: User, pk: int) -> Message:
    """Return a message of the person's own, or raise 404."""
    return get_object_or_404(Message.objects.visible_to(user), pk=pk)
