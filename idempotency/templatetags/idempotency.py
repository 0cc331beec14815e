"""The hidden field that every form carries beside its CSRF token."""

import secrets

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from valueboard.lib.http import KEY_FIELD

register = template.Library()


@register.simple_tag
def idempotency_key() -> SafeString:
    """Return a hidden field with a key of its own for every rendering of the form.

    Never restored by the browser: Firefox would put the key of the page before a reload into it.
    """
    return format_html(
        '<input type="hidden" name="{}" value="{}" autocomplete="off">',
        KEY_FIELD,
        secrets.token_urlsafe(24),
    )
