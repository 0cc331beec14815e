"""Addresses of budget reviews."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
