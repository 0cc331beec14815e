"""Addresses of files that the worker makes."""

from django.urls import path

from packs import views

urlpatterns = [
    path("", views.packs, name="packs"),
    path("new/", views.pack_new, name="pack-new"),
    path("<int:pk>/file/", views.pack_file, name="pack-file"),
]
