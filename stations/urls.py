"""Addresses of the language, of people, of the stations that a field offers, and of one's own views of lists."""

from django.urls import path

from stations.views import language, people, saved

urlpatterns = [
    path("language/", language.language, name="language"),
    path("station-options/", people.station_options, name="station_options"),
    path("views/<slug:page>/", saved.saved_views, name="saved_views"),
    path("views/<slug:page>/save/", saved.save_view, name="save_view"),
    path("views/<int:pk>/remove/", saved.remove_view, name="remove_view"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new_person, name="new_person"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/sign-in-link/", people.sign_in_link, name="sign_in_link"),
]
