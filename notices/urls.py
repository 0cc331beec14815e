"""Addresses of the inbox and of undelivered mail."""

from django.urls import path

from notices import views

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read/", views.inbox_read, name="inbox-read"),
    path("inbox/<int:pk>/open/", views.message_open, name="message-open"),
    path("inbox/<int:pk>/read/", views.message_read, name="message-read"),
    path("mail/undelivered/", views.undelivered, name="undelivered"),
    path("mail/undelivered/again/", views.undelivered_again, name="undelivered-again"),
]
