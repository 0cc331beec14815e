"""Gaps on pages of lower apps, which don't know of gaps."""

from django import template

from allocation_gaps.trying import tried_gaps

register = template.Library()


register.simple_tag(tried_gaps)
