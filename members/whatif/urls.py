"""Addresses of what tries promotions out, under ``/admin/what-if/``."""

from django.urls import path

from members.whatif.pages import impact, simulating, trying

urlpatterns = [
    path("simulations/<uuid:public_id>/", simulating.simulation, name="whatif-simulation"),
    path("simulations/<uuid:public_id>/stop/", simulating.stop, name="whatif-stop"),
    path("simulations/<uuid:public_id>/<slug:file_format>/", simulating.download, name="whatif-download"),
    path("<str:code>/simulations/", simulating.simulations, name="whatif-simulations"),
    path("<str:code>/try/", trying.try_out, name="whatif-try"),
    path("<str:code>/try/members/", trying.find_member, name="whatif-find"),
    path("<str:code>/impact/", impact.strip, name="whatif-impact"),
]
