"""Addresses of the ledger's own pages, below /admin/ledger/."""

from django.urls import path

from members.ledger import pages

urlpatterns = [
    path("proof/", pages.proof, name="ledger-proof"),
    path("wallets/<int:wallet_id>/release/", pages.release, name="ledger-release"),
]
