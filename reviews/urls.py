"""Addresses of budget reviews."""

from django.urls import path

from reviews import views

urlpatterns = [
    path("", views.reviews, name="reviews"),
    path("new/", views.review_new, name="review-new"),
    path("<int:pk>/", views.review, name="review"),
    path("<int:pk>/edit/", views.review_edit, name="review-edit"),
    path("<int:pk>/workloads/<slug:slug>/", views.review_workload, name="review-workload"),
    path("<int:pk>/close/", views.review_close, name="review-close"),
]
