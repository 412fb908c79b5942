"""Addresses of people, and of the stations that a field offers."""

from django.urls import path

from stations import views

urlpatterns = [
    path("station-options/", views.station_options, name="station_options"),
    path("people/", views.people, name="people"),
    path("people/new/", views.new_person, name="new_person"),
    path("people/<int:pk>/", views.person, name="person"),
    path("people/<int:pk>/sign-in-link/", views.sign_in_link, name="sign_in_link"),
]
